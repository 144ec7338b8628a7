"""Head pose from five landmarks: yaw, pitch and roll in degrees.

Signs, as seen in the picture:

- **yaw > 0**: the face is turned to the picture's right (the nose points right);
- **pitch > 0**: the face looks up;
- **roll > 0**: the head leans clockwise (the eye on the right is lower).

Mirroring a picture flips yaw and roll; turning it clockwise by an angle adds the angle to roll.

A ratio for each angle, calibrated by measurement (docs/decisions/031-head-pose.md): roll from
the lines through the eyes and the mouth, yaw from the nose's place between them, pitch from
how far down the nose lies between eyes and mouth. A smile lifts the corners of the mouth as
it widens it, which would read as looking down; the width takes that out again. General
solvers (PnP) on five noisy points, four of them nearly in one plane, jump between two
solutions. Nothing here can jump: yaw stays within 90 degrees, pitch within 60.
"""

from __future__ import annotations

import numpy as np

from fer_core.types import Float

#: How far aside the nose moves, in distances of the eyes as seen, for each unit of tan(yaw).
NOSE_OUT = 0.36
#: Of the mouth in distances of the eyes: its usual width, and how much higher its corners are
#: for each unit that a smile adds.
MOUTH_WIDTH, SMILE = 0.82, 0.9
#: The nose's share of the way from the eyes to the mouth, and the pitch that goes with it.
SHARES = np.array([0.185, 0.275, 0.367, 0.430, 0.476, 0.518, 0.557, 0.591, 0.620, 0.651, 0.682])
PITCHES = np.array([60.0, 45.0, 30.0, 20.0, 10.0, 0.0, -10.0, -20.0, -30.0, -45.0, -60.0])


def head_pose(landmarks: Float) -> Float:
    """(n, 3) yaw, pitch and roll in degrees; NaN where there are no landmarks, or all in one."""
    pose = np.full((len(landmarks), 3), np.nan, np.float32)
    with np.errstate(invalid="ignore"):
        spread = np.ptp(landmarks, axis=1).max(axis=1)
        known = np.isfinite(landmarks).all(axis=(1, 2)) & (spread > 1e-3)
    if known.any():
        pose[known] = _measure(landmarks[known].astype(np.float64))
    return pose


def _measure(points: np.ndarray) -> np.ndarray:
    eyes = points[:, 1] - points[:, 0]
    mouth = points[:, 4] - points[:, 3]
    # The eyes count twice: a crooked smile tilts the mouth.
    level = 2 * eyes + mouth
    roll = np.arctan2(level[:, 1], level[:, 0])
    cos, sin = np.cos(roll), np.sin(roll)

    def upright(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, y = vectors[:, 0], vectors[:, 1]
        return x * cos + y * sin, y * cos - x * sin

    origin = (points[:, 0] + points[:, 1]) / 2
    width = np.maximum(upright(eyes)[0], 1e-3)
    nose_x, nose_y = upright(points[:, 2] - origin)
    mouth_x, mouth_y = upright((points[:, 3] + points[:, 4]) / 2 - origin)
    yaw = np.arctan2((nose_x - mouth_x / 2) / NOSE_OUT, width)
    smile = SMILE * (np.hypot(*mouth.T) - MOUTH_WIDTH * width)
    share = nose_y / np.maximum(mouth_y + smile, 0.2 * width)
    pitch = np.interp(share, SHARES, PITCHES)
    return np.stack([np.degrees(yaw), pitch, np.degrees(roll)], axis=1)
