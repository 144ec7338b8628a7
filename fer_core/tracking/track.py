"""One tracked face, and the tracker's settings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from fer_core.tracking.association import AppearanceModel
from fer_core.tracking.motion import Motion
from fer_core.types import Array


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """What a tracker takes for granted: times in ms, odds as natural logarithms."""

    keep_ms: int = 4000  # out of sight this long is gone for good: 3 s, and 1 s to be found again
    search_ms: int = 130  # a viewer missed this long ago is still looked for where expected
    believe_hits: int = 2  # a face gets its number when found so often …
    sure_score: float = 0.9  # … or at once with this score, where nothing came before
    doubt_whole_ms: int = 160  # so much longer while someone is missing whom it is unlike …
    doubt_partial_ms: int = 330  # … and so much where it is half hidden
    doubt_ms: int = 400  # a face that has no number and is not found this long was none
    same_face: float = 0.55  # two boxes that overlap more are one face
    accept: float = 1.0  # log odds from which a face is a known viewer
    vague: float = 1.5  # log odds that an appearance counts for which was learned half hidden
    gone_out: float = 2.5  # log odds that a place counts for where the viewer left the picture
    same_after_cut: float = 0.95  # likeness (cosine) that alone is enough across a cut …
    lead_after_cut: float = 0.05  # … where any other who is missing is less alike by so much
    appearance: AppearanceModel = field(default_factory=AppearanceModel)


@dataclass(frozen=True, slots=True)
class Track:
    """A face that is followed; each sight makes a new value."""

    viewer: int  # 0: not yet believed
    motion: Motion  # when last seen
    hits: int
    doubts: float  # 1 - score of each hit, added up
    appearance: Array | None
    appearances: int  # how many went into ``appearance``
    born_ms: int
    missed: int = 0  # detections since that did not find it
    before_cut: bool = False  # the film was cut since: its place says nothing

    @property
    def seen_ms(self) -> int:
        """When it was last seen."""
        return self.motion.t_ms


def remember(track: Track, appearance: Array, *, whole: bool = True) -> Track:
    """Add an appearance (d,): the mean of the first twenty, then one part in twenty.

    That of a face that is not seen ``whole`` counts only until a better one comes.
    """
    if not np.isfinite(appearance).all() or not appearance.any():
        return track
    n = min(track.appearances + 1, 20)
    known = track.appearance
    if known is None or not track.appearances:
        mixed = appearance
    else:
        mixed = known + (appearance - known) / n
    length = float(np.sqrt((mixed * mixed).sum()))
    return replace(
        track, appearance=mixed / max(length, 1e-9), appearances=track.appearances + whole
    )
