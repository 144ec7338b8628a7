"""What the face added: how much better answers are told with the response than without it.

Two predictions of every respondent's answer are compared, each made by models that never saw that
respondent: one from what is known without a face (answers, film, condition), and one that adds the
response. All is measured by the squared error, as a share of the error of whoever says the mean of
the others' answers to everybody: 0 tells no more than that mean, 1 tells all, below 0 is worse.

Nested cross-validation: within each training part the strength of the ridge penalty on what is
known is chosen by leave-one-out; the face's is the same for all. The interval comes from studies
simulated with the same respondents, whose answers hang on the response ever more: it holds the
gains under which the estimate found lies among the middle 95 % (Neyman's interval).
``benchmarks/face_added.py`` measures how often it holds.
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
DRAWS: Final = 600
#: How strongly simulated answers hang on the response, in multiples of what was fitted to all.
STRENGTHS: Final = np.linspace(0.0, 6.0, 61)
TAILS: Final = (0.025, 0.975)
#: Penalties for predictors of unit variance, as multiples of the number of respondents.
#: The face's own penalty is one for all: chosen anew for each part, with «no face» among the
#: choices, the gain was often exactly 0, and no interval held.
FACE_PENALTY: Final = np.array([0.3])
PENALTIES: Final = np.array([0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0])


@dataclass(frozen=True, slots=True)
class FaceAdded:
    """Shares of the error of the mean that are taken away: without a face, and by the face.

    Each may be below 0. NaN with a ``reason`` where it cannot be told.
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
    if not np.var(y):
        return FaceAdded(nan, nan, nan, nan, n, "everybody gave the same answer")
    before, face = _filled(known, n), _filled(response, n)
    rng = np.random.default_rng(seed)
    told, effect, noise = _model(y, before, face)
    drawn = told[:, None] + noise[rng.integers(0, n, (n, DRAWS))]
    gained, error = _Squares(n), _Squares(n)
    kept = 0.0
    columns = np.column_stack([y, effect, drawn])
    for _ in range(repeats):
        mean, without, with_face = _errors(columns, before, face, rng.permutation(n) % FOLDS)
        gained.add(without, 1)
        gained.add(with_face, -1)
        error.add(mean, 1)
        kept += float(np.sum(mean[:, 0] ** 2 - without[:, 0] ** 2))
    gain = gained.found / error.found
    low, high = _interval(gain, gained, error, rng.normal(size=DRAWS))
    return FaceAdded(kept / error.found, gain, low, high, n)


class _Squares:
    """Sums of squared errors: of the answers found, and of simulated ones at each strength.

    An error of simulated answers is e + c f at strength c, so its square is a polynomial of c,
    whose coefficients are kept by draw (summed over respondents) and by respondent (over draws).
    """

    def __init__(self, n: int) -> None:
        self.found = 0.0
        self.by_draw = np.zeros((3, DRAWS))
        self.by_person = np.zeros((3, n))

    def add(self, errors: Array, sign: int) -> None:
        """``errors`` (n, 2 + DRAWS): of the answers, of the effect alone, of each draw."""
        e, f = errors[:, 2:], errors[:, 1]
        self.found += sign * float(np.sum(errors[:, 0] ** 2))
        self.by_draw += sign * np.stack(
            [np.sum(e**2, axis=0), 2 * f @ e, np.full(DRAWS, np.sum(f**2))]
        )
        self.by_person += sign * np.stack([np.mean(e**2, axis=1), 2 * f * e.mean(axis=1), f**2])


def _model(y: Array, before: Array, face: Array) -> tuple[Array, Array, Array]:
    """What the answers hang on: what is known, the response, and chance (each (n,))."""
    n = len(y)
    everybody = np.ones(n, bool)
    # beside the answers one column a respondent: what each answer does to what is told of all
    columns = np.column_stack([y, np.eye(n)])
    known, told = _predict(columns, before, face, everybody, everybody)
    rest = y - told[:, 0]
    freedom = float(np.trace(told[:, 1:]))
    scale = np.sqrt(n / max(n - freedom, n / 4))
    return known[:, 0], told[:, 0] - known[:, 0], (rest - rest.mean()) * scale


def _interval(gain: float, gained: _Squares, error: _Squares, chance: Array) -> tuple[float, float]:
    """The gains under which ``gain`` is not among the outermost estimates, by simulation."""
    powers = STRENGTHS[None] ** np.arange(3)[:, None]
    drawn = (gained.by_draw.T @ powers) / (error.by_draw.T @ powers)  # (draws, strengths)
    true = drawn.mean(axis=0)
    # other respondents would have come as well: their share of the gain differs by who they are
    whole = error.by_person.T @ powers
    each = (gained.by_person.T @ powers - true * whole) / whole.mean(axis=0)
    drawn = drawn + chance[:, None] * np.std(each, axis=0) / np.sqrt(len(each))
    least, most = np.maximum.accumulate(np.quantile(drawn, TAILS, axis=0), axis=1)
    true = np.maximum.accumulate(true)
    # below a response that tells nothing, estimates lie about the gain as they do there
    low = np.interp(gain, most, true) if gain > most[0] else gain - (most[0] - true[0])
    high = np.interp(gain, least, true) if gain > least[0] else gain + (true[0] - least[0])
    return float(low), float(high)


def _filled(table: Array, n: int) -> Array:
    """Columns that vary, with unknown values at the column's mean."""
    values = np.asarray(table, np.float64).reshape(n, -1)
    values = values[:, np.isfinite(values).any(axis=0)]
    values = np.where(np.isfinite(values), values, np.nanmean(values, axis=0, keepdims=True))
    return values[:, values.std(axis=0) > 0]


def _errors(
    y: Array, before: Array, face: Array, fold: NDArray[np.int_]
) -> tuple[Array, Array, Array]:
    """Errors of ``y`` (n, columns) told by the others' mean, without and with the face."""
    mean, without, with_face = (np.empty_like(y) for _ in range(3))
    for part in range(FOLDS):
        test = fold == part
        told, more = _predict(y[~test], before, face, ~test, test)
        mean[test] = y[test] - y[~test].mean(axis=0)
        without[test], with_face[test] = y[test] - told, y[test] - more
    return mean, without, with_face


def _predict(
    y: Array, before: Array, face: Array, train: NDArray[np.bool_], test: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Predictions for ``test``, without and with the face, from the answers ``y`` of ``train``.

    The columns of ``y`` are told apart; the first one chooses the penalty for all.
    """
    x0, t0 = _scaled(before[train], before[test])
    x1, t1 = _scaled(face[train], face[test])
    mean = y.mean(axis=0)
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
    """Fitted and predicted values of each column of ``y``, by the penalty with the least
    leave-one-out error of the first.

    Of several penalties, zero everywhere where none lowers that error.
    """
    n = len(y)
    nothing = np.zeros_like(y), np.zeros((len(test), y.shape[1]))
    if not x.shape[1]:
        return nothing
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    shrink = s**2 / (s**2 + penalties[:, None] * n)  # (penalties, components)
    projected = u.T @ y
    best = 0
    if len(penalties) > 1:
        fitted = (shrink * projected[:, 0]) @ u.T
        leverage = shrink @ (u**2).T + 1 / n  # the mean is fitted as well
        errors = np.mean(((y[:, 0] - fitted) / (1 - np.minimum(leverage, 0.999))) ** 2, axis=1)
        best = int(np.argmin(errors))
        if errors[best] >= np.mean((y[:, 0] * n / (n - 1)) ** 2):
            return nothing
    weights = vt.T @ ((s / (s**2 + penalties[best] * n))[:, None] * projected)
    return x @ weights, test @ weights
