"""One sentence a chart: what the numbers show, said only where they support it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.charts.wording import clock, percent
from fer_core.analytics import shape

SHORTEST = 10  # seconds of data under which no trend is claimed
MOST_BLOCKS = 200  # a stretch is sought among this many blocks
PART = 4  # seconds that each side of a change needs
STEP = 5.0  # engagement points that a viewer of a chart would notice
MOST_AWAY = 0.6  # under this share of readable seconds, absence is the finding
CLEAR = 3.5  # standard errors; above the usual 2, because the split was searched for


def change(values: np.ndarray) -> tuple[int, float, float] | None:
    """The split with the clearest difference: where, by how much, in standard errors.

    Neighbouring seconds resemble each other, so the error counts independent seconds only
    (first-order autocorrelation).
    """
    n = len(values)
    if n < SHORTEST:
        return None
    sums, squares = np.cumsum(values), np.cumsum(values**2)
    cut = np.arange(PART, n - PART + 1)
    left, right = sums[cut - 1] / cut, (sums[-1] - sums[cut - 1]) / (n - cut)
    within = squares[-1] - cut * left**2 - (n - cut) * right**2
    best = int(np.argmin(within))
    at, low, high = int(cut[best]), float(left[best]), float(right[best])
    error = _error(np.concatenate([values[:at] - low, values[at:] - high]), at)
    return at, high - low, abs(high - low) / error if error else np.inf


def stretch(values: np.ndarray) -> tuple[int, int, float, float] | None:
    """The stretch that differs most from all the rest: from, to, by how much, in errors."""
    size = max(1, -(-len(values) // MOST_BLOCKS))
    usable = len(values) // size * size
    blocks = values[:usable].reshape(-1, size).mean(axis=1)
    n, least = len(blocks), max(1, PART // size)
    if len(values) < 2 * SHORTEST:
        return None
    sums = np.concatenate([[0.0], np.cumsum(blocks)])
    start, end = np.triu_indices(n + 1, k=least)
    inner = (start >= least) & (end <= n - least)
    start, end = start[inner], end[inner]
    if not len(start):
        return None
    inside = end - start
    mean_in = (sums[end] - sums[start]) / inside
    mean_out = (sums[-1] - sums[end] + sums[start]) / (n - inside)
    best = int(np.argmax((mean_in - mean_out) ** 2 * inside * (n - inside)))
    a, b = int(start[best]), int(end[best])
    difference = float(mean_in[best] - mean_out[best])
    rest = blocks - mean_out[best]
    rest[a:b] = blocks[a:b] - mean_in[best]
    error = _error(rest, b - a)
    return a * size, b * size, difference, abs(difference) / error if error else np.inf


def _error(rest: np.ndarray, inside: int) -> float:
    """The standard error of a difference between ``inside`` values and all others."""
    n = len(rest)
    total = float((rest**2).sum())
    if total < 1e-9:
        return 0.0
    memory = float(np.clip((rest[:-1] * rest[1:]).sum() / total, 0.0, 0.95))
    shrink = (1 - memory) / (1 + memory)
    return float(np.sqrt(total / max(n - 2, 1) * (1 / inside + 1 / (n - inside)) / shrink))


def engagement(seconds: pd.DataFrame) -> str:
    """«Engagement falls after 0:21», or a plain name where nothing is clear.

    Said of the seconds in which somebody could be read: that looking away brings the curve
    to 0 is no finding about the film, unless it is most of it.
    """
    known = seconds[seconds["emotion"].notna()]
    if len(known) < len(seconds) * MOST_AWAY:
        return _absence(seconds)
    if len(known) < SHORTEST:
        return "Engagement"
    values = known["engagement"].to_numpy(dtype=float)
    at = known["t_ms"].to_numpy()
    split, part = change(values), stretch(values)
    clearly = [0.0 if f is None or abs(f[-2]) < STEP else f[-1] for f in (split, part)]
    if split is not None and clearly[0] >= max(CLEAR, clearly[1]):
        return f"Engagement {'rises' if split[1] > 0 else 'falls'} after {clock(at[split[0]])}"
    if part is not None and clearly[1] >= CLEAR:
        a, b, difference, _ = part
        end = at[b] if b < len(at) else at[-1] + 1000
        extreme = "highest" if difference > 0 else "lowest"
        return f"Engagement is {extreme} from {clock(at[a])} to {clock(end)}"
    curve = seconds["engagement"].to_numpy(dtype=float)
    top = shape.peak(curve, seconds["second"].to_numpy())
    if top is not None and top.value - float(values.mean()) >= 2 * STEP:
        return f"Engagement peaks at {clock(_at(seconds, top.second))}"
    smooth = shape.smooth(values)
    if float(smooth.max() - smooth.min()) <= 2 * STEP:
        return f"Engagement holds near {round(float(values.mean()))}"
    return "Engagement varies, without a clear trend"


def _absence(seconds: pd.DataFrame) -> str:
    """Where nobody could be read for most of the time: from when, or how much."""
    seen = seconds["emotion"].notna().to_numpy()
    if not seen.any():
        return "No second with a usable face"
    last = int(np.flatnonzero(seen)[-1])
    if seen[: last + 1].mean() >= 0.8:
        return f"No usable face after {clock(float(seconds['t_ms'].iloc[last]) + 1000)}"
    return f"A usable face in {percent(float(seen.mean()))} of the seconds"


def expressions(share: pd.Series) -> str:
    known = share.dropna()
    if known.empty:
        return "Expressions"
    ranked = known.sort_values(ascending=False, kind="stable")
    first, second = str(ranked.index[0]), str(ranked.index[1])
    if ranked.iloc[0] < 0.5:
        return f"Mixed expressions, {first} most often ({percent(ranked.iloc[0])})"
    if ranked.iloc[1] < 0.03:
        return f"Almost only {first}"
    return f"Mostly {first}, then {second} ({percent(ranked.iloc[1])})"


def valence(seconds: pd.DataFrame) -> str:
    known = seconds["valence"].dropna()
    if len(known) < SHORTEST:
        return "Valence"
    mean = float(known.mean())
    if abs(mean) < 0.1:
        return "Valence stays near zero on average"
    return f"Valence leans {'pleasant' if mean > 0 else 'unpleasant'}"


def _at(seconds: pd.DataFrame, second: int) -> float:
    """Where a second lies in the recording, in ms."""
    return float(seconds.loc[seconds["second"] == second, "t_ms"].iloc[0])


def session(seconds: pd.DataFrame, share: pd.Series, name: str = "") -> str:
    """A text summary of the whole chart for a screen reader."""
    known = seconds.dropna(subset=["engagement"])
    if known.empty:
        return f"{name}: no second with a usable face.".lstrip(": ")
    value = known["engagement"]
    top, low = known.iloc[int(value.argmax())], known.iloc[int(value.argmin())]
    return (
        f"{engagement(seconds)}. Mean {round(value.mean())} of 100; highest "
        f"{round(top['engagement'])} at {clock(top['t_ms'])}, lowest {round(low['engagement'])} "
        f"at {clock(low['t_ms'])}. {expressions(share)}."
    )
