"""One session in a few numbers: how far it can be trusted, and what was in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from fer_core.analytics import shape
from fer_core.analytics.definitions import measure as measure_definition
from fer_core.analytics.definitions import versions
from fer_core.analytics.frame_time import (
    Span,
    frame_durations,
    in_order,
    outside_spans,
    seen_rows,
    usable_rows,
)
from fer_core.analytics.seconds import curves, viewer_seconds
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS

#: Under this quality a session is flagged; under the other it is left out of a study.
FLAGGED_UNDER = 0.85
LEFT_OUT_UNDER = 0.60


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """What a list of sessions shows of each. Shares are 0 to 1; NaN: not known."""

    duration_s: float
    frames: int
    faces: int
    viewers: int
    quality: float
    flagged: bool
    left_out: bool
    emotion_share: dict[str, float]
    measure: str
    mean: float
    hook: float
    peak: float
    peak_s: int | None
    end: float
    versions: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: NaN becomes null."""
        return {key: _plain(value) for key, value in asdict(self).items()}


def summarise(
    timeline: pd.DataFrame,
    frames: pd.DataFrame,
    *,
    measure: str = "engagement",
    spans: Sequence[Span] = (),
    seconds: pd.DataFrame | None = None,
) -> SessionSummary:
    """The numbers of one session; ``seconds`` saves making its viewers' seconds again."""
    measure_definition(measure)
    if seconds is None:
        seconds = viewer_seconds(timeline, frames, spans=spans)
    lines = curves(seconds, measure)
    with np.errstate(invalid="ignore"):
        n = (~np.isnan(lines.values)).sum(axis=0)
        line = np.where(n > 0, np.nansum(lines.values, axis=0) / np.maximum(n, 1), np.nan)
    top = shape.peak(line, lines.seconds)
    share = quality(timeline, frames, spans=spans)
    _, total_ms = frame_durations(in_order(frames)["t_ms"].to_numpy(np.float64))
    rows = timeline[outside_spans(timeline, spans)]
    seen = seen_rows(rows)
    return SessionSummary(
        duration_s=total_ms / 1000,
        frames=int(frames["frame"].nunique()),
        faces=int(seen.sum()),
        viewers=int(rows.loc[seen, "viewer"].nunique()),
        quality=share,
        flagged=share < FLAGGED_UNDER,
        left_out=share < LEFT_OUT_UNDER,
        emotion_share=emotion_shares(timeline, frames, spans=spans),
        measure=measure,
        mean=shape.mean_known(line),
        hook=shape.hook(line, lines.seconds),
        peak=top.value if top else float("nan"),
        peak_s=top.second if top else None,
        end=shape.end(line, lines.seconds),
        versions=versions(),
    )


def quality(
    timeline: pd.DataFrame,
    frames: pd.DataFrame,
    *,
    viewer: int | None = None,
    spans: Sequence[Span] = (),
) -> float:
    """Share of the session's time with a usable face: anyone's, or one viewer's."""
    time = _frame_times(timeline, frames, viewer, spans)
    total = float(time["duration"].sum() + time["hole"].sum())
    if total > 0:
        return float(time.loc[time["usable"], "duration"].sum() / total)
    return float(len(time) > 0 and time["usable"].all())  # a picture has no time to share


def quality_spans(
    timeline: pd.DataFrame,
    frames: pd.DataFrame,
    *,
    viewer: int | None = None,
    spans: Sequence[Span] = (),
    shortest_ms: int = 500,
) -> pd.DataFrame:
    """Stretches without a usable face, to be greyed: ``from_ms, to_ms, why``.

    ``why`` is ``no face``, ``no frames``, or the reason that most of the faces there have.
    Stretches under ``shortest_ms`` are blinks of the detector and not worth a mark.
    """
    time = _frame_times(timeline, frames, viewer, spans)
    pieces: list[tuple[float, float, str]] = []
    bad = time[~time["usable"] | (time["hole"] > 0)]
    for row in bad.itertuples(index=False):
        start, stop = float(row.t_ms), float(row.t_ms + row.duration)  # type: ignore[arg-type,operator]
        if not row.usable:
            pieces.append((start, stop, str(row.why)))
        if row.hole:
            pieces.append((stop, stop + float(row.hole), "no frames"))  # type: ignore[arg-type]
    joined: list[tuple[float, float, dict[str, float]]] = []
    for start, stop, why in pieces:
        if joined and start - joined[-1][1] < 1:
            reasons = joined[-1][2]
            joined[-1] = (joined[-1][0], stop, reasons)
        else:
            reasons = {}
            joined.append((start, stop, reasons))
        reasons[why] = reasons.get(why, 0.0) + stop - start
    kept = [
        (round(start), round(stop), max(reasons, key=lambda why: reasons[why]))
        for start, stop, reasons in joined
        if stop - start >= shortest_ms
    ]
    return pd.DataFrame(kept, columns=["from_ms", "to_ms", "why"]).astype(
        {"from_ms": np.int64, "to_ms": np.int64, "why": "str"}
    )


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


def viewer_table(
    timeline: pd.DataFrame, frames: pd.DataFrame, *, spans: Sequence[Span] = ()
) -> pd.DataFrame:
    """One row a viewer: ``viewer, first_ms, last_ms, faces, quality``."""
    rows = timeline[outside_spans(timeline, spans)]
    rows = rows[seen_rows(rows)]
    groups = rows.groupby("viewer")["t_ms"].agg(["min", "max", "size"]).reset_index()
    groups.columns = pd.Index(["viewer", "first_ms", "last_ms", "faces"])
    groups["quality"] = [
        quality(timeline, frames, viewer=int(one), spans=spans) for one in groups["viewer"]
    ]
    return groups


def _frame_times(
    timeline: pd.DataFrame,
    frames: pd.DataFrame,
    viewer: int | None,
    spans: Sequence[Span],
) -> pd.DataFrame:
    """Each frame with its time, the hole behind it, whether a face was usable, why not."""
    ordered = in_order(frames)
    t_ms = ordered["t_ms"].to_numpy(np.float64)
    durations, _ = frame_durations(t_ms)
    hole = np.append(np.diff(t_ms) - durations[:-1], 0.0) if len(t_ms) else durations
    rows = timeline[outside_spans(timeline, spans)]
    rows = rows if viewer is None else rows[rows["viewer"] == viewer]
    usable_frames = rows.loc[usable_rows(rows), "frame"].unique()
    time = pd.DataFrame(
        {
            "frame": ordered["frame"].to_numpy(),
            "t_ms": t_ms,
            "duration": durations,
            "hole": hole,
            "usable": np.isin(ordered["frame"].to_numpy(), usable_frames),
        }
    )
    seen = rows[seen_rows(rows)]
    reasons = seen.drop_duplicates("frame").set_index("frame")["why_not"]
    why = reasons.reindex(time["frame"]).astype(object)
    first_reason = why.map(lambda text: text.split(",")[0] if isinstance(text, str) else "")
    has_face = np.isin(time["frame"].to_numpy(), seen["frame"].unique())
    time["why"] = np.where(has_face, first_reason.replace("", "unusable"), "no face")
    keep = np.ones(len(time), bool)
    for span in spans:
        if span.viewer is None or span.viewer == viewer:
            keep &= ~span.holds(t_ms)
    return time[keep]


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return None if isinstance(value, float) and np.isnan(value) else value
