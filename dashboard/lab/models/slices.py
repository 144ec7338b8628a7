"""How often a model is right on dark, blurred or otherwise hard pictures, slice by slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from dashboard.lab.models.figures import Figures
from fer_core.analytics.methods.bands import share_interval
from fer_core.errors import DataError
from fer_core.evaluation import slices
from fer_core.evaluation.review import data_set_place
from fer_core.evaluation.slices import FEWEST, Slice
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.sentences import Finding, Template
from fer_core.storage import Store
from fer_core.text import percent
from fer_core.types import Bool, Bytes

#: An evaluation's answers that are read at once, at most.
MOST_ANSWERS: Final = 1_000_000
WORST = Template(
    "slices.worst", "On the tenth {name} it is right on {share} of faces, elsewhere on {rest}"
)
NONE = Template("slices.none", "On none of {all} slices is it clearly less often right")


@dataclass(frozen=True, slots=True)
class SliceScore:
    """How often a model is right within a slice, with a 95 % interval, and elsewhere."""

    slice: Slice
    n: int
    accuracy: float
    low: float
    high: float
    elsewhere: float

    @property
    def differs(self) -> bool:
        """Whether the accuracy elsewhere lies outside the interval."""
        return not self.low <= self.elsewhere <= self.high


def scores(found: Sequence[Slice], right: Bool) -> list[SliceScore]:
    """Each slice, the worst first; ``right`` (n,): whether each answer is correct."""
    scored = []
    for one in found:
        n, hits = int(one.members.sum()), float(right[one.members].sum())
        low, high = share_interval(np.array([hits]), np.array([float(n)]))
        rest = float(right[~one.members].mean())
        scored.append(SliceScore(one, n, hits / n, float(low[0]), float(high[0]), rest))
    return sorted(scored, key=lambda one: one.accuracy)


def evaluated(home: Home, store: Store, figures: Figures) -> tuple[Bytes, pd.DataFrame]:
    """The faces that were evaluated (n, h, w), and the answers to them in the same order."""
    assert figures.evaluation_id is not None
    images, _ = face_cache.load_faces(home, figures.data, figures.split)
    answers = store.evaluations.predictions(figures.evaluation_id, sort="item", limit=MOST_ANSWERS)
    rows = np.array([data_set_place(item)[1] for item in answers["item"]], np.int64)
    if len(rows) and rows.max() >= len(images):
        raise DataError("The data set was changed since.", "Evaluate the model on it again.")
    return np.asarray(images[rows], np.uint8), answers


def slice_scores(home: Home, store: Store, figures: Figures) -> list[SliceScore]:
    """How often the model is right in each slice, the worst first."""
    images, answers = evaluated(home, store, figures)
    right = (answers["truth"] == answers["guess"]).to_numpy(bool)
    return scores(slices.slices(images), right)


def in_slice(home: Home, store: Store, figures: Figures, key: str) -> set[str]:
    """The faces of one slice."""
    slices.trait_called(key)
    images, answers = evaluated(home, store, figures)
    for one in slices.slices(images):
        if one.trait.key == key:
            return set(answers["item"][one.members])
    raise DataError("These are too few faces for slices.", f"It takes {FEWEST}.")


def slices_said(found: list[SliceScore]) -> Finding:
    """The slice on which the model is clearly worst."""
    worse = [one for one in found if one.differs and one.accuracy < one.elsewhere]
    if not worse:
        return NONE(all=len(found))
    worst = min(worse, key=lambda one: one.accuracy)
    return WORST(
        name=worst.slice.trait.name,
        share=percent(worst.accuracy),
        rest=percent(worst.elsewhere),
    )
