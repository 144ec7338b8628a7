"""A look: what a face shows as a few numbers, with how sure they are; never what somebody feels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.measures import ACTIVATION, HAPPY, UNPLEASANT
from fer_core.storage.recommend.catalogue import TAGS
from fer_core.types import Array

_VALENCE: Final = np.array(
    [1.0 if i == HAPPY else -1.0 if name in UNPLEASANT else 0.0 for i, name in enumerate(EMOTIONS)]
)
_TENSE: Final = np.array([1.0 if name in ("angry", "fear") else 0.0 for name in EMOTIONS])
#: How far the looks of people spread: what is less sure than this is drawn to the middle.
_SPREAD: Final = 0.45
#: The blocks of time whose spread says how sure one viewer's mean is.
_BLOCKS: Final = 8


@dataclass(frozen=True)
class Look:
    """What a face or an audience shows.

    mix: the expression mix (7,) in the order of EMOTIONS, sums to 1. low, high: its 95 % range.
    valence (-1 to 1), energy and tension (0 to 1): numbers of the mix. sure: 0 to 1, how far
    they can be relied on. n: faces or seconds behind it.
    """

    mix: Array
    low: Array
    high: Array
    valence: float
    energy: float
    tension: float
    sure: float
    n: int

    @property
    def words(self) -> str:
        """The look as a reason names it: «low-spirited», «tense», «lively», «calm», «bright»."""
        if self.tension > 0.4:
            return "tense"
        if self.valence < -0.2:
            return "low-spirited"
        if self.valence > 0.25:
            return "bright"
        return "lively" if self.energy > 0.4 else "calm"


@dataclass(frozen=True)
class Unreadable:
    """No look could be read: why, and what to ask instead."""

    why: str
    question: str = "How would you say you look today: bright, calm, tense or low-spirited?"


#: What somebody may answer, as a look that is taken at their word.
SAID: Final = {
    "bright": {"happy": 0.85, "neutral": 0.15},
    "calm": {"neutral": 0.9, "happy": 0.1},
    "tense": {"angry": 0.3, "fear": 0.4, "neutral": 0.3},
    "low-spirited": {"sad": 0.75, "neutral": 0.25},
}


def look_said(word: str) -> Look:
    """The look that somebody named, one of SAID."""
    mix = np.array([SAID[word].get(name, 0.0) for name in EMOTIONS])
    return _look(mix, np.zeros(len(EMOTIONS)), n=1)


def look_of_face(probabilities: Array) -> Look:
    """From the calibrated probabilities (7,) of one face.

    They say how likely people would name each emotion; a flat mix is therefore unsure.
    """
    mix = np.asarray(probabilities, np.float64)
    mix = mix / mix.sum()
    found = _look(mix, np.sqrt(mix * (1 - mix)) / 2, n=1)
    spread = float(np.sqrt(max(mix @ _VALENCE**2 - (mix @ _VALENCE) ** 2, 0.0)))
    return _drawn_in(found, spread / 2)


def look_of_seconds(seconds: pd.DataFrame) -> Look | None:
    """From viewers' seconds (columns session_id, viewer, p_angry …); None where none is known.

    Each viewer counts once. How sure the mean is follows from how viewers differ; of one
    viewer, from how stretches of time differ.
    """
    known = seconds.dropna(subset=list(PROBABILITY_COLUMNS))
    if known.empty:
        return None
    keys = ["session_id", "viewer"]
    columns = list(PROBABILITY_COLUMNS)
    viewers = known.groupby(keys)[columns].mean().to_numpy(np.float64)
    parts = viewers
    if len(viewers) == 1:
        blocks = np.array_split(known[columns].to_numpy(np.float64), min(_BLOCKS, len(known)))
        parts = np.array([one.mean(axis=0) for one in blocks])
    error = np.full(len(EMOTIONS), 0.25)  # of one second alone nothing tells how it varies
    if len(parts) > 1:
        error = parts.std(axis=0, ddof=1) / np.sqrt(len(parts))
    mix = viewers.mean(axis=0)
    mix = mix / mix.sum()
    return _drawn_in(_look(mix, error, n=len(known)), float(np.sqrt((error**2) @ _VALENCE**2)))


def _look(mix: Array, error: Array, n: int) -> Look:
    low, high = np.clip(mix - 1.96 * error, 0, 1), np.clip(mix + 1.96 * error, 0, 1)
    return Look(
        mix, low, high, float(mix @ _VALENCE), float(mix @ ACTIVATION), float(mix @ _TENSE), 1.0, n
    )


def _drawn_in(look: Look, error: float) -> Look:
    """The same, drawn to a middling look by as much as it is unsure."""
    sure = _SPREAD**2 / (_SPREAD**2 + error**2)
    return Look(
        look.mix, look.low, look.high, look.valence * sure, look.energy * sure,
        look.tension * sure, sure, look.n,
    )  # fmt: skip


def wanted_as_array(valence: float, energy: float, warmth: float, tension: float) -> Array:
    """Mood tags (4,) in the order of TAGS, inside their ranges."""
    low, high = np.array(list(TAGS.values())).T
    return np.clip([valence, energy, warmth, tension], low, high)
