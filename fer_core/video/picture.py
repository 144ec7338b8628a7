"""A file's thumbnail, and the digest by which a file is recognised."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from fer_core.errors import SettingsError, VideoError
from fer_core.files import sha256_of_file
from fer_core.video.decoder import Decoder

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
    height, own = chosen.shape[:2]
    if own > width:
        size = (width, max(1, round(height * width / own)))
        chosen = np.asarray(cv2.resize(chosen, size, interpolation=cv2.INTER_AREA), np.uint8)
    done, jpeg = cv2.imencode(".jpg", chosen[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])
    if not done:
        raise VideoError(f"{Path(path).name}: its thumbnail cannot be written.")
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
