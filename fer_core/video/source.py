"""Opens a video or picture file, with one clear error line where FFmpeg cannot."""

from __future__ import annotations

import os
import stat
import zlib
from pathlib import Path
from typing import NamedTuple

import av
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from fer_core.errors import VideoError

#: Larger sides are more likely a damaged header than a picture, and one frame of them
#: would take more memory than the whole analysis may.
MAX_SIDE = 16384
MAX_PIXELS = 50_000_000  # phones make photographs of 48 million; a film in 8K has 33
#: One decoded picture: a 16-bit PNG takes eight bytes a pixel where a JPEG takes one and a half.
MAX_PICTURE_BYTES = 256 * 2**20
#: What a PNG's packed texts and colour profile may unpack to.
MAX_PNG_TEXT_BYTES = 16 * 2**20

#: Formats that name other files or draw text. A person who drops a playlist must not
#: make us read whatever path stands in it.
_REFUSED_FORMATS = frozenset({"hls", "concat", "dash", "tty", "lavfi", "sdp", "rtsp", "imf"})
_PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"\xef\xbb\xbf#EXTM3U", b"v=0\n", b"v=0\r")

#: Nothing that stands in a file may make FFmpeg reach for the network, and "%03d" in a
#: picture's name is part of the name, not a numbered series.
_OPTIONS = {"protocol_whitelist": "file", "pattern_type": "none"}

_HINT_DAMAGED = (
    "Check that the copy or download finished and that the file plays in a video player."
)


class Source(NamedTuple):
    """An open file, and the stream in it that is the film or the picture."""

    container: InputContainer
    stream: VideoStream
    is_picture: bool


def open_source(path: str | Path, *, threads: int) -> Source:
    """Open a file's main video stream. The caller closes ``container``."""
    path = Path(path)
    _check_file(path)
    try:
        container = av.open(
            _address(path),
            options=_OPTIONS,
            metadata_errors="replace",
        )
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise VideoError(
            f"{path.name}: not a video or picture that can be read ({_reason(error)}).",
            _HINT_DAMAGED,
        ) from error
    try:
        return _choose(container, path, threads)
    except BaseException:
        container.close()
        raise


def check_size(name: str, width: int, height: int) -> None:
    """Refuse pictures whose size is unknown or beyond what memory takes."""
    if width < 1 or height < 1:
        raise VideoError(f"{name}: the picture's size is unknown.", _HINT_DAMAGED)
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise VideoError(
            f"{name}: pictures of {width}×{height} pixels are too large.",
            f"The limit is {MAX_PIXELS // 1_000_000} million pixels and {MAX_SIDE} pixels a side; "
            "make a smaller copy.",
        )


def _check_bytes(name: str, context: VideoCodecContext) -> None:
    """Refuse pictures that take too much memory decoded, for their depth."""
    bits = context.format.padded_bits_per_pixel if context.format is not None else 32
    if context.width * context.height * bits / 8 > MAX_PICTURE_BYTES:
        raise VideoError(
            f"{name}: pictures of {context.width}×{context.height} pixels in {bits} bits are too "
            "large.",
            "Save a copy with 8 bits a channel, or a smaller one.",
        )


def _check_png(path: Path) -> None:
    """Refuse a PNG whose packed texts or profile unpack to more than any picture has."""
    unpacked = 0
    with path.open("rb") as file:
        file.seek(8)
        while len(head := file.read(8)) == 8:
            length, kind = int.from_bytes(head[:4]), head[4:]
            if kind in (b"iCCP", b"zTXt", b"iTXt"):
                packed = file.read(min(length, MAX_PNG_TEXT_BYTES))
                unpacked += max(length, _unpacks_to(packed))
                file.seek(length - len(packed) + 4, os.SEEK_CUR)
            else:
                file.seek(length + 4, os.SEEK_CUR)
            if unpacked > MAX_PNG_TEXT_BYTES:
                raise VideoError(
                    f"{path.name} carries a text or colour profile that is larger than a picture.",
                    "Save a copy without it.",
                )
            if kind in (b"IDAT", b"IEND"):
                return


def _unpacks_to(packed: bytes) -> int:
    """The length of the zlib stream somewhere in a chunk, as far as the limit."""
    longest = 0
    for start in (at for at in range(min(len(packed), 200)) if packed[at : at + 1] == b"x"):
        unpack = zlib.decompressobj()
        try:
            longest = max(longest, len(unpack.decompress(packed[start:], MAX_PNG_TEXT_BYTES + 1)))
        except zlib.error:
            continue
    return longest


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise VideoError(f"{path.name or path} is a folder.", "Name the video files in it.")
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would hold us until somebody writes
            raise VideoError(f"{path.name} is a pipe or a device.", "Save it to a file first.")
        size = found.st_size
        with path.open("rb") as file:
            head = file.read(16)
    except FileNotFoundError as error:
        raise VideoError(f"There is no file {path}.", "Check the name and the folder.") from error
    except (OSError, ValueError) as error:
        raise VideoError(
            f"{path.name} cannot be read ({_reason(error)}).", "Check who may read the file."
        ) from error
    if size == 0:
        raise VideoError(f"{path.name} is empty.", "Copy or record it again.")
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        _check_png(path)
    if head.startswith(_PLAYLISTS):
        raise VideoError(
            f"{path.name} is a list of other files, not a video.",
            "Name the video files themselves.",
        )


def _address(path: Path) -> str:
    # "file:" keeps a name such as a:b.mp4 from being read as a protocol.
    return "file:" + os.fspath(path)


def _choose(container: InputContainer, path: Path, threads: int) -> Source:
    name = path.name
    formats = set(container.format.name.split(","))
    if formats & _REFUSED_FORMATS:
        raise VideoError(
            f"{name} holds text or a list, not a video.", "Name the video file itself."
        )
    films = [
        stream for stream in container.streams.video if not _is_cover(stream) and _decodable(stream)
    ]
    if not films:
        if container.streams.video and not any(_decodable(s) for s in container.streams.video):
            raise VideoError(
                f"{name}: its video is of a kind this FFmpeg cannot decode.",
                "Convert it to MP4 (H.264).",
            )
        kind = "only sound" if container.streams.audio else "no video"
        raise VideoError(f"{name} holds {kind}.", "Choose a file with pictures of the audience.")
    brand = str(container.metadata.get("major_brand", ""))
    if brand.startswith(("heic", "heix", "mif1")) and len(films) > 1:
        raise VideoError(
            f"{name} is a photograph stored in tiles, which cannot be read yet.",
            "Save it as JPEG or PNG.",
        )
    best = container.streams.best("video")
    stream = next((film for film in films if film is best), films[0])
    context = stream.codec_context
    check_size(name, context.width, context.height)
    _check_bytes(name, context)
    stream.thread_type = "AUTO"
    context.thread_count = threads
    is_picture = bool(formats & {"image2"}) or any(f.endswith("_pipe") for f in formats)
    is_picture = is_picture or (brand == "avif" and stream.frames <= 1)
    return Source(container, stream, is_picture)


def _is_cover(stream: VideoStream) -> bool:
    """A song's cover is a video stream to FFmpeg."""
    return bool(stream.disposition & stream.disposition.attached_pic)


def _decodable(stream: VideoStream) -> bool:
    # FFmpeg found no decoder for the stream: PyAV has no codec context then.
    return stream.codec_context is not None


def _reason(error: BaseException) -> str:
    if isinstance(error, av.error.InvalidDataError):
        return "its content is damaged or of another kind"
    text = getattr(error, "strerror", None) or str(error)
    return str(text).splitlines()[0] if text else type(error).__name__
