"""One session made ready to draw: its seconds, a lane a viewer, gaps, shares, summary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_core.analytics import seconds as audience_seconds
from fer_core.analytics import session as session_numbers
from fer_core.labels import DISPLAY_ORDER, EMOTIONS, PROBABILITY_COLUMNS

MEANS = (*PROBABILITY_COLUMNS, "valence", "activation", "expressiveness", "attention")


@dataclass(frozen=True)
class SessionView:
    """What the session page draws; the charts' docstrings say which columns mean what."""

    seconds: pd.DataFrame
    lanes: pd.DataFrame
    gaps: pd.DataFrame
    shares: pd.Series
    viewers: pd.DataFrame
    summary: session_numbers.SessionSummary
    duration_ms: int

    @property
    def empty(self) -> bool:
        return bool(self.seconds["engagement"].isna().all())


def view(
    timeline: pd.DataFrame,
    frames: pd.DataFrame,
    by_viewer: pd.DataFrame,
    *,
    length_ms: int = 0,
    offset_ms: int = 0,
    minimum: int = 1,
) -> SessionView:
    """From a session's rows and its viewers' seconds, as the store keeps both.

    ``length_ms`` is how long the recording says it is: while it is analysed, the time axis
    keeps its length. ``offset_ms`` is where second 0 begins in the recording; what is
    drawn runs on the recording's own clock. ``minimum`` is the smallest audience shown.
    """
    summary = session_numbers.summarise(timeline, frames, seconds=by_viewer)
    last = int(frames["t_ms"].max()) if len(frames) else 0
    duration_ms = max(round(summary.duration_s * 1000), last, length_ms)
    share = pd.Series(summary.emotion_share, dtype=float).reindex(list(DISPLAY_ORDER))
    return SessionView(
        seconds=audience(by_viewer, duration_ms, offset_ms=offset_ms, minimum=minimum),
        lanes=lanes(by_viewer, offset_ms),
        gaps=session_numbers.quality_spans(timeline, frames),
        shares=share,
        viewers=session_numbers.viewer_table(timeline, frames),
        summary=summary,
        duration_ms=duration_ms,
    )


def audience(
    by_viewer: pd.DataFrame, duration_ms: int, *, offset_ms: int = 0, minimum: int = 1
) -> pd.DataFrame:
    """A row for every second of the recording, whether anything is known of it or not."""
    first = -(offset_ms // 1000) if offset_ms > 0 else 0
    last = max(first + 1, -(-(duration_ms - offset_ms) // 1000))
    grid = pd.RangeIndex(first, last, name="second")
    lines = audience_seconds.curves(by_viewer, "engagement")
    band = audience_seconds.audience(lines, minimum=minimum).set_index("second")
    means = by_viewer.groupby("second")[list(MEANS)].mean()
    table = band.rename(
        columns={"mean": "engagement", "low": "engagement_low", "high": "engagement_high"}
    ).join(means, how="outer")
    table = table.reindex(grid)
    table["n"] = table["n"].fillna(0).astype(int)
    _lead(table)
    return table.reset_index().assign(t_ms=lambda t: t["second"] * 1000 + offset_ms)


def lanes(by_viewer: pd.DataFrame, offset_ms: int = 0) -> pd.DataFrame:
    columns = ["viewer", "second", "emotion", "confidence", "engagement", "seen"]
    return by_viewer[columns].assign(t_ms=by_viewer["second"] * 1000 + offset_ms)


def _lead(table: pd.DataFrame) -> None:
    """The audience's leading expression: the largest of its mean probabilities."""
    p = table[list(PROBABILITY_COLUMNS)].to_numpy(dtype=float)
    known = ~np.isnan(p).any(axis=1)
    best = np.where(known[:, None], p, 0.0).argmax(axis=1)
    names = np.array(EMOTIONS, dtype=object)[best]
    names[~known] = None
    table["emotion"] = pd.array(names, dtype="str")
    table["confidence"] = np.where(known, p[np.arange(len(p)), best], np.nan)
