"""The store's numbers once more in pandas: referees that its SQL is held against.

Written from the definitions (``seconds/2``, ``presence/1``, ``baseline/1``), frame by frame,
without a database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.analytics.baseline import PRE_ROLL, REFERENCE, SMALLEST
from fer_core.analytics.frame_time import (
    Span,
    frame_durations,
    in_order,
    outside_spans,
    seen_rows,
    usable_rows,
    usual_interval,
)
from fer_core.errors import DataError, SettingsError
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.measures import (
    BY_KEY,
    FACE_MEASURES,
    FLAGS,
    MEASURES,
    SECOND_COLUMNS,
    leading_emotion,
    measure,
)
from fer_core.types import AnalysisSettings

Array = NDArray[np.float64]

#: Less than this at a file's end makes no second of its own.
SHORTEST_LAST_SECOND_MS = 250


def viewer_seconds(
    timeline: pd.DataFrame,
    frames: pd.DataFrame,
    *,
    offset_ms: int = 0,
    spans: Sequence[Span] = (),
    settings: AnalysisSettings | None = None,
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

    timeline = _of_frames(timeline, settings or AnalysisSettings())
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
    lacking = {name for name in MEASURES if BY_KEY[name].optional and timeline[name].isna().all()}
    zeros = [
        0 * away if BY_KEY[name].when_away is None or name in lacking else away for name in MEASURES
    ]
    middles = medians(values, cell[usable], np.stack(zeros, axis=1))[rows]
    seconds = pd.DataFrame(middles, columns=list(MEASURES))
    averaged = [name for name in MEASURES if BY_KEY[name].per_second == "mean"]
    means = timeline.loc[usable, averaged].groupby(cell[usable]).mean().reindex(rows)
    seconds[averaged] = means.to_numpy(np.float64)
    seconds["blink"] = _rate(timeline[usable], cell[usable], seen_count + away)[rows]
    seconds["session_id"] = session
    seconds["viewer"] = viewers[rows // clock.seconds].astype(np.int32)
    seconds["second"] = (rows % clock.seconds + clock.first).astype(np.int32)
    for name, count in (("n", usable_count), ("seen", seen_count), ("away", away)):
        seconds[name] = count[rows].astype(np.int32)
    p = seconds[list(PROBABILITY_COLUMNS)].to_numpy()
    names, seconds["confidence"] = leading_emotion(p)
    own = pd.DataFrame({"cell": cell[usable], "led": timeline.loc[usable, "emotion"].to_numpy()})
    own = own.dropna()  # a usable face may have no probabilities
    leads = own["led"] == pd.Series(names, index=rows).reindex(own["cell"]).to_numpy(object)
    agreeing = leads.groupby(own["cell"]).mean().reindex(rows).to_numpy(np.float64)
    names[agreeing <= 0.5] = "mixed"
    seconds["emotion"] = pd.array(names, dtype="str")
    return seconds[list(SECOND_COLUMNS)]


def _of_frames(timeline: pd.DataFrame, settings: AnalysisSettings) -> pd.DataFrame:
    """What only seconds show, frame by frame, and the frames with which a blink begins."""
    rows = timeline.sort_values(["viewer", "frame"], kind="stable")
    flags = {name: rows[name].map({True: 1.0, False: 0.0}).astype(float) for name in FLAGS}
    blinks = flags["blink"] == 1
    before = blinks.groupby(rows["viewer"]).shift(fill_value=False)
    both = rows[["smile", "eyes_narrowed"]].min(axis=1, skipna=False)
    moved = settings.engagement_base + settings.engagement_expressive * rows["expressiveness"]
    made = rows.assign(
        **flags,
        begins=(blinks & ~before).astype(float),
        eyes_away=np.nan,
        smile_eyes=both,
        engagement_facing=100 * rows["facing"] * moved,
    )
    return made.loc[timeline.index]


def _rate(timeline: pd.DataFrame, cell: NDArray[np.int64], frames: NDArray[np.int64]) -> Array:
    """Blinks a minute of each cell, where at least half of its ``frames`` tell."""
    told = timeline["blink"].notna().to_numpy()
    known = np.bincount(cell[told], minlength=len(frames))
    begun = np.bincount(cell, weights=timeline["begins"].to_numpy(), minlength=len(frames))
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.minimum(60 * begun * frames / known, BY_KEY["blink"].highest)
    return np.where((known > 0) & (2 * known >= frames), rate, np.nan)


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


def medians(values: Array, cell: NDArray[np.int64], zeros: NDArray[np.int64]) -> Array:
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


def _nothing() -> pd.DataFrame:
    numbers = {name: np.zeros(0) for name in SECOND_COLUMNS}
    whole = {name: np.zeros(0, np.int32) for name in ("viewer", "second", "n", "seen", "away")}
    words = {name: pd.array([], dtype="str") for name in ("session_id", "emotion")}
    return pd.DataFrame({**numbers, **whole, **words})[list(SECOND_COLUMNS)]


def emotion_shares(
    timeline: pd.DataFrame, frames: pd.DataFrame, *, spans: Sequence[Span] = ()
) -> dict[str, float]:
    """Share of the usable face time in which each emotion was the likeliest; sums to 1."""
    ordered = in_order(frames)
    durations, _ = frame_durations(ordered["t_ms"].to_numpy(np.float64))
    rows = timeline[outside_spans(timeline, spans)]
    rows = rows[usable_rows(rows)]
    p = rows[list(PROBABILITY_COLUMNS)].to_numpy(np.float64, na_value=np.nan)
    known = ~np.isnan(p).any(axis=1)
    by_frame = pd.Series(durations if len(ordered) > 1 else 1.0, index=ordered["frame"])
    weights = by_frame.reindex(rows["frame"][known]).fillna(0.0).to_numpy()
    time = np.bincount(p[known].argmax(axis=1), weights=weights, minlength=len(EMOTIONS))
    whole = float(time.sum())
    return {
        name: float(time[at] / whole) if whole > 0 else float("nan")
        for at, name in enumerate(EMOTIONS)
    }


@dataclass(frozen=True)
class Corrected:
    """The corrected timeline, and for each viewer how the correction came about."""

    timeline: pd.DataFrame
    viewers: pd.DataFrame  # viewer, frames of the pre-roll, corrected, b_angry … b_neutral


def shift(p: Array, baseline: Array, reference: Array = REFERENCE) -> Array:
    """Probabilities (rows, 7) as if the viewer's resting face gave the reference."""
    weights = reference / np.maximum(baseline, SMALLEST)
    scaled = p * weights
    return scaled / scaled.sum(axis=-1, keepdims=True)


def correct(
    timeline: pd.DataFrame,
    *,
    pre_roll: Span = PRE_ROLL,
    reference: Sequence[float] | Array = REFERENCE,
    settings: AnalysisSettings | None = None,
) -> Corrected:
    """A timeline of one session with every viewer's scores corrected by the pre-roll.

    A viewer without a usable frame there stays as it is and is listed as not corrected.
    ``settings`` are the session's own, for engagement's two weights.
    """
    u = np.asarray(reference, np.float64)
    if u.shape != (len(EMOTIONS),) or (u <= 0).any():
        raise SettingsError(
            f"A reference needs {len(EMOTIONS)} numbers above 0, not {list(u)}.",
            f"In the order {', '.join(EMOTIONS)}.",
        )
    u = u / u.sum()
    p = timeline[list(PROBABILITY_COLUMNS)].to_numpy(np.float64, na_value=np.nan)
    result = p.copy()
    viewer: NDArray[np.int64] = timeline["viewer"].to_numpy()
    resting = (
        usable_rows(timeline)
        & pre_roll.holds(timeline["t_ms"].to_numpy())
        & ~np.isnan(p).any(axis=1)
    )
    table = []
    for one in np.unique(viewer[viewer >= 0]):
        mine = viewer == one
        rest = p[mine & resting]
        baseline = rest.mean(axis=0) if len(rest) else np.full(len(EMOTIONS), np.nan)
        if len(rest):
            result[mine] = shift(p[mine], baseline, u)
        table.append((int(one), len(rest), bool(len(rest)), *baseline))
    changed = timeline.copy()
    changed[list(PROBABILITY_COLUMNS)] = result.astype(np.float32)
    _follow(changed, result, settings)
    names = ["viewer", "frames", "corrected", *(f"b_{name}" for name in EMOTIONS)]
    return Corrected(changed, pd.DataFrame(table, columns=names))


def _follow(timeline: pd.DataFrame, p: Array, settings: AnalysisSettings | None) -> None:
    """Make again what is made of the probabilities; rows without any stay as they are."""
    known = ~np.isnan(p.sum(axis=1))
    pose = timeline.loc[known, ["yaw", "pitch", "roll"]].to_numpy(np.float32, na_value=np.nan)
    measures = measure(p[known].astype(np.float32), pose, settings)
    for name in FACE_MEASURES:
        if BY_KEY[name].sql is None:
            continue
        column = timeline[name].to_numpy(np.float32, na_value=np.nan).copy()
        column[known] = measures[name]
        timeline[name] = column
    names, confidence = leading_emotion(p)
    timeline["emotion"] = pd.array(np.where(known, names, timeline["emotion"]), dtype="str")
    timeline["confidence"] = np.where(known, confidence, timeline["confidence"]).astype(np.float32)
