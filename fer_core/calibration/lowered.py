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
#: So many readings with open eyes make a usual pitch and a usual smile.
ENOUGH: Final = 15
#: A laugh is so much of a smile, and so much more than the viewer usually has; eyes that it narrows
#: this far are not closed.
SMILING, RISES, LAUGHING_OPEN = 0.4, 0.25, 0.1
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
    smile: Array,
    pitch: Array,
) -> Lowered:
    """What one viewer's spells of lowered lids mean.

    Args:
        t_ms: (n,) the moments of her frames, rising.
        shut: (n,) ``Lids.shut``.
        open_lids: (n,) openness of the lids, 0 to 1; NaN where not known.
        smile: (n,) 0 to 1; NaN where not known.
        pitch: (n,) degrees by which the head looks up.
    """
    closed, down = shut.astype(np.float64), np.zeros(len(shut), np.bool_)
    watching = np.isfinite(open_lids) & ~shut
    laughing = smile > max(SMILING, _usual(smile, watching) + RISES)
    closed[shut & laughing & (open_lids > LAUGHING_OPEN)] = 0.0
    pressed = shut & laughing & ~(open_lids > LAUGHING_OPEN)
    level = _usual(pitch, watching)
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


def _usual(values: Array, watching: Bool) -> float:
    """The median while the viewer watches with open eyes; 0 where she was not seen to."""
    known = values[watching & np.isfinite(values)]
    return float(np.median(known)) if len(known) >= ENOUGH else 0.0
