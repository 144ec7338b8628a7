"""How far found blinks and shut eyes agree with what a film's script or a person says."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fer_core.calibration.viewer import Calibrated

#: A found blink may lie so many frames beside the true one.
FRAMES_ASIDE = 2
#: Shut spells are scored from this length on.
LONG_MS = 500


@dataclass
class Score:
    """Counts that add up over films."""

    hits: int = 0
    false: int = 0
    missed: int = 0
    shut_right: int = 0
    shut_frames: int = 0
    shut_false: int = 0
    other_frames: int = 0
    down_seen: int = 0  # frames of lids lowered to look down that do not attend
    down_closed: int = 0  # of them those that are called closed eyes
    down_frames: int = 0
    unread: int = 0  # blinks of films in which no frame's face was usable
    films: int = 0
    minutes: float = 0.0
    names: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(1, 2 * self.hits + self.false + self.missed)

    def interval(self, rng: np.random.Generator) -> tuple[float, float]:
        """95 % of the F1 over redrawn blinks, true and false ones alike."""
        kinds = np.repeat([0, 1, 2], [self.hits, self.false, self.missed])
        if not len(kinds):
            return 0.0, 0.0
        drawn = rng.choice(kinds, (2000, len(kinds)))
        hits, wrong = (drawn == 0).sum(axis=1), (drawn > 0).sum(axis=1)
        low, high = np.percentile(2 * hits / np.maximum(1, 2 * hits + wrong), [2.5, 97.5])
        return float(low), float(high)


def score(
    name: str,
    t_ms: np.ndarray,
    found: Calibrated,
    blinks: list[tuple[float, float]],
    closed: list[tuple[float, float]],
    down: list[tuple[float, float]],
) -> Score:
    """One film's; true spans in milliseconds, their first and last moment."""
    if len(t_ms) < 2:
        return Score(unread=len(blinks), films=1, names=[name])
    interval = float(np.median(np.diff(t_ms)))
    aside = FRAMES_ASIDE * interval + 1
    left = _spans(t_ms, found.columns["blink"] == 1)
    hits = 0
    for begin, end in blinks:
        near = [one for one in left if one[0] <= end + aside and one[1] >= begin - aside]
        if near:
            left.remove(near[0])
            hits += 1
    truly, lowered = (_inside(t_ms, spans) for spans in (closed, down))
    shut = found.columns["eyes_closed"] == 1
    return Score(
        hits=hits,
        false=len(left),
        missed=len(blinks) - hits,
        shut_right=int((shut & truly).sum()),
        shut_frames=int(truly.sum()),
        shut_false=int((shut & ~truly & ~lowered).sum()),
        other_frames=int((~truly & ~lowered).sum()),
        down_seen=int(((found.attends == 0) & lowered).sum()),
        down_closed=int((shut & lowered).sum()),
        down_frames=int(lowered.sum()),
        films=1,
        minutes=len(t_ms) * interval / 60_000,
        names=[name],
    )


def _spans(t_ms: np.ndarray, flags: np.ndarray) -> list[tuple[int, int]]:
    """The first and the last moment of each run of flagged frames."""
    edges = np.diff(np.concatenate([[0], flags.astype(int), [0]]))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return [(int(t_ms[a]), int(t_ms[b])) for a, b in zip(begins, ends, strict=True)]


def _inside(t_ms: np.ndarray, spans: list[tuple[float, float]]) -> np.ndarray:
    flags = np.zeros(len(t_ms), bool)
    for begin, end in spans:
        if end - begin > LONG_MS:
            flags |= (t_ms >= begin) & (t_ms <= end)
    return flags
