"""Scenes proposed from a film's own cuts; a person takes them or leaves them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2

from fer_core.errors import VideoError
from fer_core.tracking import CutDetector
from fer_core.types import Bytes, Frame
from fer_core.video import Decoder

#: Cuts that follow one another faster are one scene: nobody's second can be told from the next.
SHORTEST_MS: Final = 1000
#: A longer film is no advertisement; its scenes are chapters and not cuts.
MOST_SCENES: Final = 500
_SIDE, _PICTURE = 192, 112
#: A shot's picture is of a moment after its cut: the first is often still dissolving.
_SETTLED_MS = 300


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch between two cuts, and a small JPEG of how it begins."""

    from_ms: int
    to_ms: int
    picture: bytes


def propose_scenes(
    path: str | Path, *, on_progress: Callable[[float], None] | None = None
) -> list[Shot]:
    """The film's shots in order; one that covers everything where there is no cut."""
    starts: list[int] = []
    pictures: list[Bytes] = []
    previous: Frame | None = None
    cuts = CutDetector()
    with Decoder(path, long_side=_SIDE) as decoder:
        length = max(decoder.info.duration_ms, 1)
        for frame in decoder:
            cut_here = cuts.step(frame)
            if previous is None or (cut_here and frame.t_ms - starts[-1] >= SHORTEST_MS):
                starts.append(frame.t_ms)
                pictures.append(frame.rgb)
                if len(starts) > MOST_SCENES:
                    raise VideoError(
                        f"{Path(path).name} has over {MOST_SCENES} cuts.",
                        "Type its scenes, or import them from CSV.",
                    )
            elif previous.t_ms - starts[-1] < _SETTLED_MS <= frame.t_ms - starts[-1]:
                pictures[-1] = frame.rgb
            if on_progress is not None and frame.index % 25 == 0:
                on_progress(min(1.0, frame.t_ms / length))
            previous = frame
    if previous is None:
        raise VideoError(f"{Path(path).name}: no picture in it can be decoded.")
    ends = [*starts[1:], max(length, previous.t_ms + 1)]
    if len(starts) > 1 and ends[-1] - starts[-1] < SHORTEST_MS:
        starts.pop(), pictures.pop(), ends.pop(-2)
    return [Shot(start, end, _jpeg(picture)) for start, end, picture in zip(starts, ends, pictures)]


def _jpeg(picture: Bytes) -> bytes:
    height, width = picture.shape[:2]
    size = (_PICTURE, max(1, round(height * _PICTURE / width)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    done, jpeg = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])
    if not done:
        raise VideoError("A small picture of the film cannot be made.")
    return jpeg.tobytes()
