"""A tracker's state as JSON values, as shards keep it for a run that is resumed."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from fer_core.tracking.motion import Motion, MotionState
from fer_core.tracking.track import Track


class TrackState(TypedDict):
    """A ``Track`` as JSON, by the keys that stand in shards written earlier."""

    viewer: int
    motion: MotionState
    hits: int
    doubts: float
    look: list[float] | None  # the appearance
    looked: int
    born_ms: int
    missed: int
    before_cut: bool


class TrackerState(TypedDict):
    """All of a tracker as JSON."""

    next_viewer: int
    last_ms: int | None
    size: tuple[int, int] | None
    tracks: list[TrackState]


def track_state(track: Track) -> TrackState:
    """All of a track; floats keep their last bit."""
    return {
        "viewer": track.viewer,
        "motion": track.motion.dump(),
        "hits": track.hits,
        "doubts": track.doubts,
        "look": None if track.appearance is None else track.appearance.tolist(),
        "looked": track.appearances,
        "born_ms": track.born_ms,
        "missed": track.missed,
        "before_cut": track.before_cut,
    }


def track_of(state: TrackState) -> Track:
    """The track that ``track_state`` wrote down."""
    return Track(
        viewer=int(state["viewer"]),
        motion=Motion.load(state["motion"]),
        hits=int(state["hits"]),
        doubts=float(state["doubts"]),
        appearance=None if state["look"] is None else np.array(state["look"], np.float64),
        appearances=int(state["looked"]),
        born_ms=int(state["born_ms"]),
        missed=int(state["missed"]),
        before_cut=bool(state["before_cut"]),
    )
