"""How long a frame speaks for, and which frames show whom.

Files have variable frame rates, so a share of time weighs each frame by the time until
the next. A hole in the file (a damaged stretch, a browser tab that slept) is nobody's: a
frame speaks for at most a second, or three usual intervals where frames are sparse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.errors import DataError

Times = NDArray[np.float64]

LONGEST_MS = 1000.0
LONGEST_INTERVALS = 3.0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that a person leaves out: of one viewer, or of the whole session."""

    from_ms: int
    to_ms: int
    viewer: int | None = None

    def __post_init__(self) -> None:
        if self.to_ms < self.from_ms:
            raise DataError(
                f"A span cannot end at {self.to_ms} ms before it starts at {self.from_ms} ms."
            )

    def holds(self, t_ms: NDArray[np.number]) -> NDArray[np.bool_]:
        """Which of these times lie in it; its end is no longer part of it."""
        return (t_ms >= self.from_ms) & (t_ms < self.to_ms)


def usual_interval(t_ms: Times) -> float:
    """The median time between two frames; 0 for a picture."""
    return float(np.median(np.diff(t_ms))) if len(t_ms) > 1 else 0.0


def frame_durations(t_ms: Times) -> tuple[Times, float]:
    """Milliseconds that each frame speaks for, and the whole session's, holes included."""
    if not len(t_ms):
        return np.zeros(0), 0.0
    gaps = np.diff(t_ms)
    if (gaps < 0).any():
        raise DataError("The frames are not in the order of their times.")
    usual = usual_interval(t_ms)
    longest = max(LONGEST_MS, LONGEST_INTERVALS * usual)
    durations = np.append(np.minimum(gaps, longest), usual)
    return durations, float(t_ms[-1] - t_ms[0] + usual)


def share_of_time(t_ms: Times, flags: NDArray[np.bool_]) -> float:
    """Share of the time of these frames, in order, in which the flag is set."""
    durations, total = frame_durations(np.asarray(t_ms, np.float64))
    if total > 0:
        return float(durations[flags].sum() / total)
    return float(len(flags) > 0 and bool(np.all(flags)))  # a picture has no time to share


def in_order(frames: pd.DataFrame) -> pd.DataFrame:
    """The frames by index, with unique indices."""
    if frames["frame"].is_monotonic_increasing and frames["frame"].is_unique:
        return frames
    return frames.drop_duplicates("frame").sort_values("frame")


def seen_rows(timeline: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows with a visible face of a viewer: a null score marks a viewer who is not seen."""
    seen: NDArray[np.bool_] = (timeline["score"].notna() & (timeline["viewer"] >= 0)).to_numpy(bool)
    return seen


def usable_rows(timeline: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows whose numbers count."""
    flags: NDArray[np.bool_] = timeline["usable"].fillna(False).to_numpy(bool)
    return seen_rows(timeline) & flags


def outside_spans(timeline: pd.DataFrame, spans: Sequence[Span]) -> NDArray[np.bool_]:
    """Rows that no span leaves out."""
    keep = np.ones(len(timeline), bool)
    t_ms = timeline["t_ms"].to_numpy()
    viewer = timeline["viewer"].to_numpy()
    for span in spans:
        whom = True if span.viewer is None else viewer == span.viewer
        keep &= ~(span.holds(t_ms) & whom)
    return keep
