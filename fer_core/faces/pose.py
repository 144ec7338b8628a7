"""Head pose from five landmarks: yaw, pitch and roll in degrees.

Signs, as seen in the picture:

- **yaw > 0**: the face is turned to the picture's right (the nose points right);
- **pitch > 0**: the face looks up;
- **roll > 0**: the head leans clockwise (the eye on the right is lower).

Mirroring a picture flips yaw and roll; turning it clockwise by an angle adds the angle to roll.

A mean face under weak perspective is fitted in closed form: roll from the lines through the
eyes and the mouth, yaw from the nose's place between them, pitch from how far below the eyes
nose and mouth appear. General solvers (PnP) on five noisy points, four of them nearly in one
plane, jump between two solutions; nothing here can jump, and every answer is within ±90°.
"""

from __future__ import annotations

import numpy as np

from fer_core.types import Float

#: The mean face, the distance between the eyes being 1: how far below the eyes nose and mouth
#: lie, and how far the nose's tip stands out (24 mm where the eyes are 63 mm apart).
NOSE_DOWN, NOSE_OUT = 0.58, 0.38
MOUTH_DOWN, MOUTH_OUT = 1.15, -0.05
#: How much a person's nose and mouth stray from the mean face, a smile included.
NOSE_SPREAD, MOUTH_SPREAD = 0.06, 0.15
#: Heads are seldom further up or down than this; it keeps poor landmarks from extremes.
PITCH_SPREAD = np.radians(25.0)

_GRID = np.radians(np.arange(-70.0, 70.5, 2.0))


def head_pose(landmarks: Float) -> Float:
    """(n, 3) yaw, pitch and roll in degrees; NaN where there are no landmarks."""
    pose = np.full((len(landmarks), 3), np.nan, np.float32)
    known = np.isfinite(landmarks).all(axis=(1, 2))
    if known.any():
        pose[known] = _fit(landmarks[known].astype(np.float64))
    return pose


def _fit(points: np.ndarray) -> np.ndarray:
    eyes = points[:, 1] - points[:, 0]
    mouth = points[:, 4] - points[:, 3]
    # The eyes count twice: a crooked smile tilts the mouth. A sum of vectors never divides by 0.
    level = 2 * eyes + mouth
    roll = np.arctan2(level[:, 1], level[:, 0])
    cos, sin = np.cos(roll), np.sin(roll)
    origin = (points[:, 0] + points[:, 1]) / 2

    def upright(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, y = vectors[:, 0], vectors[:, 1]
        return x * cos + y * sin, y * cos - x * sin

    width = np.maximum(upright(eyes)[0], 1e-3)
    nose_x, nose_y = upright(points[:, 2] - origin)
    mouth_x, mouth_y = upright((points[:, 3] + points[:, 4]) / 2 - origin)
    between = NOSE_DOWN / MOUTH_DOWN
    aside = (nose_x - between * mouth_x) / (NOSE_OUT - between * MOUTH_OUT)
    yaw = np.arctan2(aside, width)
    scale = np.hypot(aside, width)
    pitch = _pitch(nose_y / scale, mouth_y / scale, np.cos(yaw))
    return np.degrees(np.stack([yaw, pitch, roll], axis=1))


def _pitch(nose: np.ndarray, mouth: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """The most likely pitch on a grid, then between its steps by a parabola."""
    cos, sin = np.cos(_GRID), np.sin(_GRID) * turn[:, None]
    cost = (
        ((nose[:, None] - NOSE_DOWN * cos + NOSE_OUT * sin) / NOSE_SPREAD) ** 2
        + ((mouth[:, None] - MOUTH_DOWN * cos + MOUTH_OUT * sin) / MOUTH_SPREAD) ** 2
        + (_GRID / PITCH_SPREAD) ** 2
    )
    best = np.clip(cost.argmin(axis=1), 1, len(_GRID) - 2)
    rows = np.arange(len(best))
    before, here, after = cost[rows, best - 1], cost[rows, best], cost[rows, best + 1]
    bend = np.maximum(before - 2 * here + after, 1e-9)
    shift = np.clip((before - after) / (2 * bend), -1, 1)
    step = _GRID[1] - _GRID[0]
    return _GRID[best] + shift * step
