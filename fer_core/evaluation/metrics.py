"""How good answers are: pure functions, arrays in, numbers out.

Conventions. Rows of the confusion are truth, columns the answer. A ratio over nothing is
0. Macro-F1 averages the classes that occur in truth or answers. Among equal
probabilities the class that comes first wins. Expected calibration error: 15 bins of
equal width over the highest probability, weighted by their faces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from fer_core.types import Float, Int, ScoresJson

BINS = 15


@dataclass(frozen=True, slots=True)
class Scores:
    """METRICS.md's list for one output on one set of faces."""

    labels: tuple[str, ...]
    n: int
    accuracy: float
    macro_f1: float
    ece: float
    top2: float
    top3: float
    confusion: Int

    @property
    def per_class(self) -> dict[str, dict[str, float]]:
        """Precision, recall, F1 and number of faces of each class."""
        return per_class(self.confusion, self.labels)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many of each class there are, were answered, and were answered correctly."""
        c = self.confusion
        return {
            name: {
                "actual": int(c[k].sum()),
                "predicted": int(c[:, k].sum()),
                "true_positive": int(c[k, k]),
            }
            for k, name in enumerate(self.labels)
        }

    def as_dict(self) -> ScoresJson:
        """All numbers for JSON."""
        return {
            "n": self.n,
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "ece": self.ece,
            "top2": self.top2,
            "top3": self.top3,
            "per_class": self.per_class,
            "counts": self.counts,
            "confusion": self.confusion.tolist(),
        }

    @classmethod
    def from_dict(cls, found: ScoresJson) -> Self:
        """The numbers that ``as_dict`` wrote; the classes stand in the confusion's order."""
        return cls(
            labels=tuple(found.get("labels") or found["per_class"]),
            n=int(found["n"]),
            accuracy=float(found["accuracy"]),
            macro_f1=float(found["macro_f1"]),
            ece=float(found["ece"]),
            top2=float(found["top2"]),
            top3=float(found["top3"]),
            confusion=np.asarray(found["confusion"], np.int64),
        )


def score(probabilities: Float, truth: Int, labels: tuple[str, ...]) -> Scores:
    """All numbers for probabilities (n, k) against the true classes (n,)."""
    if probabilities.shape != (len(truth), len(labels)) or not len(truth):
        raise ValueError(f"probabilities {probabilities.shape} for {len(truth)} faces")
    guess = probabilities.argmax(axis=1)
    table = confusion(truth, guess, len(labels))
    return Scores(
        labels=tuple(labels),
        n=len(truth),
        accuracy=float((guess == truth).mean()),
        macro_f1=macro_f1(table),
        ece=expected_calibration_error(probabilities, truth),
        top2=top(probabilities, truth, 2),
        top3=top(probabilities, truth, 3),
        confusion=table,
    )


def confusion(truth: Int, guess: Int | np.ndarray, classes: int) -> Int:
    """Counts (k, k): rows truth, columns answers."""
    flat = np.bincount(np.asarray(truth) * classes + guess, minlength=classes * classes)
    return flat.reshape(classes, classes).astype(np.int32)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def f1(table: Int) -> np.ndarray:
    """F1 of each class (k,) from a confusion (k, k); 0 where a class never occurs."""
    hit = np.diag(table).astype(float)
    return _ratio(2 * hit, table.sum(axis=0) + table.sum(axis=1))


def macro_f1(table: Int) -> float:
    """Mean F1 of the classes that occur in truth or answers of a confusion (k, k); 0 to 1.

    A class that occurs in neither is left out, not counted as 0: the same as scikit-learn's
    ``f1_score(average="macro")``. The one macro-F1 of training, evaluation and pages.
    """
    occurs = (table.sum(axis=0) + table.sum(axis=1)) > 0
    return float(f1(table)[occurs].mean()) if occurs.any() else 0.0


def per_class(table: Int, labels: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 (0 to 1) and faces of each class, from a confusion (k, k)."""
    hit = np.diag(table).astype(float)
    precision = _ratio(hit, table.sum(axis=0))
    recall = _ratio(hit, table.sum(axis=1))
    both = f1(table)
    return {
        name: {
            "precision": float(precision[k]),
            "recall": float(recall[k]),
            "f1": float(both[k]),
            "support": int(table[k].sum()),
        }
        for k, name in enumerate(labels)
    }


def top(probabilities: Float, truth: Int, k: int) -> float:
    """How often the truth is among the k likeliest answers."""
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return float((order == np.asarray(truth)[:, None]).any(axis=1).mean())


def reliability(probabilities: Float, truth: Int, bins: int = BINS) -> np.ndarray:
    """For a reliability chart, a row a bin: faces, mean confidence, share that was right."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == truth
    which = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    count = np.bincount(which, minlength=bins).astype(float)
    sure = _ratio(np.bincount(which, confidence, bins), count)
    hits = _ratio(np.bincount(which, right, bins), count)
    return np.column_stack([count, sure, hits])


def expected_calibration_error(probabilities: Float, truth: Int, bins: int = BINS) -> float:
    """How far confidence is from accuracy on average over the bins, 0 to 1."""
    count, sure, hits = reliability(probabilities, truth, bins).T
    return float((count * np.abs(sure - hits)).sum() / count.sum())
