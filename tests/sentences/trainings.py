"""Sentences about trainings, and about data sets before a training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dashboard.lab.data import view as data_view
from dashboard.lab.models import learning_charts
from dashboard.lab.train import charts as train_charts
from dashboard.lab.train import overlay
from dashboard.lab.train.data import ExampleFace, Examples
from fer_core.jobs.data_inspection import DataInspection, SplitInspection
from fer_core.labels import DISPLAY_ORDER
from tests.sentences.case import Case, Read, near, share

Array = np.ndarray
LABELS = ("happy", "sad", "fear")


# -- trainings; data: accuracy by the epoch --------------------------------------------------------


def overlaid(data: tuple[float, ...]) -> str:
    """What is said of trainings whose second epoch reached these accuracies."""
    trials = [
        overlay.Trial(str(k), f"run{k}", {}, pd.DataFrame({"epoch": [1, 2], "accuracy": [0.3, a]}))
        for k, a in enumerate(data)
    ]
    return overlay.best_said(trials)


def furthest(read: Read, data: tuple[float, ...]) -> bool:
    place = int(np.argmax(data))
    return (read["name"], read["epoch"]) == (f"run{place}", "2") and near(
        share(read["best"]), 100 * data[place], 0.05
    )


def epochs(data: Array) -> pd.DataFrame:
    n = len(data)
    return pd.DataFrame({"epoch": np.arange(1, n + 1), "accuracy": data, "loss": 1.0, "rate": 0.1})


def learned(data: Array) -> str:
    return learning_charts.learning_said(epochs(data))


def still(read: Read, data: Array) -> bool:
    last = data[-int(read["epochs"]) :]
    rising = near(float(read["gain"]), 100 * (last[-1] - last[0]), 0.05)
    return rising and last[-1] > last[0] and data.argmax() >= len(data) - 2


def best(read: Read, data: Array) -> bool:
    at = int(data.argmax())
    named = int(read["epoch"]) == at + 1 and near(share(read["best"]), 100 * data[at])
    return named and near(share(read["last"]), 100 * data[-1]) and at < len(data) - 3


def level(read: Read, data: Array) -> bool:
    at = int(data.argmax())
    return int(read["epoch"]) == at + 1 and near(share(read["best"]), 100 * data[at])


def spread(read: Read, data: Array) -> bool:
    low, high = np.percentile(100 * data, [25, 75])
    return near(share(read["low"]), low) and near(share(read["high"]), high)


def growing(active: bool, planned: int = 20) -> Any:
    return lambda data: train_charts.growing_said(epochs(data), planned, active)


def now(read: Read, data: Array) -> bool:
    last = int(read["epoch"]) == len(data) and near(share(read["share"]), 100 * data[-1])
    if "best" in read:
        at = int(data.argmax())
        return last and int(read["best"]) == at + 1 and near(share(read["most"]), 100 * data[at])
    return last and bool(data.argmax() == len(data) - 1)


def examples_said(data: tuple[Array, Array, int]) -> str:
    faces = tuple(ExampleFace("", LABELS[t], LABELS[g], 0.5) for t, g in zip(*data[:2]))
    return train_charts.examples_said(Examples(data[2], faces))


def examples(read: Read, data: tuple[Array, Array, int]) -> bool:
    counts = (int((data[0] == data[1]).sum()), len(data[0]), data[2])
    return (int(read["right"]), int(read["all"]), int(read["epoch"])) == counts


RISING = np.linspace(0.3, 0.6, 12)
ROUND = np.r_[np.linspace(0.3, 0.6, 6), np.linspace(0.59, 0.5, 6)]
LEVEL = np.r_[np.linspace(0.3, 0.6, 8), 0.599, 0.598]
STILL = 0.4 + 0.001 * np.sin(np.arange(8))
ZERO_TO_TWO = np.arange(9) % 3
TRAININGS = [
    Case("learning.unknown", learned, lambda _, d: not len(d), RISING[:0], RISING),
    Case("learning.still", learned, still, RISING, ROUND),
    Case("learning.best", learned, best, ROUND, RISING),
    Case("learning.level", learned, level, LEVEL, RISING),
    Case("spread.too_few", lambda d: learning_charts.violins_said(epochs(d)),
         lambda _, d: len(d) < 4, RISING[:3], RISING),
    Case("spread", lambda d: learning_charts.violins_said(epochs(d)), spread, RISING, ROUND),
    Case("trainings.best", overlaid, furthest, (0.5, 0.71, 0.66), (0.8, 0.71, 0.66)),
    Case("training.first", growing(True), lambda _, d: not len(d), RISING[:0], RISING),
    Case("training.now", growing(True), now, RISING, ROUND),
    Case("training.now.best", growing(True), now, ROUND, RISING),
    Case("training.stayed", growing(False),
         lambda r, d: near(share(r["share"]), 100 * d[-1]) and np.ptp(d) < 0.01, STILL, RISING),
    Case("training.reached", growing(False),
         lambda r, d: near(share(r["share"]), 100 * d.max()) and d[-1] - d[0] >= 0.01
         and d.max() - d[-1] < 0.01, RISING, ROUND),
    Case("training.examples", examples_said, examples,
         (ZERO_TO_TWO, np.sort(ZERO_TO_TWO), 4), (ZERO_TO_TWO, ZERO_TO_TWO, 4)),
]  # fmt: skip


# -- data sets; data: faces of each expression in training -----------------------------------------


def inspected(data: Array) -> str:
    counts = dict(zip(DISPLAY_ORDER, (int(one) for one in data)))
    split = SplitInspection("train", int(data.sum()), counts, 0, 0, 0, 0, 0)
    return data_view.finding(DataInspection((split,), (), 0, {}))


def frequent(read: Read, data: Array) -> bool:
    top = int(data.argmax())
    named = read["most"] == DISPLAY_ORDER[top] and int(read["faces"].replace(",", "")) == data.sum()
    return named and near(share(read["share"]), 100 * data[top] / data.sum())


def absent(read: Read, data: Array) -> bool:
    missing = [DISPLAY_ORDER[k] for k in np.flatnonzero(data == 0)]
    return frequent(read, data) and read["absent"].replace(" or ", ", ").split(", ") == missing


def rarest(read: Read, data: Array) -> bool:
    low = int(data.argmin())
    part = near(share(read["rare"].removeprefix("only ")), 100 * data[low] / data.sum())
    return frequent(read, data) and read["least"] == DISPLAY_ORDER[low] and part


def even(read: Read, data: Array) -> bool:
    sized = int(read["faces"].replace(",", "")) == data.sum()
    return sized and bool(data.max() < 1.5 * data.min())


USUAL = np.array([700, 300, 500, 480, 400, 40, 390])
DATA = [
    Case("data.absent", inspected, absent, USUAL * (USUAL != 40) * (USUAL != 300), USUAL),
    Case("data.even", inspected, even, USUAL // USUAL * 300, USUAL),
    Case("data.rarest", inspected, rarest, USUAL, USUAL[::-1]),
]

CASES = [*TRAININGS, *DATA]
