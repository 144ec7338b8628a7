"""Slices of a data set by how its pictures look: dark, flat, blurred, lit from one side.

A slice is the tenth of the pictures in which a trait is strongest, so that each has the same
weight whatever the data set. Faces come cut out and scaled to one size: how large they were, and
how far the head is turned, is not known any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from fer_core.errors import SettingsError
from fer_core.types import Bool, Bytes, Float

SHARE: Final = 0.1
#: Fewer pictures than this are not sliced: a tenth of them says nothing.
FEWEST: Final = 50
_BLOCK: Final = 2048


@dataclass(frozen=True, slots=True)
class Trait:
    """A number of each picture; a slice is the tenth in which it is strongest."""

    key: str
    name: str  # of the slice, after «the»
    unit: str  # what is measured, with «under» or «over» before its limit
    low: bool  # whether low values are the strongest


TRAITS: Final = (
    Trait("dark", "darkest", "mean grey level", low=True),
    Trait("bright", "brightest", "mean grey level", low=False),
    Trait("flat", "lowest in contrast", "standard deviation of the grey levels", low=True),
    Trait("blurred", "most blurred", "sharpness (variance of the Laplacian by the picture's)",
          low=True),
    Trait("one-sided", "most lit from one side", "difference of the halves' mean grey levels",
          low=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slice:
    """Which pictures (n,) are in it, and the trait's value at its edge."""

    trait: Trait
    edge: float
    members: Bool


def traits(images: Bytes) -> dict[str, Float]:
    """Each trait of pictures (n, h, w): (n,), by its key."""
    found: dict[str, list[Float]] = {one.key: [] for one in TRAITS}
    for start in range(0, len(images), _BLOCK):
        grey = np.asarray(images[start : start + _BLOCK], np.float32)
        mean, spread = grey.mean(axis=(1, 2)), grey.std(axis=(1, 2))
        inner = grey[:, 1:-1, 1:-1]
        around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
        edges = (around - 4 * inner).var(axis=(1, 2))
        half = grey.shape[2] // 2
        sides = grey[:, :, :half].mean(axis=(1, 2)) - grey[:, :, -half:].mean(axis=(1, 2))
        found["dark"].append(mean)
        found["bright"].append(mean)
        found["flat"].append(spread)
        found["blurred"].append(edges / np.maximum(spread**2, 1.0))
        found["one-sided"].append(np.abs(sides))
    return {key: np.concatenate(parts) for key, parts in found.items()}


def slices(images: Bytes) -> list[Slice]:
    """The slices of pictures (n, h, w); none of fewer than FEWEST."""
    n = len(images)
    if n < FEWEST:
        return []
    most = round(SHARE * n)
    found = []
    values = traits(images)
    for trait in TRAITS:
        value = values[trait.key]
        order = np.argsort(value if trait.low else -value, kind="stable")[:most]
        members = np.zeros(n, bool)
        members[order] = True
        found.append(Slice(trait, float(value[order[-1]]), members))
    return found


def trait_called(key: str) -> Trait:
    """SettingsError names those that there are."""
    for one in TRAITS:
        if one.key == key:
            return one
    raise SettingsError(f"There is no slice {key!r}.", f"Use {', '.join(t.key for t in TRAITS)}.")
