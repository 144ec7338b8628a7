"""Pictures from a camera, a network stream or a file, read without a browser.

A camera and a stream give what is newest; a file is played at its own speed, so that it
stands for a camera. A stream that breaks off is opened again, with growing patience.
"""

from __future__ import annotations

import logging
import math
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from fer_core.errors import RaptError, VideoError
from fer_core.live.canvas import LONG_SIDE
from fer_core.live.session import LiveSession
from fer_core.types import Bytes
from fer_core.video import Decoder

log = logging.getLogger(__name__)

OPEN_S: Final = 10.0
READ_S: Final = 5.0
#: Seconds between two attempts to open a stream again; the last one stays.
AGAIN_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
_SCHEMES: Final = ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "udp", "tcp", "srt")
_DEVICES: Final = {"linux": "v4l2", "darwin": "avfoundation"}


@dataclass(frozen=True, slots=True)
class LiveSource:
    """Where pictures come from: ``kind`` is camera, stream or file."""

    kind: str
    address: str

    @classmethod
    def parse(cls, text: str) -> LiveSource:
        """A camera's number or device, an address, or a file. VideoError where it is none."""
        if re.fullmatch(r"\d{1,3}", text):
            device = text if sys.platform == "darwin" else f"/dev/video{text}"
            return cls("camera", device)
        if text.startswith("/dev/video"):
            return cls("camera", text)
        scheme = text.split("://", 1)[0].lower() if "://" in text else ""
        if scheme in _SCHEMES:
            return cls("stream", text)
        if scheme and scheme != "file":
            raise VideoError(
                f"{scheme}:// is no kind of stream that can be read.",
                f"Use {', '.join(_SCHEMES)}, a file or a camera's number.",
            )
        path = Path(text.removeprefix("file://")).expanduser()
        if not path.exists():
            raise VideoError(
                f"There is no file {path}.",
                "Give a file, a camera's number such as 0, or an address such as rtsp://….",
            )
        return cls("file", str(path.resolve()))

    @property
    def shown(self) -> str:
        """What the session keeps of it: an address without user, password and query."""
        if self.kind != "stream":
            return self.address
        parts = urlsplit(self.address)
        host = parts.hostname or ""
        host = f"[{host}]" if ":" in host else host
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{host}{port}{parts.path}"

    @property
    def name(self) -> str:
        """What a session from here is called where nobody says otherwise."""
        if self.kind == "camera":
            return f"Camera {re.sub(r'.*/video', '', self.address)}"
        if self.kind == "stream":
            return f"Stream {urlsplit(self.address).hostname or ''}".strip()
        return Path(self.address).stem


@dataclass(frozen=True, slots=True)
class Playing:
    """How a source is read."""

    fps: float | None = None  # pictures a second that are wanted; files convert no others
    fast: bool = False  # a file: every wanted picture, as fast as they are analysed
    loop: bool = False  # a file: from the start again at its end
    seconds: float | None = None  # of a file's own time; else of time in the room
    patience_s: float = 300.0  # a stream: without a picture for so long, it is given up


class Feed:
    """Feeds a session from a source, in a thread of its own, until it ends or is stopped."""

    def __init__(self, source: LiveSource, session: LiveSession, playing: Playing) -> None:
        self.source = source
        self.playing = playing
        self.reconnects = 0
        self.trouble = ""  # what is the matter at present, for whoever waits
        self.error: RaptError | None = None
        self._session = session
        self._begun = self._heard = 0.0  # when reading began, when the last picture came
        self._stop = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live-feed", daemon=True)

    def start(self) -> None:
        """Start reading the source, in a thread of its own."""
        self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Whether the source is at its end; waits so long for it."""
        return self._over.wait(timeout_s)

    def stop(self) -> None:
        """Ask it to end, and wait a little: a read that hangs is left behind."""
        self._stop.set()
        self._thread.join(READ_S + 1)

    def _run(self) -> None:
        try:
            if self.source.kind == "file":
                self._play()
            else:
                self._follow(
                    self._open_camera if self.source.kind == "camera" else self._open_stream
                )
        except RaptError as error:
            self.error = error
        except Exception as error:
            log.exception("Reading %s failed", self.source.shown)
            self.error = VideoError(f"Unexpected {type(error).__name__}: {error}")
        finally:
            self._over.set()

    # -- files ------------------------------------------------------------------------

    def _play(self) -> None:
        begun, shift, longest = time.monotonic(), 0, 0
        while not self._stop.is_set():
            with Decoder(self.source.address, long_side=_at_most, fps=self.playing.fps) as decoder:
                for frame in decoder:
                    t_ms = shift + frame.t_ms
                    if self._stop.is_set() or self._enough(t_ms):
                        return
                    if not self._give_in_time(frame.rgb, t_ms, begun + t_ms / 1000):
                        return
                longest = max(decoder.info.duration_ms, decoder.report.last_t_ms + 1)
                if decoder.info.is_picture or not decoder.report.decoded:
                    return
            if not self.playing.loop:
                return
            shift += longest

    def _give_in_time(self, rgb: Bytes, t_ms: int, due: float) -> bool:
        """Offer a file's picture when it is due; False where the feed was stopped meanwhile."""
        if not self.playing.fast:
            if self._stop.wait(max(0.0, due - time.monotonic())):
                return False
            self._session.offer(rgb, t_ms)
            return True
        self._session.offer(rgb, t_ms)
        while not self._session.wait_taken(1.0):
            if self._stop.is_set():
                return False
        return True

    # -- cameras and streams ----------------------------------------------------------

    def _follow(self, open_source: Callable[[], InputContainer]) -> None:
        """Read a camera or stream; open it again whenever it breaks off."""
        self._begun = self._heard = time.monotonic()
        attempt = 0
        while True:
            called = time.monotonic()
            try:
                over = self._read(open_source)
                self.trouble = "the stream ended"
            except VideoError as error:
                over = False
                self.trouble = error.message.removeprefix(self.source.shown).strip(" .")
            if over or self._stop.is_set() or self._enough(self._since_begun()):
                return
            attempt = 0 if self._heard > called else attempt
            if time.monotonic() - self._heard > self.playing.patience_s:
                raise VideoError(
                    f"{self.source.shown} gave no picture for {self.playing.patience_s:.0f} s "
                    f"({self.trouble}).",
                    "Check the address and the camera, then start again.",
                )
            log.info("%s %s; trying again", self.source.shown, self.trouble)
            self._stop.wait(AGAIN_S[min(attempt, len(AGAIN_S) - 1)])
            attempt += 1
            self.reconnects += 1

    def _read(self, open_source: Callable[[], InputContainer]) -> bool:
        """Offer pictures until there are no more; whether that was all of it."""
        next_due, step_s = -math.inf, 1 / self.playing.fps if self.playing.fps else 0.0
        scale = VideoReformatter()
        with closing(open_source()) as container:
            # a stream with a length is a film on a server: played at its speed, over at its end
            finite = bool(container.duration and container.duration > 0)
            ahead_s = math.nan
            for picture in _decoded(container, self.source.shown):
                now = time.monotonic()
                if finite and picture.time is not None:
                    ahead_s = now - picture.time if math.isnan(ahead_s) else ahead_s
                    self._stop.wait(max(0.0, ahead_s + picture.time - now))
                    now = time.monotonic()
                if self._stop.is_set() or self._enough(self._since_begun()):
                    return True
                self.trouble, self._heard = "", now
                if now < next_due:
                    continue
                next_due = max(next_due + step_s, now + step_s / 2)
                at_s = now if picture.time is None else picture.time
                self._session.offer(_rgb(picture, scale), round(1000 * at_s), now)
        return finite

    def _since_begun(self) -> int:
        return round(1000 * (time.monotonic() - self._begun))

    def _enough(self, t_ms: int) -> bool:
        return self.playing.seconds is not None and t_ms >= 1000 * self.playing.seconds

    def _open_stream(self) -> InputContainer:
        # a look of one second at what the stream is; FFmpeg's own five are five seconds late
        options = {"rtsp_transport": "tcp", "analyzeduration": "1000000", "flags": "low_delay"}
        try:
            return av.open(self.source.address, options=options, timeout=(OPEN_S, READ_S))
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise VideoError(
                f"{self.source.shown} does not answer ({_reason(error)}).",
                "Check the address, and that the camera can be reached from this machine.",
            ) from error

    def _open_camera(self) -> InputContainer:
        return open_camera(self.source.address)


def open_camera(device: str) -> InputContainer:
    """A camera of this machine, opened. VideoError with one clear line where it cannot be."""
    format_name = _DEVICES.get(sys.platform)
    if format_name is None:
        raise VideoError(
            f"Cameras cannot be read directly on {sys.platform}.", "Use the page Live instead."
        )
    if sys.platform == "linux" and not Path(device).exists():
        others = ", ".join(sorted(str(path) for path in Path("/dev").glob("video*")))
        raise VideoError(
            f"There is no camera {device}.",
            f"Cameras here: {others}."
            if others
            else "This machine has none: connect one, or "
            "give an address such as rtsp://… or a file.",
        )
    try:
        return av.open(device, format=format_name)
    except PermissionError as error:
        raise VideoError(
            f"{device} may not be read.", "Add this user to the group video, then log in again."
        ) from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise VideoError(
            f"{device} gives no picture ({_reason(error)}).",
            "Close other programs that use the camera, or name another one.",
        ) from error


def _decoded(container: InputContainer, name: str) -> Iterator[VideoFrame]:
    """The container's pictures; a broken packet costs its own only."""
    if not container.streams.video:
        raise VideoError(f"{name} holds no pictures.", "Give the address of a camera's video.")
    stream = container.streams.video[0]
    stream.thread_type = "SLICE"  # a thread a frame would keep back as many pictures
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, EOFError):
            return
        except (av.error.FFmpegError, OSError) as error:
            raise VideoError(f"{name} broke off ({_reason(error)}).") from error
        try:
            yield from (one for one in packet.decode() if isinstance(one, VideoFrame))
        except EOFError:
            return
        except (av.error.FFmpegError, ValueError):
            continue


def _rgb(picture: VideoFrame, scale: VideoReformatter) -> Bytes:
    k = min(1.0, LONG_SIDE / max(picture.width, picture.height))
    done = scale.reformat(
        picture,
        max(1, round(picture.width * k)),
        max(1, round(picture.height * k)),
        "rgb24",
        interpolation=Interpolation.AREA if k < 1 else Interpolation.BILINEAR,
    )
    return np.asarray(done.to_ndarray(), np.uint8)


def _at_most(width: int, height: int) -> int:
    return min(LONG_SIDE, max(width, height))


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return str(text).splitlines()[0].lower()[:120] if text else type(error).__name__
