"""What the audience did, second by second: curves of viewers' seconds, their mean and band.

A viewer's second is a row of the store's table ``seconds`` (SECOND_COLUMNS): the median over
its usable frames. What is not known is NaN, or has no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.analytics.bands import (
    DRAWS,
    SHOWN,
    mean_band,
    share_interval,
    unseen,
    unseen_away,
)
from fer_core.errors import SettingsError
from fer_core.labels import EMOTIONS
from fer_core.measures import find_measure

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """One measure of many viewers: a row a viewer, a column a second, NaN: not known."""

    measure: str
    values: Array
    seconds: NDArray[np.int64]
    viewers: pd.DataFrame

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.viewers), len(self.seconds)):
            raise ValueError(
                f"{self.values.shape} values for {len(self.viewers)} viewers "
                f"and {len(self.seconds)} seconds"
            )

    @property
    def n(self) -> int:
        """Viewers with at least one known second."""
        return int((~np.isnan(self.values)).any(axis=1).sum())


def curves(
    seconds: pd.DataFrame,
    name: str = "engagement",
    *,
    by: Sequence[str] = ("session_id", "viewer"),
    first: int | None = None,
    last: int | None = None,
) -> Curves:
    """Viewers' seconds of one or many sessions as a matrix of one measure.

    ``by`` names a viewer: ``("respondent",)`` brings the sessions of one person together
    (means of their seconds). ``first`` and ``last`` cut or widen the seconds covered.
    """
    find_measure(name)
    when = seconds["second"].to_numpy(np.int64)
    lowest = int(when.min()) if first is None and len(when) else first or 0
    highest = int(when.max()) if last is None and len(when) else (-1 if last is None else last)
    grid = np.arange(lowest, highest + 1)
    keys = seconds.groupby(list(by), sort=True, dropna=False)
    who = keys.ngroup().to_numpy()
    viewers = seconds[list(by)].iloc[np.unique(who, return_index=True)[1]].reset_index(drop=True)
    values = np.asarray(seconds[name], np.float64)
    inside = (when >= lowest) & (when <= highest) & ~np.isnan(values)
    cell = who[inside] * len(grid) + when[inside] - lowest
    size = len(viewers) * len(grid)
    counts = np.bincount(cell, minlength=size)
    with np.errstate(invalid="ignore"):
        means = np.bincount(cell, weights=values[inside], minlength=size) / counts
    return Curves(name, means.reshape(len(viewers), len(grid)), grid, viewers)


def audience(lines: Curves, *, minimum: int = 1, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """The audience's seconds: ``second, mean, low, high, n``; NaN below the minimum group."""
    rule = find_measure(lines.measure)
    band = mean_band(lines.values, draws=draws, seed=seed, lowest=rule.lowest, highest=rule.highest)
    low, high = band.low, band.high
    if rule.unseen is not None:
        # Five viewers of whom none smiles say little of the one in ten who does.
        others = SHOWN * unseen(band.n, rule.unseen)
        high = np.maximum(high, band.mean + others * (rule.highest - band.mean))
        if rule.lowest < 0:
            low = np.minimum(low, band.mean - others * (band.mean - rule.lowest))
    if rule.when_away == 0.0:
        # Where all n look at the screen, resampling cannot show those of the audience who
        # would not: the true mean of attention lay in the plain band in 46 % of seconds.
        low = np.minimum(low, band.mean * (1 - unseen_away(band.n)))
    shown = band.n >= max(minimum, 1)
    return pd.DataFrame(
        {
            "second": lines.seconds,
            "mean": np.where(shown, band.mean, np.nan),
            "low": np.where(shown, low, np.nan),
            "high": np.where(shown, high, np.nan),
            "n": band.n,
        }
    )


def emotion_share(
    seconds: pd.DataFrame,
    emotion: str,
    *,
    threshold: float = 0.5,
    minimum: int = 1,
    by: Sequence[str] = ("session_id", "viewer"),
) -> pd.DataFrame:
    """Viewers showing an emotion, in per cent: ``second, share, low, high, n``.

    n counts the viewers whose second could be read; one who looks away shows nothing that
    could be counted for or against.
    """
    if emotion not in EMOTIONS:
        raise SettingsError(f"There is no emotion {emotion!r}.", f"Known: {', '.join(EMOTIONS)}.")
    lines = curves(seconds, f"p_{emotion}", by=by)
    n = (~np.isnan(lines.values)).sum(axis=0)
    hits = (lines.values > threshold).sum(axis=0)
    shown = n >= max(minimum, 1)
    low, high = share_interval(hits.astype(np.float64), n.astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits / n
    return pd.DataFrame(
        {
            "second": lines.seconds,
            "share": np.where(shown, 100 * share, np.nan),
            "low": np.where(shown, 100 * low, np.nan),
            "high": np.where(shown, 100 * high, np.nan),
            "n": n,
        }
    )
