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

from fer_core.measures import DISTANCES
from fer_core.types import Array

#: In the order of the timeline's columns. ``eyes_narrowed`` comes from the lids.
MOVEMENTS: Final = ("smile", "mouth_open", "brows_up", "brows_drawn", "lips_pressed")


@dataclass(frozen=True, slots=True)
class Movement:
    """A weighted sum of distances (``_measured``).

    rest: the median of people's neutral photographs.
    full: how much more it is where the movement is as strong as it usually gets (the 90th
        percentile of the label that shows it).
    spread: how far one's own rest may lie from people's.
    differs: how far people's rests lie from each other, where that is more than half of a full
        movement: held against people's rest, only what goes beyond counts.
    """

    weights: dict[str, float]
    rest: float
    full: float
    spread: float
    differs: float = 0.0


#: From the half of the photographs' persons that the benchmark does not report.
TABLE: Final = {
    "smile": Movement({"mouth_width": 1.0, "mouth_lift": 1.0}, 0.77, 0.30, 0.15),
    "mouth_open": Movement({"opening": 1.0}, 0.09, 0.30, 0.10),
    "brows_up": Movement({"brows": 1.0}, 0.66, 0.16, 0.20, differs=0.15),
    "brows_drawn": Movement({"brows_inner": -1.0}, -0.67, 0.23, 0.20),
    "lips_pressed": Movement({"lips": -1.0}, -0.295, 0.06, 0.06),
}
#: How much higher the brows stand over the eyes for each degree that the head looks up.
TILT: Final = 0.003
#: So many readings make a rest of one's own.
ENOUGH: Final = 15
#: An open mouth has no pressed lips; above this share of a full opening they are not judged.
OPEN_MOUTH: Final = 0.3
#: Openness of the lids from which eyes are not narrowed, and at which they are narrowed fully.
WIDE, NARROW = 0.85, 0.45


def read_movements(distances: Array, yaw: Array, pitch: Array) -> dict[str, Array]:
    """The movements of one viewer, each (n,) 0 to 1, NaN where not read.

    Args:
        distances: (n, 6) in the order of ``measures.DISTANCES``.
        yaw, pitch: (n,) the head's turn in degrees: rest is taken from frames that face the
            camera, and brows stand higher over the eyes of a head that looks up.
    """
    measured = _measured(distances, pitch)
    found = {name: _strength(movement, measured, yaw) for name, movement in TABLE.items()}
    closed = np.clip(1 - found["mouth_open"] / OPEN_MOUTH, 0.0, 1.0)
    found["lips_pressed"] = found["lips_pressed"] * closed
    return found


def read_smile(distances: Array, yaw: Array, pitch: Array) -> Array:
    """The smile alone, as ``read_movements`` gives it."""
    return _strength(TABLE["smile"], _measured(distances, pitch), yaw)


def _strength(movement: Movement, measured: dict[str, Array], yaw: Array) -> Array:
    raw = np.zeros(len(yaw))
    for distance, weight in movement.weights.items():
        raw = raw + weight * measured[distance]
    rest, own = own_rest(raw, yaw, movement)
    beyond = 0.0 if own else movement.differs
    return np.asarray(np.clip((raw - rest - beyond) / movement.full, 0.0, 1.0))


def _measured(distances: Array, pitch: Array) -> dict[str, Array]:
    """The distances by name, brows as of a level head, and how far the mouth is open by the square
    of its width: a smile widens the mouth and parts the lips, an opening makes it round."""
    values = np.asarray(distances, np.float64)
    measured = {name: values[:, column] for column, name in enumerate(DISTANCES)}
    raised = TILT * np.nan_to_num(np.asarray(pitch, np.float64))
    for name in ("brows", "brows_inner"):
        measured[name] = measured[name] - raised
    measured["opening"] = measured["mouth_gap"] / np.maximum(measured["mouth_width"], 0.1) ** 2
    return measured


def own_rest(raw: Array, yaw: Array, movement: Movement) -> tuple[float, bool]:
    """What the viewer's face at rest measures, and whether it is her own: people's where she was
    hardly seen."""
    frontal = raw[np.isfinite(raw) & ~(np.abs(yaw) > 25)]
    if len(frontal) < ENOUGH:
        return movement.rest, False
    least, most = movement.rest - movement.spread, movement.rest + movement.spread
    return float(np.clip(np.median(frontal), least, most)), True


def eyes_narrowed(open_lids: Array, blink: NDArray[np.bool_], shut: NDArray[np.bool_]) -> Array:
    """0 to 1 how far the eyes are narrowed; NaN in a blink, while shut, and where not read."""
    narrowed = np.clip((WIDE - open_lids) / (WIDE - NARROW), 0.0, 1.0)
    return np.where(blink | shut, np.nan, narrowed)
