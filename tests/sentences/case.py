"""A template, what our code says of data made for it, and a check that knows numpy alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Read = dict[str, str]  # what a sentence says in each of its places


@dataclass(frozen=True)
class Case:
    """``say``: our code's sentence of ``data``. ``true``: whether what was read from it holds of
    some data. It must hold of ``data`` and fail of ``other``, else it checks nothing."""

    key: str
    say: Callable[[Any], str]
    true: Callable[[Read, Any], bool]
    data: Any
    other: Any


def at(text: str) -> int:
    """Seconds of «0:21»."""
    minutes, seconds = text.split(":")
    return 60 * int(minutes) + int(seconds)


def share(text: str) -> float:
    """Per cent of «62 %»."""
    return float(text.removesuffix(" %"))


def signed(text: str) -> float:
    return float(text.replace("−", "-"))


def noise(*shape: int, size: float = 1.0, seed: int = 0) -> np.ndarray:
    return size * np.random.default_rng(seed).normal(size=shape)


def near(one: float, other: float, within: float = 0.5) -> bool:
    """Equal up to rounding."""
    return bool(abs(one - other) <= within + 1e-9)
