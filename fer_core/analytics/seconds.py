"""What the audience did, second by second: curves of viewers' seconds, their mean and band.

A viewer's second is a row of the store's table ``seconds`` (SECOND_COLUMNS). What is not known
is NaN, or has no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.analytics.carried import OWN_VIEW, carried, shown
from fer_core.analytics.methods.bands import (
    DRAWS,
    SHOWN,
    mean_band,
    share_interval,
    unseen,
    unseen_away,
)
from fer_core.analytics.shape import known_mean
from fer_core.errors import SettingsError
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.measures import MIXED, find_measure, leading_emotion
from fer_core.types import Array

#: The probability of an emotion from which a viewer shows it; no two are over a half.
SHOWS_FROM: Final = 0.5


@dataclass(frozen=True)
class Curves:
    """One measure of many viewers: a row a viewer, a column a second, NaN: not known.

    recording: they are those of one recording, in which people come and go: its numbers are of
        everything that was recorded, and not of an audience's film.
    """

    measure: str
    values: Array
    seconds: NDArray[np.int64]
    viewers: pd.DataFrame
    recording: bool = False

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.viewers), len(self.seconds)):
            raise ValueError(
                f"{self.values.shape} values for {len(self.viewers)} viewers "
                f"and {len(self.seconds)} seconds"
            )

    @property
    def n(self) -> int:
        """Viewers with at least one known second."""
        return self.in_seconds(np.ones(len(self.seconds), bool))

    def in_seconds(self, inside: NDArray[np.bool_]) -> int:
        """Viewers with a known second among these (seconds,)."""
        return int((~np.isnan(self.values[:, inside])).any(axis=1).sum())

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """(seconds,) viewers who are known in each second."""
        return np.asarray((~np.isnan(self.values)).sum(axis=0), np.int64)

    @cached_property
    def mean(self) -> Array:
        """(seconds,) the mean over viewers: the curve that is drawn. NaN: nobody is known."""
        return known_mean(self.values, axis=0)

    @cached_property
    def carried(self) -> NDArray[np.bool_]:
        """(seconds,) which seconds headline numbers use: enough viewers, and no pre-roll."""
        if self.recording:
            return self.counts >= 1
        return carried(self.counts, self.n) & (self.seconds >= 0)

    @cached_property
    def headline(self) -> Array:
        """(seconds,) the curve where it is carried; NaN elsewhere."""
        return np.where(self.carried, self.mean, np.nan)


def curves(
    seconds: pd.DataFrame,
    name: str = "engagement",
    *,
    by: Sequence[str] = ("session_id", "viewer"),
    first: int | None = None,
    last: int | None = None,
    recording: bool = False,
) -> Curves:
    """Viewers' seconds of one or many sessions as a matrix of one measure.

    ``by`` names a viewer: ``("respondent",)`` brings the sessions of one person together
    (means of their seconds). ``first`` and ``last`` cut or widen the seconds covered.
    """
    return curves_of(seconds, (name,), by=by, first=first, last=last, recording=recording)[name]


def curves_of(
    seconds: pd.DataFrame,
    names: Sequence[str],
    *,
    by: Sequence[str] = ("session_id", "viewer"),
    first: int | None = None,
    last: int | None = None,
    recording: bool = False,
) -> dict[str, Curves]:
    """The same of several measures; who is who is told once for all."""
    for name in names:
        find_measure(name)
    when = seconds["second"].to_numpy(np.int64)
    lowest = int(when.min()) if first is None and len(when) else first or 0
    highest = int(when.max()) if last is None and len(when) else (-1 if last is None else last)
    grid = np.arange(lowest, highest + 1)
    keys = seconds.groupby(list(by), sort=True, dropna=False)
    who = keys.ngroup().to_numpy()
    viewers = seconds[list(by)].iloc[np.unique(who, return_index=True)[1]].reset_index(drop=True)
    size = len(viewers) * len(grid)
    covered = (when >= lowest) & (when <= highest)
    cells = who * len(grid) + when - lowest
    found = {}
    for name in names:
        values = np.asarray(seconds[name], np.float64)
        inside = covered & ~np.isnan(values)
        counts = np.bincount(cells[inside], minlength=size)
        with np.errstate(invalid="ignore"):
            means = np.bincount(cells[inside], weights=values[inside], minlength=size) / counts
        found[name] = Curves(name, means.reshape(len(viewers), len(grid)), grid, viewers, recording)
    return found


def audience(
    lines: Curves, *, minimum: int = OWN_VIEW, draws: int = DRAWS, seed: int = 0
) -> pd.DataFrame:
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
    table = pd.DataFrame(
        {"second": lines.seconds, "mean": lines.mean, "low": low, "high": high, "n": band.n}
    )
    return hide_few(table, minimum)


def hide_few(table: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """The audience's seconds without numbers of fewer viewers than the smallest group."""
    enough = shown(table["n"].to_numpy(), minimum)
    return table.assign(**{one: table[one].where(enough) for one in ("mean", "low", "high")})


def emotion_share(
    seconds: pd.DataFrame,
    emotion: str,
    *,
    threshold: float = SHOWS_FROM,
    minimum: int = OWN_VIEW,
    by: Sequence[str] = ("session_id", "viewer"),
) -> pd.DataFrame:
    """Viewers showing an emotion, in per cent: ``second, share, low, high, n``.

    n counts the viewers whose second could be read; one who looks away shows nothing that
    could be counted for or against.
    """
    if emotion not in EMOTIONS:
        raise SettingsError(f"There is no emotion {emotion!r}.", f"Known: {', '.join(EMOTIONS)}.")
    lines = curves(seconds, f"p_{emotion}", by=by)
    return share_showing(lines, threshold=threshold, minimum=minimum)


def share_showing(
    lines: Curves, *, threshold: float = SHOWS_FROM, minimum: int = OWN_VIEW
) -> pd.DataFrame:
    """The same from the viewers' curves of the emotion's probability."""
    n = lines.counts
    hits = (lines.values > threshold).sum(axis=0)
    enough = shown(n, minimum)
    low, high = share_interval(hits.astype(np.float64), n.astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits / n
    return pd.DataFrame(
        {
            "second": lines.seconds,
            "share": np.where(enough, 100 * share, np.nan),
            "low": np.where(enough, 100 * low, np.nan),
            "high": np.where(enough, 100 * high, np.nan),
            "n": n,
        }
    )


def leading(seconds: pd.DataFrame, by: Sequence[str] = ("second",)) -> pd.DataFrame:
    """What leads each second of several viewers: ``emotion, confidence``, by the columns ``by``.

    The likeliest emotion by the mean over viewers, with that mean; ``MIXED`` where it leads no
    more than half of the viewers who could be read. None and NaN where nobody could be.
    """
    groups = seconds.groupby(list(by))
    means = groups[list(PROBABILITY_COLUMNS)].mean()
    names, confidence = leading_emotion(means.to_numpy(np.float64))
    place = groups.ngroup().to_numpy()
    readable = seconds["emotion"].notna().to_numpy()
    agrees = readable & (seconds["emotion"].to_numpy(object) == names[place])
    n, same = (np.bincount(place[one], minlength=len(means)) for one in (readable, agrees))
    names[(n > 0) & (2 * same <= n)] = MIXED
    table = pd.DataFrame({"emotion": pd.array(names, dtype="str"), "confidence": confidence})
    return table.set_index(means.index)
