"""What the face added: how much better answers are told with the response than without it.

Two predictions of every respondent's answer are compared, each made by models that never saw
that respondent: one from what is known without a face (answers, condition), and one that adds the
response. The gain is the squared error that the face takes away, as a share of the answer's
variance: 0 where the face tells nothing new, and below 0 where it only adds noise.

Nested cross-validation: within each training part the strength of the ridge penalty on what is
known is chosen by leave-one-out; the face's is the same for all. The interval is that of Nadeau and
Bengio (2003) for resampled errors, whose parts share respondents; ``benchmarks/face_added.py``
measures how often it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.types import Array

#: Fewer respondents than this say nothing.
FEWEST: Final = 40
FOLDS: Final = 10
REPEATS: Final = 5
#: Penalties for predictors of unit variance, as multiples of the number of respondents.
#: The face's own penalty is one for all: one chosen anew for each part, with «no face» among the
#: choices, gave intervals that held in 71 to 98 % of simulated studies.
FACE_PENALTY: Final = np.array([0.3])
WIDTH: Final = 1.96
PENALTIES: Final = np.array([0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0])


@dataclass(frozen=True, slots=True)
class FaceAdded:
    """Shares of the answers' variance that are told: without a face, and the face's gain.

    NaN with a ``reason`` where it cannot be told.
    """

    baseline: float
    gain: float
    low: float
    high: float
    respondents: int
    reason: str = ""

    @property
    def claims(self) -> bool:
        """Whether the face adds something, surely."""
        return self.low > 0


def face_added(
    answers: Array, known: Array, response: Array, *, repeats: int = REPEATS, seed: int = 0
) -> FaceAdded:
    """How well ``answers`` (n,) are told by ``known`` (n, p), and with ``response`` (n, q)."""
    y = np.asarray(answers, np.float64)
    n = len(y)
    nan = float("nan")
    if n < FEWEST:
        return FaceAdded(nan, nan, nan, nan, n, f"under {FEWEST} respondents")
    spread = float(np.var(y))
    if not spread:
        return FaceAdded(nan, nan, nan, nan, n, "everybody gave the same answer")
    before, face = _filled(known, n), _filled(response, n)
    rng = np.random.default_rng(seed)
    gains, kept = np.empty((repeats, FOLDS)), np.empty((repeats, FOLDS))
    for repeat in range(repeats):
        fold = rng.permutation(np.arange(n) % FOLDS)
        for part in range(FOLDS):
            test = fold == part
            without, with_face = _predict(y[~test], before, face, test)
            error = (y[test] - without) ** 2
            gains[repeat, part] = np.mean(error - (y[test] - with_face) ** 2) / spread
            kept[repeat, part] = np.mean((y[test] - y[~test].mean()) ** 2 - error) / spread
    # the folds of one repeat hold everybody once: their spread is taken within repeats
    variance = float(np.mean(np.var(gains, axis=1, ddof=1)))
    half = WIDTH * float(np.sqrt(variance * (1 / FOLDS + 1 / (FOLDS - 1))))
    gain = float(gains.mean())
    return FaceAdded(float(kept.mean()), gain, gain - half, gain + half, n)


def _filled(table: Array, n: int) -> Array:
    """Columns that vary, with unknown values at the column's mean."""
    values = np.asarray(table, np.float64).reshape(n, -1)
    values = values[:, np.isfinite(values).any(axis=0)]
    values = np.where(np.isfinite(values), values, np.nanmean(values, axis=0, keepdims=True))
    return values[:, values.std(axis=0) > 0]


def _predict(y: Array, before: Array, face: Array, test: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Predictions for ``test``, without and with the face, from the others' answers ``y``."""
    x0, t0 = _scaled(before[~test], before[test])
    x1, t1 = _scaled(face[~test], face[test])
    mean = float(y.mean())
    fitted, without = _ridge(x0, y - mean, t0)
    # what the face says beyond what is known: its part that the known does not tell
    if x0.shape[1] and x1.shape[1]:
        gram = x0.T @ x0 + 1e-6 * len(x0) * np.eye(x0.shape[1])
        part = np.linalg.solve(gram, x0.T @ x1)
        x1, t1 = x1 - x0 @ part, t1 - t0 @ part
    _, more = _ridge(x1, y - mean - fitted, t1, FACE_PENALTY)
    return mean + without, mean + without + more


def _scaled(train: Array, test: Array) -> tuple[Array, Array]:
    middle, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    return (train - middle) / spread, (test - middle) / spread


def _ridge(x: Array, y: Array, test: Array, penalties: Array = PENALTIES) -> tuple[Array, Array]:
    """Fitted and predicted values, by the penalty with the least leave-one-out error.

    Of several penalties, zero everywhere where none lowers that error.
    """
    nothing = np.zeros(len(y)), np.zeros(len(test))
    if not x.shape[1]:
        return nothing
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    shrink = s**2 / (s**2 + penalties[:, None] * len(y))  # (penalties, components)
    projected = u.T @ y
    fitted = (shrink * projected) @ u.T
    leverage = shrink @ (u**2).T + 1 / len(y)  # the mean is fitted as well
    errors = np.mean(((y - fitted) / (1 - np.minimum(leverage, 0.999))) ** 2, axis=1)
    best = int(np.argmin(errors))
    if len(penalties) > 1 and errors[best] >= np.mean((y * len(y) / (len(y) - 1)) ** 2):
        return nothing
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = vt.T @ (np.where(s > 0, shrink[best] / s, 0.0) * projected)
    return fitted[best], test @ weights
