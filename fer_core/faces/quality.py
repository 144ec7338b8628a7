"""Face quality: whether a face's expression can be trusted, and why not.

Codes, joined by commas in this order: ``small``, ``cut``, ``turned``, ``dark``, ``bright``,
``blurred``. Limits were set on 735 press photographs of faces, shrunk, blurred and
shaken on purpose (docs/decisions/032-face-quality.md).
"""

from __future__ import annotations

import cv2
import numpy as np

from fer_core.faces.crop import cut
from fer_core.types import Bool, Bytes, CropSpec, Faces, Float, Frame

#: Pixels of the box's longer side, as ``min_face`` counts them.
SMALL = 40
#: Degrees of yaw or pitch.
TURNED = 60.0
#: Share of the box that may lie outside the picture: hair or chin, but no feature.
OUTSIDE = 0.15
#: Grey levels. Of the photographs the darkest has its 95th percentile at 86 and its median at
#: 27, the brightest its 5th at 140 and its median at 197: none of them is refused.
DARK_MEDIAN, DARK_TOP = 20, 60
BRIGHT_MEDIAN, BRIGHT_BOTTOM = 235, 190
#: Fine detail against contrast, in the direction that has less of it. Sharp faces of 44 to 120
#: pixels have 0.083 or more (99 of 100); a blur of 4 % of the face brings four in five under
#: the limit, of 5 % all but 2 %, and so does a movement over a fifth of the face.
BLURRED = 0.042

CODES = ("small", "cut", "turned", "dark", "bright", "blurred")
#: The inner face at the size that the limits were measured at.
PATCH = CropSpec(size=48, margin=0.75)
#: Features lie more across a face than along it: their share of detail is that much larger.
ALONG = 0.85


def assess(frame: Frame, faces: Faces, pose: Float) -> tuple[Bool, tuple[str, ...]]:
    """For each face whether it is usable, and its codes ("" where it is)."""
    n = len(faces)
    if n == 0:
        return np.zeros(0, np.bool_), ()
    patches = cut(frame.grey, faces.boxes, faces.landmarks, PATCH)
    levels = np.partition(patches.reshape(n, -1), RANKS, axis=1)[:, RANKS]
    with np.errstate(invalid="ignore"):  # an unknown pose (NaN) is not held against a face
        turned = (np.abs(pose[:, :2]) > TURNED).any(axis=1)
    dark = (levels[:, 1] < DARK_MEDIAN) | (levels[:, 2] < DARK_TOP)
    bright = (levels[:, 1] > BRIGHT_MEDIAN) | (levels[:, 0] > BRIGHT_BOTTOM)
    blurred = np.array([_detail(patch) < BLURRED for patch in patches])
    table = np.stack(
        [
            faces.boxes[:, 2:].max(axis=1) < SMALL,
            _cut_by_edge(frame, faces),
            turned,
            dark,
            bright & ~dark,
            # Without light there is no detail to judge.
            blurred & ~dark & ~bright,
        ],
        axis=1,
    )
    why_not = tuple(
        ",".join(code for code, holds in zip(CODES, row) if holds) for row in table.tolist()
    )
    return np.logical_not(table.any(axis=1)), why_not


#: Places of the 5th, 50th and 95th percentile among a patch's sorted pixels.
RANKS = [round(PATCH.size**2 * share) for share in (0.05, 0.5, 0.95)]


def _cut_by_edge(frame: Frame, faces: Faces) -> Bool:
    x, y, width, height = faces.boxes.T
    inside_x = np.minimum(x + width, frame.width) - np.maximum(x, 0)
    inside_y = np.minimum(y + height, frame.height) - np.maximum(y, 0)
    inside = np.maximum(inside_x, 0) * np.maximum(inside_y, 0)
    outside = 1 - inside / np.maximum(width * height, 1e-6)
    limits = np.array([frame.width, frame.height], np.float32)
    with np.errstate(invalid="ignore"):
        lost = ((faces.landmarks < 0) | (faces.landmarks > limits)).any(axis=(1, 2))
    return np.asarray((outside > OUTSIDE) | lost, np.bool_)


def _detail(patch: Bytes) -> float:
    """What a blur over five pixels takes away, across or along, of the patch's contrast."""
    grey = patch.astype(np.float32)
    across = cv2.subtract(grey, cv2.blur(grey, (5, 1)))[:, 3:-3]
    along = cv2.subtract(grey, cv2.blur(grey, (1, 5)))[3:-3]
    contrast = _spread(grey) + 3  # 3: noise on an even patch is no detail
    return min(_spread(across), ALONG * _spread(along)) / contrast


def _spread(values: np.ndarray) -> float:
    """The standard deviation; OpenCV's takes half the time of numpy's on a patch this small."""
    return float(cv2.meanStdDev(values)[1][0, 0])
