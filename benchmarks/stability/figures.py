"""Figures of noise and of delay, from probabilities (n, 7) of successive frames of one face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.stability.films import FPS
from fer_core.measures import measure


@dataclass(frozen=True, slots=True)
class Noise:
    """Of a film in which nothing changes."""

    step: float  # mean of half the summed difference of a frame's probabilities to the last's
    valence: float  # root mean square of the difference to the frame before, -1 to 1
    engagement: float  # of 100, the same
    leads: float  # how often a second another emotion leads
    second: float  # as ``step``, of one second's mean to the next second's
    second_engagement: float  # mean difference of a second's median to the last's, of 100
    right: float  # share of frames led by the emotion that people saw


def noise(p: np.ndarray, facing: np.ndarray, label: int | None) -> Noise:
    """Of one face's frames, none missing."""
    found = measure(p, np.zeros((len(p), 3), np.float32))
    engagement = found["engagement"] * facing
    lead = p.argmax(axis=1)
    whole = len(p) // FPS
    seconds = p[: whole * FPS].reshape(whole, FPS, p.shape[1]).mean(axis=1)
    medians = np.median(engagement[: whole * FPS].reshape(whole, FPS), axis=1)
    return Noise(
        apart(p).mean(),
        root_mean_square(np.diff(found["valence"])),
        root_mean_square(np.diff(engagement)),
        FPS * float((lead[1:] != lead[:-1]).mean()),
        float(apart(seconds).mean()) if whole > 1 else float("nan"),
        float(np.abs(np.diff(medians)).mean()) if whole > 1 else float("nan"),
        float("nan") if label is None else float((lead == label).mean()),
    )


def apart(p: np.ndarray) -> np.ndarray:
    """Half the summed differences of successive rows: 0 is the same, 1 another face."""
    return 0.5 * np.abs(np.diff(p.astype(np.float64), axis=0)).sum(axis=1)


def root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


@dataclass(frozen=True, slots=True)
class Change:
    """Of a film in which one expression becomes another between two frames' times."""

    half: float  # frames from the change's middle until half of it shows
    most: float  # … until nine tenths of it show
    right: float  # share of frames around the change led by what the face shows then
    top: float  # of a short expression: how much of its height shows at its height


def progress(p: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """How far each frame is on the way from one state to the other."""
    way = after - before
    return np.asarray((p - before) @ way / (way @ way))


def delay(shares: np.ndarray, middle: float, level: float) -> float:
    """Frames from the change's middle until the shares reach a level, counted in parts of a frame;
    NaN where they never do."""
    reached = np.flatnonzero(shares >= level)
    if not len(reached):
        return float("nan")
    i = int(reached[0])
    if i == 0:
        return -middle
    low, high = shares[i - 1], shares[i]
    return float(i - 1 + (level - low) / (high - low) - middle)
