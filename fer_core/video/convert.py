"""From FFmpeg's frames to arrays: upright, square pixels, colour and grey."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from fer_core.types import Bytes

#: Formats whose first plane is eight-bit brightness.
_PLAIN_LUMA = frozenset(
    [
        "yuv420p",
        "yuv422p",
        "yuv444p",
        "yuv440p",
        "yuv411p",
        "yuv410p",
        "nv12",
        "nv21",
        "nv16",
        "nv24",
    ]
)
_FULL_LUMA = frozenset(["yuvj420p", "yuvj422p", "yuvj444p", "yuvj440p", "yuvj411p", "gray"])

#: Television brightness (16 to 235) to 0 to 255: the table FFmpeg's own scaler applies,
#: at half the time of asking the scaler for format "gray".
_STRETCH = np.clip((np.arange(256) - 16) * (255 / 219) + 0.5, 0, 255).astype(np.uint8)

_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


class Upright(NamedTuple):
    """How to bring pictures upright: turned counter-clockwise, then mirrored left to right."""

    turn: int = 0
    mirror: bool = False

    @property
    def swaps(self) -> bool:
        """Whether width and height change places."""
        return self.turn in (90, 270)


#: What the eight orientations of a photograph (EXIF tag 274) mean.
_EXIF = {
    1: Upright(),
    2: Upright(0, True),
    3: Upright(180),
    4: Upright(180, True),
    5: Upright(270, True),
    6: Upright(270),
    7: Upright(90, True),
    8: Upright(90),
}


def orientation(frame: VideoFrame, picture: Path | None) -> Upright:
    """How this file's pictures are to be turned.

    FFmpeg gives a photograph's orientation as a rotation only and loses the mirroring,
    so that a mirrored photograph would come out upside down: Pillow reads the tag.
    """
    if picture is not None:
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(picture) as image:
                tag = image.getexif().get(274)
        except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
            tag = None  # not a kind that Pillow reads: FFmpeg's word is all there is
        if tag in _EXIF:
            return _EXIF[tag]
    return Upright(round(frame.rotation / 90) * 90 % 360)


def upright_size(frame: VideoFrame, aspect: float, upright: Upright) -> tuple[int, int]:
    """Width and height as a person sees them."""
    width = stored_width(frame, aspect)
    return (frame.height, width) if upright.swaps else (width, frame.height)


def stored_width(frame: VideoFrame, aspect: float) -> int:
    """The frame's width in square pixels; ``aspect`` is width over height of a stored one."""
    return frame.width if aspect == 1.0 else max(1, round(frame.width * aspect))


class Converter:
    """Turns frames into (rgb, grey); keeps FFmpeg's scaling tables between frames.

    ``size`` is that of the file's first frame, upright. A recording from a browser may
    change its size on the way: such frames are fitted into the first one's, with black
    beside, so that coordinates mean the same throughout.
    """

    def __init__(
        self, size: tuple[int, int], aspect: float, upright: Upright, long_side: int | None
    ) -> None:
        self._upright = upright
        self._aspect = aspect
        w, h = size
        self._stored = (h, w) if upright.swaps else (w, h)
        k = 1.0 if long_side is None else min(1.0, long_side / max(w, h))
        sw, sh = self._stored
        self._small = (max(1, round(sw * k)), max(1, round(sh * k)))
        self._colour = VideoReformatter()
        self._scale = VideoReformatter()
        self._luma = VideoReformatter()
        self._fit = VideoReformatter()

    def __call__(self, frame: VideoFrame) -> tuple[Bytes, Bytes]:
        own = (stored_width(frame, self._aspect), frame.height)
        if own == self._stored:
            return self._turn(self._rgb(frame, self._small)), self._turn(self._grey(frame))
        return self._fitted(frame, own)

    def _rgb(self, frame: VideoFrame, size: tuple[int, int]) -> Bytes:
        w, h = size
        if (w, h) != (frame.width, frame.height) and frame.format.name.startswith(("yuv", "nv")):
            # Scaling before converting costs half of doing both in one step (0.64 against
            # 1.52 ms from 1080p to 640): fewer pixels change colour space.
            frame = self._scale.reformat(
                frame, w, h, frame.format.name, interpolation=Interpolation.AREA, threads=1
            )
        done = self._colour.reformat(
            frame, w, h, "rgb24", interpolation=Interpolation.AREA, threads=1
        )
        return np.asarray(done.to_ndarray(), np.uint8)

    def _grey(self, frame: VideoFrame) -> Bytes:
        w, h = self._stored
        name = frame.format.name
        if (w, h) == (frame.width, frame.height) and name in _PLAIN_LUMA | _FULL_LUMA:
            plane = frame.planes[0]
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            luma = rows[: frame.height, : frame.width]
            full = name in _FULL_LUMA or frame.color_range == ColorRange.JPEG
            return luma.copy() if full else np.asarray(cv2.LUT(luma, _STRETCH), np.uint8)
        done = self._luma.reformat(frame, w, h, "gray", interpolation=Interpolation.AREA, threads=1)
        return np.asarray(done.to_ndarray(), np.uint8)

    def _turn(self, picture: Bytes) -> Bytes:
        if self._upright.turn:
            picture = np.asarray(cv2.rotate(picture, _TURNS[self._upright.turn]), np.uint8)
        if self._upright.mirror:
            picture = np.asarray(cv2.flip(picture, 1), np.uint8)
        return picture

    def _fitted(self, frame: VideoFrame, own: tuple[int, int]) -> tuple[Bytes, Bytes]:
        w, h = self._stored
        k = min(w / own[0], h / own[1])
        fw, fh = max(1, round(own[0] * k)), max(1, round(own[1] * k))
        inner = self._fit.reformat(
            frame, fw, fh, "rgb24", interpolation=Interpolation.AREA, threads=1
        ).to_ndarray()
        whole = np.zeros((h, w, 3), np.uint8)
        y, x = (h - fh) // 2, (w - fw) // 2
        whole[y : y + fh, x : x + fw] = inner
        rgb = whole
        if self._small != (w, h):
            rgb = np.asarray(cv2.resize(whole, self._small, interpolation=cv2.INTER_AREA), np.uint8)
        grey = np.asarray(cv2.cvtColor(whole, cv2.COLOR_RGB2GRAY), np.uint8)
        return self._turn(rgb), self._turn(grey)
