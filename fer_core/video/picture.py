"""A file's thumbnail, single frames of a film, and the digest by which a file is recognised."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from fer_core.errors import SettingsError, VideoError
from fer_core.files import sha256_of_file
from fer_core.types import Bytes
from fer_core.video.convert import Converter, orientation, upright_size
from fer_core.video.decoder import Decoder
from fer_core.video.probe import pixel_aspect
from fer_core.video.source import Source, open_source

#: Films often fade in from black: so far we look for a frame that shows something.
_LOOK_MS = 3000
_PLAIN = 12.0  # standard deviation of brightness below which a frame shows nothing


def thumbnail(path: str | Path, width: int = 160) -> bytes:
    """A JPEG of the first frame, sampled twice a second, that is not plain."""
    if not 16 <= width <= 4096:
        raise SettingsError(f"A thumbnail cannot be {width} pixels wide.", "Give 16 to 4096.")
    chosen = None
    # Twice the width, so that an upright film too is scaled down and not up.
    with Decoder(path, long_side=2 * width, fps=2) as decoder:
        for frame in decoder:
            chosen = frame.rgb if chosen is None else chosen
            if frame.rgb.std() > _PLAIN:
                chosen = frame.rgb
                break
            if frame.t_ms >= _LOOK_MS:
                break
    if chosen is None:
        raise VideoError(f"{Path(path).name}: no picture in it can be decoded.")
    return _jpeg(path, chosen, width)


def still(path: str | Path, t_ms: int, width: int = 160) -> bytes:
    """A JPEG of the frame that a film shows at a moment; past its end, of its last.

    It seeks to the key frame before and decodes from there: a late frame costs no more than an
    early one.
    """
    path = Path(path)
    source = open_source(path, threads=1)
    try:
        frames = _frames(source, t_ms)
        found = next(frames, None)
        if found is None:
            raise VideoError(f"{path.name}: no picture in it can be decoded.")
        for frame in frames:
            found = frame
        upright = orientation(found, path if source.is_picture else None)
        aspect = pixel_aspect(source)
        convert = Converter(upright_size(found, aspect, upright), aspect, upright, 2 * width)
        rgb, _ = convert(found)
    except av.error.FFmpegError as error:
        raise VideoError(f"{path.name}: no picture at {t_ms} ms can be decoded.") from error
    finally:
        source.container.close()
    return _jpeg(path, rgb, width)


def _frames(source: Source, t_ms: int) -> Iterator[VideoFrame]:
    """The frames from the key frame before a moment up to the moment, the last one shown then."""
    stream = source.stream
    begin = stream.start_time or 0
    base = stream.time_base
    if base is None or source.is_picture:
        yield from itertools.islice(source.container.decode(stream), 1)
        return
    wanted = begin + int(t_ms / 1000 / base)
    source.container.seek(wanted, stream=stream)
    first = True
    for frame in source.container.decode(stream):
        if not first and frame.pts is not None and frame.pts > wanted:
            return
        first = False
        yield frame


def _jpeg(path: str | Path, picture: Bytes, width: int) -> bytes:
    """The picture, no wider than asked, as JPEG."""
    height, own = picture.shape[:2]
    if own > width:
        size = (width, max(1, round(height * width / own)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    done, jpeg = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])
    if not done:
        raise VideoError(f"{Path(path).name}: its picture cannot be written.")
    return jpeg.tobytes()


def digest(path: str | Path) -> str:
    """The whole content's fingerprint: two files are the same if theirs are.

    Memory stays flat. A gigabyte takes a second or two, less than its upload did.
    """
    path = Path(path)
    try:
        # the same sum as uploads get while they arrive: one film, one fingerprint
        return sha256_of_file(path)
    except OSError as error:
        raise VideoError(
            f"{path.name} cannot be read ({error.strerror}).", "Check the name and who may read it."
        ) from error
