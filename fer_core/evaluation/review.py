"""A model's kept predictions, and what is computed from them: ranks, reliability, duplicates.

Pure functions. A face of a data set is called ``SPLIT/ROW``: the row in the split as
``training.datasets.load`` reads it, whatever the data set's layout.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from fer_core.errors import DataError
from fer_core.evaluation.metrics import BINS, reliability
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.text import whole_number
from fer_core.types import Bytes, Float, Int


def data_set_item(split: str, row: int) -> str:
    """A face's name; the digits make names sort as rows do."""
    return f"{split}/{row:06d}"


def data_set_place(item: str) -> tuple[str, int]:
    """The split and row that a face's name means."""
    split, _, row = item.rpartition("/")
    number = whole_number(row)
    if not split or number is None:
        raise DataError(f"{item!r} names no face of a data set.", "Open it from its page.")
    return split, number


def prediction_columns(
    split: str, rows: Int, truth: Int, probabilities: Float, names: tuple[str, ...]
) -> dict[str, list[Any]]:
    """The columns that the store keeps. ``truth`` and probabilities are over ``names``."""
    guess = probabilities.argmax(axis=1)
    columns: dict[str, list[Any]] = {
        "item": [data_set_item(split, int(row)) for row in rows],
        "truth": [names[int(k)] for k in truth],
        "guess": [names[int(k)] for k in guess],
        "confidence": [round(float(p), 6) for p in probabilities.max(axis=1)],
    }
    place = {name: k for k, name in enumerate(names)}
    for name, column in zip(EMOTIONS, PROBABILITY_COLUMNS):
        known = probabilities[:, place[name]] if name in place else np.zeros(len(rows))
        columns[column] = [round(float(p), 6) for p in known]
    return columns


def ranks(probabilities: Float, truth: Int) -> list[float]:
    """The share of faces whose truth is the model's first, second, third … guess."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    place = (order == np.asarray(truth)[:, None]).argmax(axis=1)
    counts = np.bincount(place, minlength=probabilities.shape[1])
    return [float(count) / len(truth) for count in counts]


def reliability_rows(probabilities: Float, truth: Int, bins: int = BINS) -> list[dict[str, float]]:
    """The bins of a reliability diagram that hold faces, ready for JSON."""
    table = reliability(probabilities, truth, bins)
    return [
        {
            "from": k / bins, "to": (k + 1) / bins, "n": int(count),
            "confidence": float(sure), "right": float(hits),
        }
        for k, (count, sure, hits) in enumerate(table)
        if count
    ]  # fmt: skip


def twins(images: Bytes, among: Bytes) -> dict[int, int]:
    """For each picture that also stands, pixel for pixel, in ``among``: the first row there."""
    first: dict[bytes, int] = {}
    for row, picture in enumerate(among):
        first.setdefault(picture.tobytes(), row)
    found = ((row, first.get(picture.tobytes())) for row, picture in enumerate(images))
    return {row: there for row, there in found if there is not None}


def confused_pairs(confusion: Any, labels: tuple[str, ...], most: int = 3) -> pd.DataFrame:
    """The commonest mistakes: truth, guess, faces and their share of that truth."""
    table = np.asarray(confusion)
    rows = [
        {"truth": a, "guess": b, "n": int(table[i, j]), "share": table[i, j] / table[i].sum()}
        for i, a in enumerate(labels)
        for j, b in enumerate(labels)
        if i != j and table[i, j]
    ]
    found = pd.DataFrame(rows, columns=["truth", "guess", "n", "share"])
    return found.sort_values("n", ascending=False, kind="stable").head(most).reset_index(drop=True)
