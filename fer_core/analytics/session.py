"""How far a session can be trusted: its quality, and the stretches without a usable face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer_core.analytics.frame_time import (
    Span,
    frame_durations,
    in_order,
    outside_spans,
    seen_rows,
    usable_rows,
)

#: Under this quality a session is flagged; under the other it is left out of a study.
FLAGGED_UNDER = 0.85
LEFT_OUT_UNDER = 0.60


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


#: Why a face counts for nothing where a person left it out.
LEFT_OUT = "left out"


def quality_spans(
    timeline: pd.DataFrame,
    frames: pd.DataFrame,
    *,
    viewer: int | None = None,
    spans: Sequence[Span] = (),
    shortest_ms: int = 500,
) -> pd.DataFrame:
    """Stretches without a usable face, to be greyed: ``from_ms, to_ms, why``.

    ``why`` is ``no face``, ``no frames``, or the reason that most of the faces there have; what
    a person left out (LEFT_OUT) is never joined with the rest.
    Stretches under ``shortest_ms`` are blinks of the detector and not worth a mark.
    """
    time = _frame_times(timeline, frames, viewer, spans)
    pieces: list[tuple[float, float, str]] = []
    bad = time[~time["usable"] | (time["hole"] > 0)]
    ends, holes = bad["t_ms"] + bad["duration"], bad["hole"]
    for start, stop, hole, usable, why in zip(bad["t_ms"], ends, holes, bad["usable"], bad["why"]):
        if not usable:
            pieces.append((float(start), float(stop), str(why)))
        if hole:
            pieces.append((float(stop), float(stop) + float(hole), "no frames"))
    joined: list[tuple[float, float, dict[str, float]]] = []
    for start, stop, why in pieces:
        before = joined[-1] if joined else None
        if before and start - before[1] < 1 and (why == LEFT_OUT) == (LEFT_OUT in before[2]):
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
