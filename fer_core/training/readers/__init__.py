"""How data sets lie on the disk: one module a layout, which adds its reader to READERS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from fer_core.errors import DataError
from fer_core.registry import Registry
from fer_core.training.datasets import DataSet, Problem
from fer_core.training.samples import FERPLUS, Samples
from fer_core.types import Bytes

#: Split, grey face (48, 48), label, votes (10,) or None.
Row = tuple[str, Bytes, int, np.ndarray | None]


@dataclass(frozen=True, slots=True)
class Reader:
    """A layout: whether a path has it, and the data set from a path and the split wanted.

    order: who is asked first.
    """

    order: int
    takes: Callable[[Path], bool]
    read: Callable[[Path, str | None], DataSet]


READERS: Final[Registry[Reader]] = Registry("data set as", package=__name__, error=DataError)


def collect(name: str, rows: Iterator[Row], problems: list[Problem]) -> DataSet:
    """A data set of rows in any order; ``problems`` are read when all rows have been."""
    images: dict[str, list[Bytes]] = {}
    labels: dict[str, list[int]] = {}
    votes: dict[str, list[np.ndarray]] = {}
    for split, image, label, voted in rows:
        images.setdefault(split, []).append(image)
        labels.setdefault(split, []).append(label)
        votes.setdefault(split, []).append(
            np.zeros(len(FERPLUS), np.int32) if voted is None else voted
        )
    splits = {}
    for split, pictures in images.items():
        voted_rows = np.stack(votes[split])
        splits[split] = Samples(
            np.stack(pictures),
            np.array(labels[split], np.int32),
            voted_rows if voted_rows.any() else None,
        )
    return DataSet(name, splits, tuple(problems))
