"""From frames to seconds: what each viewer showed, and what the audience did.

A viewer's second is the median over its usable frames. In a frame without a visible face
a known viewer has attention 0, engagement 0 and no emotion, so such frames count in those
two; presence/1 in docs/decisions/070 says who is known when. A second in which faces were
seen but none could be used, and a second without any frame, are not known: NaN, or no row.
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
from fer_core.analytics.definitions import MEASURES, measure
from fer_core.analytics.frame_time import (
    Span,
    in_order,
    outside_spans,
    seen_rows,
    usable_rows,
    usual_interval,
)
from fer_core.errors import DataError, SettingsError
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS

Array = NDArray[np.float64]

#: A viewer's second: who, when, the frames in which the face was usable, seen, and not to
#: be seen though the viewer was known, and the medians.
SECOND_COLUMNS: tuple[str, ...] = (
    "session_id",
    "viewer",
    "second",
    "n",
    "seen",
    "away",
    *PROBABILITY_COLUMNS,
    "emotion",
    "confidence",
    "valence",
    "activation",
    "expressiveness",
    "attention",
    "engagement",
)

#: Less than this at a file's end makes no second of its own.
SHORTEST_LAST_SECOND_MS = 250

#: What a frame is known to be in which a known viewer has no visible face.
ZERO_WHEN_AWAY = ("attention", "engagement")

#: How sure the bound is for those of an audience who would show what none of its few viewers
#: shows, upwards; in valence downwards too. Fitted to simulated viewers (decision 096).
RARELY_SHOWN = {f"p_{name}": 0.5 for name in EMOTIONS if name != "neutral"} | {"valence": 0.57}


def viewer_seconds(
    timeline: pd.DataFrame,
    frames: pd.DataFrame,
    *,
    offset_ms: int = 0,
    spans: Sequence[Span] = (),
) -> pd.DataFrame:
    """One session's timeline and frames to one row a viewer and second (SECOND_COLUMNS).

    ``offset_ms`` is where the stimulus starts in the recording: its first second is 0 and
    what comes before is negative. ``spans`` are left out as if never filmed.
    """
    frames = in_order(frames)
    timeline = timeline[outside_spans(timeline, spans)]
    timeline = timeline[timeline["viewer"].to_numpy() >= 0]
    if timeline.empty or frames.empty:
        return _nothing()
    session = timeline["session_id"].iloc[0]
    if (timeline["session_id"] != session).any():
        raise DataError("Seconds are made of one session at a time, and here are several.")

    if timeline.duplicated(["viewer", "frame"]).any():  # two faces of one merged viewer
        timeline = timeline.sort_values("score", ascending=False, kind="stable")
        timeline = timeline.drop_duplicates(["viewer", "frame"])

    clock = _Clock.of(frames["t_ms"].to_numpy(np.float64), offset_ms)
    viewers, who = np.unique(timeline["viewer"].to_numpy(), return_inverse=True)
    t_ms = timeline["t_ms"].to_numpy(np.float64)
    filmed = _filmed(frames["t_ms"].to_numpy(np.float64), clock, viewers, who, t_ms, spans)
    when = clock.index(t_ms)
    inside = (when >= 0) & (when < clock.seconds)
    timeline, cell = timeline[inside], (who * clock.seconds + when)[inside]

    size = len(viewers) * clock.seconds
    usable = usable_rows(timeline)
    seen_count = np.bincount(cell[seen_rows(timeline)], minlength=size)
    usable_count = np.bincount(cell[usable], minlength=size)
    away = np.maximum(filmed - seen_count, 0)
    rows = np.flatnonzero(seen_count + away)

    values = timeline.loc[usable, list(MEASURES)].to_numpy(np.float64, na_value=np.nan)
    zeros = [away if name in ZERO_WHEN_AWAY else 0 * away for name in MEASURES]
    medians = _medians(values, cell[usable], np.stack(zeros, axis=1))[rows]
    seconds = pd.DataFrame(medians, columns=list(MEASURES))
    seconds["session_id"] = session
    seconds["viewer"] = viewers[rows // clock.seconds].astype(np.int32)
    seconds["second"] = (rows % clock.seconds + clock.first).astype(np.int32)
    for name, count in (("n", usable_count), ("seen", seen_count), ("away", away)):
        seconds[name] = count[rows].astype(np.int32)
    _name_emotions(seconds)
    return seconds[list(SECOND_COLUMNS)]


@dataclass(frozen=True, slots=True)
class _Clock:
    """The whole seconds that a session covers."""

    first: int
    seconds: int
    offset_ms: int

    @classmethod
    def of(cls, t_ms: Array, offset_ms: int) -> _Clock:
        shifted = t_ms - offset_ms
        first, last = int(shifted[0] // 1000), int(shifted[-1] // 1000)
        covered = shifted[-1] + usual_interval(t_ms) - last * 1000
        if last > first and covered < SHORTEST_LAST_SECOND_MS:
            last -= 1
        return cls(first, last - first + 1, offset_ms)

    def index(self, t_ms: Array) -> NDArray[np.int64]:
        """Which of its seconds a time lies in; outside 0 to ``seconds`` there is none."""
        return ((t_ms - self.offset_ms) // 1000).astype(np.int64) - self.first

    def edges_ms(self) -> Array:
        """Where its seconds begin, and where the last one ends, in the recording's time."""
        return (
            np.arange(self.seconds + 1, dtype=np.float64) * 1000
            + self.first * 1000
            + self.offset_ms
        )


def _filmed(
    frame_ms: Array,
    clock: _Clock,
    viewers: NDArray[np.int64],
    who: NDArray[np.intp],
    t_ms: Array,
    spans: Sequence[Span],
) -> NDArray[np.int64]:
    """Frames of each viewer's seconds in which the viewer was known; presence/1."""
    first = np.full(len(viewers), np.inf)
    last = np.full(len(viewers), -np.inf)
    np.minimum.at(first, who, t_ms)
    np.maximum.at(last, who, t_ms)
    if len(viewers) == 1:
        last[:] = np.inf
    edges = clock.edges_ms()
    counts = np.zeros((len(viewers), clock.seconds), np.int64)
    for row, viewer in enumerate(viewers):
        mine = frame_ms
        for span in spans:
            if span.viewer is None or span.viewer == viewer:
                mine = mine[~span.holds(mine)]
        mine = mine[(mine >= first[row]) & (mine <= last[row])]
        counts[row] = np.diff(np.searchsorted(mine, edges))
    return counts.ravel()


def _medians(values: Array, cell: NDArray[np.int64], zeros: NDArray[np.int64]) -> Array:
    """The median of each column over the rows of each cell, NaN left out.

    ``zeros`` (cells, columns) are frames that count as 0 and have no row; where there are
    any, the column has no value below 0. Rows are laid out as (cell, frame in it), padded
    with NaN, and sorted: many times as fast as a group-by for the frames of a second.
    """
    result = np.where(zeros > 0, 0.0, np.nan)
    if not len(values):
        return result
    order = np.argsort(cell, kind="stable")
    used, start, count = np.unique(cell[order], return_index=True, return_counts=True)
    place = np.repeat(np.arange(len(used)), count)
    depth = np.arange(len(values)) - np.repeat(start, count)
    padded = np.empty((len(used), int(count.max())))
    rows = np.arange(len(used))
    for column in range(values.shape[1]):
        padded.fill(np.nan)
        padded[place, depth] = values[order, column]
        padded.sort(axis=1)
        before = zeros[used, column]
        total = (~np.isnan(padded)).sum(axis=1) + before
        lower, upper = (np.maximum(total - 1, 0)) // 2 - before, total // 2 - before
        below = np.where(lower < 0, 0.0, padded[rows, np.maximum(lower, 0)])
        above = np.where(upper < 0, 0.0, padded[rows, np.maximum(upper, 0)])
        result[used, column] = np.where(total > 0, (below + above) / 2, np.nan)
    return result


def _name_emotions(seconds: pd.DataFrame) -> None:
    """The second's emotion is the largest of its medians; none without a readable face."""
    p = seconds[list(PROBABILITY_COLUMNS)].to_numpy()
    known = ~np.isnan(p).any(axis=1)
    best = np.where(known[:, None], p, 0.0).argmax(axis=1)
    names = np.array(EMOTIONS, dtype=object)[best]
    names[~known] = None
    seconds["emotion"] = pd.array(names, dtype="str")
    seconds["confidence"] = np.where(known, p[np.arange(len(p)), best], np.nan)


def _nothing() -> pd.DataFrame:
    numbers = {name: np.zeros(0) for name in SECOND_COLUMNS}
    whole = {name: np.zeros(0, np.int32) for name in ("viewer", "second", "n", "seen", "away")}
    words = {name: pd.array([], dtype="str") for name in ("session_id", "emotion")}
    return pd.DataFrame({**numbers, **whole, **words})[list(SECOND_COLUMNS)]


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
    measure(name)
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
    rule = measure(lines.measure)
    band = mean_band(lines.values, draws=draws, seed=seed, lowest=rule.lowest, highest=rule.highest)
    low, high = band.low, band.high
    if lines.measure in RARELY_SHOWN:
        # Five viewers of whom none smiles say little of the one in ten who does.
        others = SHOWN * unseen(band.n, RARELY_SHOWN[lines.measure])
        high = np.maximum(high, band.mean + others * (rule.highest - band.mean))
        if rule.lowest < 0:
            low = np.minimum(low, band.mean - others * (band.mean - rule.lowest))
    if lines.measure in ZERO_WHEN_AWAY:
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
