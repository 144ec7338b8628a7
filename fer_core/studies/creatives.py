"""Which of a study's creatives suits an audience: its stimuli ranked by a segment's response."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_core.analytics.carried import OWN_VIEW
from fer_core.analytics.ranking import Ranked, rank
from fer_core.errors import DataError
from fer_core.measures import find_measure
from fer_core.storage import Store
from fer_core.studies.audiences import last_second
from fer_core.studies.membership import Study
from fer_core.studies.seconds import study_seconds


@dataclass(frozen=True)
class Creatives:
    """Stimuli that a segment watched, the best first; and those that are not ranked, with why."""

    measure: str
    segment: str
    ranked: tuple[Ranked, ...]
    left_out: tuple[tuple[str, str], ...]


def segments(study: Study) -> list[str]:
    """What viewers can be chosen by: conditions, then tags of their sessions."""
    rows = study.counted
    tags = {tag for several in rows["tags"] for tag in json.loads(several)}
    return [*sorted(set(rows["condition"].dropna())), *sorted(tags)]


def rank_creatives(
    store: Store,
    study: Study,
    measure: str = "engagement",
    segment: str | None = None,
    *,
    minimum: int = OWN_VIEW,
) -> Creatives:
    """The study's stimuli by the mean of a measure over each viewer's seconds.

    Args:
        segment: a condition or a tag; only sessions that have it count. None: all that count.
        minimum: the smallest group; stimuli with fewer viewers (at least two) are not ranked.
    """
    key = find_measure(measure).key
    rows = study.counted
    if segment is not None:
        rows = rows[_inside(rows, segment)]
        if rows.empty:
            raise DataError(
                f"Nobody who counts in {study.name!r} is in {segment!r}.",
                f"Segments are {', '.join(segments(study)) or 'none'}.",
            )
    seconds = study_seconds(store, rows, [key])
    groups, left_out = {}, []
    for one in study.stimuli:
        mine = seconds[(seconds["stimulus_id"] == one.stimulus_id) & (seconds["second"] >= 0)]
        if one.length_ms:
            mine = mine[mine["second"] <= last_second(one.length_ms)]
        # of a respondent with several sessions or faces one value: a person counts once
        values = mine.groupby("respondent")[key].mean().dropna().to_numpy(np.float64)
        if not len(values):
            said = "nobody of this segment watched it" if segment else "nobody watched it"
            left_out.append((one.title, said))
        elif len(values) < max(minimum, 2):
            left_out.append((one.title, f"{len(values)} viewers, fewer than {max(minimum, 2)}"))
        else:
            groups[one.title if one.title not in groups else one.stimulus_id] = values
    return Creatives(key, segment or "everybody", tuple(rank(groups)), tuple(left_out))


def _inside(rows: pd.DataFrame, segment: str) -> pd.Series:
    tagged = rows["tags"].map(lambda several: segment in json.loads(several))
    return (rows["condition"] == segment) | tagged.astype(bool)
