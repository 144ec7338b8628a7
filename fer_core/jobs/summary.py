"""A session's summary, added up shard by shard: memory stays flat however long the film.

``quality`` is the share of the session's time with a usable face (METRICS: per session).
A frame stands for the time until the next one; the last stands for as long as the one
before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fer_core.home import Home
from fer_core.storage.shards import Shard, read_shard, shard_files
from fer_core.types import DecodeReport, VideoInfo


@dataclass(slots=True)
class Tally:
    """Counts over the shards of one session, taken in order."""

    frames: int = 0
    faces: int = 0
    viewers: set[int] = field(default_factory=set)
    seen_ms: float = 0.0
    known_ms: float = 0.0
    _t_ms: int | None = None
    _usable: bool = False
    _step_ms: float = 0.0

    def add(self, shard: Shard) -> None:
        t_ms = shard.frames["t_ms"].to_numpy().astype(np.int64)
        frame = shard.frames["frame"].to_numpy()
        visible = ~np.isnan(shard.timeline["score"].to_numpy().astype(np.float64))
        usable = shard.timeline["usable"].to_numpy().astype(bool) & visible
        rows = shard.timeline["frame"].to_numpy()
        self.frames += len(frame)
        self.faces += int(visible.sum())
        self.viewers.update(shard.timeline["viewer"].unique().to_pylist())
        if not len(frame):
            return
        seen = np.isin(frame, rows[usable])
        if self._t_ms is not None:
            t_ms, seen = np.r_[self._t_ms, t_ms], np.r_[self._usable, seen]
        steps = np.diff(t_ms)
        self.known_ms += float(steps.sum())
        self.seen_ms += float(steps[seen[:-1]].sum())
        if len(steps):
            self._step_ms = float(steps[-1])
        self._t_ms, self._usable = int(t_ms[-1]), bool(seen[-1])

    @property
    def quality(self) -> float | None:
        if self._t_ms is None:
            return None
        last = self._step_ms or 1.0
        seen = self.seen_ms + (last if self._usable else 0.0)
        return seen / (self.known_ms + last)


def summarise(
    home: Home, session_id: str, info: VideoInfo, report: DecodeReport, fps: float
) -> dict[str, object]:
    """session.json's ``summary``, from the session's shards and what decoding reported."""
    tally = Tally()
    for path in shard_files(home.shards(session_id)).values():
        tally.add(read_shard(path, session_id))
    quality = tally.quality
    return {
        "duration_s": duration_s(info, report),
        "frames": tally.frames,
        "frames_lost": report.lost,
        "faces": tally.faces,
        "viewers": len(tally.viewers - {None, -1}),
        "quality": None if quality is None else round(quality, 4),
        "fps": round(fps, 2),
        "lost_note": lost_note(report),
    }


def duration_s(info: VideoInfo, report: DecodeReport) -> float:
    """How long the film is that could be seen: what is lost at the end does not count."""
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
    percent = 100 * report.lost / (report.lost + report.decoded)
    share = f"{percent:.0f} %" if percent >= 1 else "under 1 %"
    return "; ".join([f"{report.lost} frames lost ({share})", *report.problems])
