"""Items that were analysed here: the engagement that their viewers showed, second by second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from fer_core.analytics.carried import carried
from fer_core.analytics.shape import mean_known
from fer_core.storage import Store
from fer_core.storage.timeline.queries import Film
from fer_core.studies.audiences import last_second
from fer_core.studies.membership import load_studies
from fer_core.types import Array

#: With so many viewers a measured mean counts half.
HALF: Final = 8
#: How many points of the rules' score a difference of 100 points of engagement makes.
_WEIGHT: Final = 1.0


@dataclass(frozen=True)
class Measured:
    """What was measured of an item. curve: mean engagement of each second (s,), 0 to 100, NaN
    where too few of its viewers were known; mean: of these; viewers: how many watched."""

    curve: Array
    mean: float
    viewers: int


def measured_items(store: Store, linked: Mapping[int, str]) -> dict[int, Measured]:
    """By the item's place: what is known of those that are linked to a stimulus, here by place."""
    if not linked:
        return {}
    places, films = [], []
    for study in load_studies(store):
        for film in study.stimuli:
            here = [at for at, one in linked.items() if one == film.stimulus_id]
            sessions = study.counted[study.counted["stimulus_id"] == film.stimulus_id]
            if here and len(sessions):
                length = film.length_ms or round(1000 * float(sessions["duration_s"].max() or 0))
                places.append(here)
                films.append(Film(tuple(sessions["session_id"]), last_second(length)))
    table = store.timeline.audience_means(films, "engagement") if films else None
    if table is None:
        return {}
    found = {}
    for at_film, rows in table.groupby("film"):
        viewers = int(rows["viewers"].iloc[0])
        curve = np.full(int(rows["second"].max()) + 1, np.nan)
        curve[rows["second"].to_numpy()] = np.where(
            carried(rows["n"].to_numpy(), viewers), rows["mean"].to_numpy(np.float64), np.nan
        )
        for at in places[int(str(at_film))]:
            found[at] = Measured(curve, mean_known(curve), viewers)
    return found


def bonuses(measured: Mapping[int, Measured], items: int) -> Array:
    """What measured responses add to the rules' scores of all items (items,).

    Measured against the mean of what was measured; drawn to 0 where viewers are few, and 0 for
    what was not measured, and where nothing stands beside it.
    """
    found = np.zeros(items)
    known = {at: one for at, one in measured.items() if not np.isnan(one.mean)}
    if len(known) > 1:
        middle = float(np.mean([one.mean for one in known.values()]))
        for at, one in known.items():
            sure = one.viewers / (one.viewers + HALF)
            found[at] = _WEIGHT * sure * (one.mean - middle) / 100
    return found
