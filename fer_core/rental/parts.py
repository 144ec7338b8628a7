"""Cross-fitting: the faces in parts, each answered by a training that was not shown it."""

from __future__ import annotations

import numpy as np

from fer_core.rental.pack import Packed
from fer_core.types import Int

#: (k, n): the kth of n parts. A person's photographs are all in one part.
Part = tuple[int, int]


def part_of(packed: Packed, parts: int) -> Int:
    """Which of the parts each packed face is in."""
    turn = np.cumsum(~packed.photographs) - 1
    return np.where(packed.photographs, packed.person, turn).astype(np.int32) % np.int32(parts)


def left_out(packed: Packed, part: Part | None) -> Int:
    """Rows of the faces that a training is not shown; all rows where it is shown everything."""
    if part is None:
        return np.arange(len(packed.faces), dtype=np.int32)
    return np.flatnonzero(part_of(packed, part[1]) == part[0]).astype(np.int32)


def shown(packed: Packed, part: Part | None) -> tuple[Int, Int]:
    """Rows that train: of FER2013's faces, of photographs.

    Every part has as many, so that one compilation serves them all: the larger parts give up
    their last few.
    """
    return _shown(packed, ~packed.photographs, part), _shown(packed, packed.photographs, part)


def _shown(packed: Packed, kind: np.ndarray, part: Part | None) -> Int:
    if part is None:
        return np.flatnonzero(kind).astype(np.int32)
    its, (mine, of) = part_of(packed, part[1]), part
    most = max(np.count_nonzero(kind & (its == k)) for k in range(of))
    rows = np.flatnonzero(kind & (its != mine))
    return rows[: np.count_nonzero(kind) - most].astype(np.int32)
