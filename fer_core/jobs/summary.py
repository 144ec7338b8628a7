"""A session's summary, added up frame by frame: only the frames' times are kept.

``quality`` is the share of the session's time with a usable face (docs/metrics.md), counted
as analytics counts it.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fer_core.analytics.frame_time import share_of_time, usual_interval
from fer_core.home import Home
from fer_core.storage.timeline.session_file import SessionSummary
from fer_core.storage.timeline.shards import Shard, read_shard, shard_files
from fer_core.text import percent
from fer_core.types import DecodeReport, FrameBatch, FrameResult, VideoInfo


@dataclass(slots=True)
class Tally:
    """Counts over the frames of one session, taken in order."""

    faces: int = 0  # rows with a visible face
    viewers: set[int | None] = field(default_factory=set)
    _t_ms: array[int] = field(default_factory=lambda: array("i"))
    _usable: array[int] = field(default_factory=lambda: array("b"))

    def add(self, result: FrameResult) -> None:
        """Count one frame as it was analysed."""
        visible = ~np.isnan(result.faces.scores)
        self.faces += int(visible.sum())
        self.viewers.update(result.viewer.tolist())
        self._t_ms.append(result.t_ms)
        self._usable.append(bool(np.any(result.usable & visible)))

    def add_batch(self, batch: FrameBatch) -> None:
        """Count successive frames as they were analysed."""
        visible = ~np.isnan(batch.faces.scores)
        of = np.repeat(np.arange(len(batch.frame)), batch.counts)
        usable = np.bincount(of[batch.usable & visible], minlength=len(batch.frame)) > 0
        self.faces += int(visible.sum())
        self.viewers.update(batch.viewer.tolist())
        self._t_ms.extend(batch.t_ms.tolist())
        self._usable.extend(usable.tolist())

    def add_shard(self, shard: Shard) -> None:
        """Count the frames of a shard."""
        frame = shard.frames["frame"].to_numpy()
        visible = ~np.isnan(shard.timeline["score"].to_numpy().astype(np.float64))
        usable = shard.timeline["usable"].to_numpy().astype(bool) & visible
        self.faces += int(visible.sum())
        self.viewers.update(shard.timeline["viewer"].unique().to_pylist())
        self._t_ms.extend(shard.frames["t_ms"].to_pylist())
        self._usable.extend(np.isin(frame, shard.timeline["frame"].to_numpy()[usable]).tolist())

    @property
    def t_ms(self) -> NDArray[np.float64]:
        """(n,) the frames' times in ms."""
        return np.array(self._t_ms, np.float64)

    def summary(
        self,
        *,
        duration_s: float,
        fps: float,
        frames_lost: int,
        lost_note: str,
        t_ms: NDArray[np.float64] | None = None,
    ) -> SessionSummary:
        """The counts as the session's summary; ``t_ms`` (n,) are times without pauses."""
        usable = np.array(self._usable, bool)
        shown = self.t_ms if t_ms is None else t_ms
        return SessionSummary(
            duration_s=duration_s,
            frames=len(usable),
            frames_lost=frames_lost,
            faces=self.faces,
            viewers=len(self.viewers - {None, -1}),
            quality=round(share_of_time(shown, usable), 4) if len(usable) else None,
            fps=round(fps, 2),
            lost_note=lost_note,
        )


def summary_of_file(
    home: Home, session_id: str, info: VideoInfo, report: DecodeReport, fps: float
) -> SessionSummary:
    """From an analysed file's shards and what decoding reported; ``fps`` is the analysis' pace."""
    tally = Tally()
    for path in shard_files(home.shards(session_id)).values():
        tally.add_shard(read_shard(path, session_id))
    return tally.summary(
        duration_s=duration_s(info, report),
        fps=fps,
        frames_lost=report.lost,
        lost_note=lost_note(report),
    )


def summary_of_live(tally: Tally, pauses: Sequence[tuple[int, int]]) -> SessionSummary:
    """From a live session's frames; pauses, in ms, count neither for quality nor for the rate."""
    t_ms = tally.t_ms
    shown = t_ms.copy()
    for begun, ended in pauses:
        inside = np.searchsorted(t_ms, [begun, ended])
        if 0 < inside[1] < len(t_ms):
            # the first picture after the pause follows the last one before it
            shown[inside[1] :] -= t_ms[inside[1]] - t_ms[inside[1] - 1] - 1
    usual = usual_interval(shown)
    length = float(t_ms[-1] - t_ms[0] + usual) if len(t_ms) else 0.0
    live = float(shown[-1] - shown[0] + usual) if len(t_ms) else 0.0
    return tally.summary(
        duration_s=round(length / 1000, 3),
        fps=1000 * len(t_ms) / live if live > 0 else 0.0,
        frames_lost=0,
        lost_note="",
        t_ms=shown,
    )


def duration_s(info: VideoInfo, report: DecodeReport) -> float:
    """How many seconds of the film could be seen: what is lost at the end does not count."""
    if info.is_picture:
        return 0.0
    if report.lost == 0 and info.duration_ms > 0:
        return info.duration_ms / 1000
    step = 1000 / info.fps if info.fps > 0 else 0.0
    return round((report.last_t_ms + step) / 1000, 3)


def lost_note(report: DecodeReport) -> str:
    """One line on what could not be decoded; empty where nothing is missing."""
    if report.lost <= 0:
        return "; ".join(report.problems)
    share = percent(report.lost / (report.lost + report.decoded))
    return "; ".join([f"{report.lost} frames lost ({share})", *report.problems])
