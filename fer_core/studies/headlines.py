"""The headline numbers of many studies at once, as lists and norms hold them.

A study's page works out its own from its viewers' seconds; a list cannot read those of every
study, and asks for the drawn curves alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fer_core.analytics.carried import carried
from fer_core.analytics.shape import mean_known
from fer_core.storage import Store
from fer_core.storage.timeline.queries import Film
from fer_core.studies.audiences import films, last_second
from fer_core.studies.membership import Study
from fer_core.studies.response import COUNTED_BY


@dataclass(frozen=True, slots=True)
class Headline:
    """A study at a glance: the sessions that count, those left out, the viewers of the former,
    and the mean of each of its films (of the one audience where all watched the same); NaN
    where it is not known."""

    sessions: int
    left_out: int
    viewers: int
    means: tuple[float, ...]


def study_headlines(
    store: Store, studies: Sequence[Study], measure: str = COUNTED_BY, *, eyes: bool = True
) -> dict[str, Headline]:
    """By the study's id: the numbers that its page shows of each film.

    ``eyes`` False: attention and engagement of all of them follow the head alone.
    """
    of_study, audiences = [], []
    for study in studies:
        for one in films(study) if len(study.counted) else ():
            of_study.append(study.study_id)
            audiences.append(
                Film(one.session_ids, last_second(one.length_ms), eyes=eyes and study.eyes)
            )
    means: dict[str, list[float]] = {study.study_id: [] for study in studies}
    viewers = dict.fromkeys(means, 0)
    tables = dict(tuple(store.timeline.audience_means(audiences, measure).groupby("film")))
    for at, study_id in enumerate(of_study):
        table = tables.get(at)
        if table is None:
            means[study_id].append(float("nan"))
            continue
        people = int(table["viewers"].iloc[0])
        viewers[study_id] += people
        enough = carried(table["n"].to_numpy(), people)
        means[study_id].append(mean_known(table["mean"].to_numpy(np.float64)[enough]))
    return {
        one.study_id: Headline(
            len(one.counted),
            len(one.left_out),
            viewers[one.study_id],
            tuple(means[one.study_id]),
        )
        for one in studies
    }
