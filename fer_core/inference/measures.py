"""Numbers of one face in one frame, from its probabilities and its head's pose.

Where the probabilities or the pose are unknown (NaN), so is what follows from them.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from fer_core.labels import EMOTIONS, NEUTRAL
from fer_core.types import AnalysisSettings, Float, Measures

HAPPY: Final = EMOTIONS.index("happy")
UNPLEASANT: Final = [EMOTIONS.index(name) for name in ("angry", "disgust", "fear", "sad")]
_ACTIVATION: Final = {
    "angry": 0.8,
    "disgust": 0.5,
    "fear": 0.9,
    "happy": 0.6,
    "sad": 0.3,
    "surprise": 0.9,
    "neutral": 0.0,
}
ACTIVATION: Final = np.array([_ACTIVATION[name] for name in EMOTIONS], np.float32)

#: Degrees up to which a face is fully turned to the screen, and from which not at all.
YAW: Final = (15.0, 45.0)
PITCH: Final = (12.0, 35.0)

_VERSIONS: Final = {
    "expressiveness": "expressiveness/1",
    "valence": "valence/1",
    "activation": "activation/1",
    "attention": "attention/1",
    "engagement": "engagement/1",
}


def measure_versions() -> dict[str, str]:
    """The definition's version behind each measure; kept with every session."""
    return dict(_VERSIONS)


def ramp(angle: Float, full: float, none: float) -> Float:
    """1 up to ``full`` degrees either way, 0 from ``none``, a straight line between."""
    return np.clip((none - np.abs(angle)) / (none - full), 0.0, 1.0).astype(np.float32)


def attention(pose: Float) -> Float:
    """How far each face is turned to the screen, 0 to 1; ``pose`` is (n, 3) yaw, pitch, roll."""
    pose = np.asarray(pose, np.float32).reshape(-1, 3)
    return ramp(pose[:, 0], *YAW) * ramp(pose[:, 1], *PITCH)


def measure(
    probabilities: Float, pose: Float, settings: AnalysisSettings | None = None
) -> Measures:
    """The measures of each face; the two weights of engagement come from the settings."""
    settings = settings or AnalysisSettings()
    p = np.asarray(probabilities, np.float32).reshape(-1, len(EMOTIONS))
    expressiveness = 1 - p[:, NEUTRAL]
    facing = attention(pose)
    quiet = settings.engagement_base + settings.engagement_expressive * expressiveness
    return Measures(
        expressiveness=expressiveness,
        valence=p[:, HAPPY] - p[:, UNPLEASANT].max(axis=1),
        activation=p @ ACTIVATION,
        attention=facing,
        engagement=(100 * facing * quiet).astype(np.float32),
    )
