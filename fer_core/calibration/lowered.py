"""What lids that stay down mean: closed eyes, a look down, or a laugh.

A look down covers the iris as sleep does. A head that is bent when the lids go down looks at a
phone or a desk, or sleeps: whether the eyes are closed is unknown, and they are away either way.
Lids that go down in a level head are closed, also where the head sinks later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.types import Array, Bool

#: Degrees under the viewer's usual pitch, or under the camera where no usual one is known, from
#: which a head is bent, and for how long from the spell's beginning it is asked.
BENT, BEGINNING_MS = 10.0, 500
#: So many readings with open eyes make a usual pitch.
ENOUGH: Final = 15
#: Eyes narrowed this far by so much of a smile are not closed.
SMILING, LAUGHING_OPEN = 0.4, 0.1
#: A laugh presses the lids shut for no longer.
LONGEST_LAUGH_MS: Final = 4000


@dataclass(frozen=True, slots=True)
class Lowered:
    """closed: (n,) 1 or 0, NaN where it cannot be told; down: (n,) lids down in a bent head."""

    closed: Array
    down: Bool


def read_lowered(
    t_ms: NDArray[np.int64],
    shut: Bool,
    open_lids: Array,
    smiles: tuple[Array, Array],
    pitch: Array,
) -> Lowered:
    """What one viewer's spells of lowered lids mean.

    Args:
        t_ms: (n,) the moments of her frames, rising.
        shut: (n,) ``Lids.shut``.
        open_lids: (n,) openness of the lids, 0 to 1; NaN where not known.
        smiles: each (n,) 0 to 1, NaN where not known: against her own rest, and against
            people's, as whoever laughs from end to end rests laughing.
        pitch: (n,) degrees by which the head looks up.
    """
    closed, down = shut.astype(np.float64), np.zeros(len(shut), np.bool_)
    own, anyones = (smile > SMILING for smile in smiles)
    narrowed = shut & own & (open_lids > LAUGHING_OPEN)
    closed[narrowed] = 0.0
    pressed = shut & (own | anyones) & ~narrowed
    level = _level(pitch, open_lids, shut)
    edges = np.diff(np.concatenate([[0], shut.astype(np.int8), [0]]))
    for begin, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        rows = slice(begin, end)
        early = t_ms[rows] <= t_ms[begin] + BEGINNING_MS
        angles = pitch[rows][early]
        angles = angles[np.isfinite(angles)]
        if len(angles) and float(np.median(angles)) <= level - BENT:
            closed[rows], down[rows] = np.nan, True
        elif t_ms[end - 1] - t_ms[begin] <= LONGEST_LAUGH_MS:
            closed[rows][pressed[rows]] = np.nan
    return Lowered(closed, down)


def _level(pitch: Array, open_lids: Array, shut: Bool) -> float:
    """The pitch at which the viewer usually watches; 0, the camera's, where she was not seen to."""
    watching = pitch[np.isfinite(pitch) & np.isfinite(open_lids) & ~shut]
    return float(np.median(watching)) if len(watching) >= ENOUGH else 0.0
