"""What a face does besides its expression: smile, open mouth, brows, narrowed eyes, lips.

Movements, not action units: they were held against labelled photographs, not against coders.
Each runs from 0, the face at rest, to 1, as far as people usually go. Rest is the viewer's own,
found over all of her readings at once; on a photograph it is the population's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.measures import SIGNS
from fer_core.types import Array

#: In the order of the timeline's columns. ``eyes_narrowed`` comes from the lids.
MOVEMENTS: Final = ("smile", "mouth_open", "brows_up", "brows_drawn", "lips_pressed")


@dataclass(frozen=True, slots=True)
class Movement:
    """A sign of ``measures.SIGNS``, and how it is read.

    rest: the median of people's neutral photographs.
    full: how much more it is where the movement is as strong as it usually gets (the 90th
        percentile of the label that shows it).
    spread: how far one's own rest may lie from people's.
    """

    sign: str
    rest: float
    full: float
    spread: float


#: From the half of the photographs' persons that the benchmark does not report.
TABLE: Final = {
    "smile": Movement("smile_sign", 0.0, 1.0, 0.5),
    "mouth_open": Movement("mouth_open_sign", 0.0, 1.0, 0.6),
    "brows_up": Movement("brows_up_sign", 0.0, 1.0, 0.8),
    "brows_drawn": Movement("brows_drawn_sign", 0.0, 1.0, 0.8),
    "lips_pressed": Movement("lips", 0.246, -0.045, 0.045),
}
#: So many readings make a rest of one's own.
ENOUGH: Final = 15
#: An open mouth has no pressed lips; above this share of a full opening they are not judged.
OPEN_MOUTH: Final = 0.3
#: Openness of the lids from which eyes are not narrowed, and at which they are narrowed fully.
WIDE, NARROW = 0.85, 0.45


def read_movements(signs: Array, yaw: Array) -> dict[str, Array]:
    """The movements of one viewer, each (n,) 0 to 1, NaN where not read.

    Args:
        signs: (n, 5) in the order of ``measures.SIGNS``.
        yaw: (n,) the head's turn in degrees: rest is taken from frames that face the camera.
    """
    found = {name: _strength(movement, signs, yaw) for name, movement in TABLE.items()}
    closed = np.clip(1 - found["mouth_open"] / OPEN_MOUTH, 0.0, 1.0)
    found["lips_pressed"] = found["lips_pressed"] * closed
    return found


def read_smile(signs: Array, yaw: Array, *, own: bool) -> Array:
    """The smile alone, as ``read_movements`` gives it; with ``own`` False against people's rest:
    whoever laughs from end to end rests laughing."""
    smile = TABLE["smile"]
    if own:
        return _strength(smile, signs, yaw)
    raw = np.asarray(signs[:, SIGNS.index(smile.sign)], np.float64)
    return np.asarray(np.clip((raw - smile.rest) / smile.full, 0.0, 1.0))


def _strength(movement: Movement, signs: Array, yaw: Array) -> Array:
    raw = np.asarray(signs[:, SIGNS.index(movement.sign)], np.float64)
    return np.asarray(np.clip((raw - own_rest(raw, yaw, movement)) / movement.full, 0.0, 1.0))


def own_rest(raw: Array, yaw: Array, movement: Movement) -> float:
    """The viewer's own face at rest; people's where she was hardly seen."""
    frontal = raw[np.isfinite(raw) & ~(np.abs(yaw) > 25)]
    if len(frontal) < ENOUGH:
        return movement.rest
    least, most = movement.rest - movement.spread, movement.rest + movement.spread
    return float(np.clip(np.median(frontal), least, most))


def eyes_narrowed(open_lids: Array, blink: NDArray[np.bool_], shut: NDArray[np.bool_]) -> Array:
    """0 to 1 how far the eyes are narrowed; NaN in a blink, while shut, and where not read."""
    narrowed = np.clip((WIDE - open_lids) / (WIDE - NARROW), 0.0, 1.0)
    return np.where(blink | shut, np.nan, narrowed)
