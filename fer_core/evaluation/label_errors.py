"""Which labels are probably wrong: confident learning on a model's answers.

Northcutt, Jiang and Chuang, «Confident Learning: Estimating Uncertainty in Dataset Labels»,
Journal of Artificial Intelligence Research 70 (2021). The answers must be out of sample: of a
model that was not trained on these faces, or it repeats what it was told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.types import Bool, Float, Int

#: Smaller probabilities are not told apart: kept answers have six digits.
LEAST: Final = 1e-6


@dataclass(frozen=True, slots=True)
class LabelDoubts:
    """For each face (n,): how doubtful its label is, and what it may show instead.

    score: of the probability that the label and the likeliest other class share, the part of the
        other, 0 to 1; above 0.5 the model prefers that class.
    likely: the likeliest class beside the label.
    suspect: whether another class is as probable as it usually is on faces of that label, and
        more so than any other such class: an entry off the diagonal of the «confident joint».
    """

    score: Float
    likely: Int
    suspect: Bool


def label_doubts(probabilities: Float, labels: Int) -> LabelDoubts:
    """Doubts about labels (n,) by a model's out-of-sample probabilities (n, k).

    The threshold of a class is the mean probability that faces with this label get; a class
    that no face is labelled with is never suspected.
    """
    n, k = probabilities.shape
    if labels.shape != (n,):
        raise ValueError(f"probabilities {probabilities.shape} for labels {labels.shape}")
    rows = np.arange(n)
    own = probabilities[rows, labels]
    others = probabilities.copy()
    others[rows, labels] = -1.0
    likely = others.argmax(axis=1).astype(np.int32)
    count = np.bincount(labels, minlength=k)
    total = np.bincount(labels, own, minlength=k)
    usual = np.divide(total, count, out=np.full(k, np.inf), where=count > 0)
    confident = np.where(probabilities >= usual, probabilities, -1.0)
    joint = confident.argmax(axis=1)
    suspect = (confident.max(axis=1) >= 0) & (joint != labels)
    other = np.maximum(others[rows, likely], LEAST).astype(np.float64)
    score = other / (other + np.maximum(own, LEAST))
    return LabelDoubts(score, likely, suspect)


def doubts_of(predictions: pd.DataFrame) -> pd.DataFrame:
    """Doubts about the labels of an evaluation's kept answers, a row a face, in their order.

    Args:
        predictions: all of an evaluation's, with columns item, truth and the probabilities.

    Returns:
        Columns item, truth, likely (emotions), doubt (0 to 1) and suspect (bool).
    """
    labels = predictions["truth"].map({name: k for k, name in enumerate(EMOTIONS)})
    found = label_doubts(
        np.asarray(predictions[list(PROBABILITY_COLUMNS)], np.float32), np.asarray(labels, np.int32)
    )
    return pd.DataFrame(
        {
            "item": predictions["item"].to_numpy(),
            "truth": predictions["truth"].to_numpy(),
            "likely": [EMOTIONS[k] for k in found.likely],
            "doubt": found.score,
            "suspect": found.suspect,
        }
    )
