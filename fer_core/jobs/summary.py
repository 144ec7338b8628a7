"""A session's summary, added up shard by shard: of each frame only its time is kept.

``quality`` is the share of the session's time with a usable face (METRICS: per session),
counted as analytics counts it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fer_core.analytics.frame_time import share_of_time
from fer_core.home import Home
from fer_core.storage.timeline.shards import Shard, read_shard, shard_files
from fer_core.types import DecodeReport, VideoInfo


@dataclass(slots=True)
class Tally:
    """Counts over the shards of one session, taken in order."""

    faces: int = 0
    viewers: set[int] = field(default_factory=set)
    _t_ms: list[np.ndarray] = field(default_factory=list)
    _usable: list[np.ndarray] = field(default_factory=list)

    def add(self, shard: Shard) -> None:
        frame = shard.frames["frame"].to_numpy()
        visible = ~np.isnan(shard.timeline["score"].to_numpy().astype(np.float64))
        usable = shard.timeline["usable"].to_numpy().astype(bool) & visible
        self.faces += int(visible.sum())
        self.viewers.update(shard.timeline["viewer"].unique().to_pylist())
        self._t_ms.append(shard.frames["t_ms"].to_numpy())
        self._usable.append(np.isin(frame, shard.timeline["frame"].to_numpy()[usable]))

    @property
    def frames(self) -> int:
        return sum(map(len, self._t_ms))

    @property
    def quality(self) -> float | None:
        if not self.frames:
            return None
        return share_of_time(np.concatenate(self._t_ms), np.concatenate(self._usable))


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
