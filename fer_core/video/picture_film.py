"""A picture as a film of some seconds, which respondents are shown and sessions are laid on."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np

from fer_core.errors import SettingsError, VideoError
from fer_core.files import replacing
from fer_core.types import Bytes
from fer_core.video.decoder import Decoder

#: Of the film: pictures a second, and the longer side at most.
FPS, LONG_SIDE = 10, 1920
SHORTEST_S: Final = 1.0
LONGEST_S: Final = 120.0


def picture_film(picture: Path, seconds: float) -> Path:
    """Write a silent film that shows ``picture`` for ``seconds``, beside it; where it lies.

    The picture itself stays as it is. SettingsError for other seconds than 1 to 120, VideoError
    where the picture cannot be read or the film not be written.
    """
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise SettingsError(
            f"A picture cannot be shown for {seconds:g} s.",
            f"Give {SHORTEST_S:g} to {LONGEST_S:g} s.",
        )
    target = picture.with_name(f"{picture.stem}, {seconds:g} s.mp4")
    with Decoder(picture, long_side=LONG_SIDE) as decoder:
        shown = next(iter(decoder), None)
    if shown is None:
        raise VideoError(f"{picture.name}: no picture in it can be decoded.")
    try:
        with replacing(target) as part:
            _write(part, shown.rgb, round(seconds * FPS))
    except (av.error.FFmpegError, OSError) as error:
        raise VideoError(
            f"The film of {picture.name} cannot be written beside it: {error}.",
            "Copy the picture to a folder where Rapt may write.",
        ) from error
    return target


def _write(path: Path, rgb: Bytes, frames: int) -> None:
    height, width = (side - side % 2 for side in rgb.shape[:2])  # 4:2:0 wants even sides
    shown = np.ascontiguousarray(rgb[:height, :width])
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "18", "tune": "stillimage", "threads": "2"}
        stream.time_base = Fraction(1, FPS)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
