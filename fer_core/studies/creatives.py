"""Which creative suits an audience: stimuli, or versions of one, ranked by a segment's response."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from fer_core.analytics.carried import OWN_VIEW
from fer_core.analytics.methods.ranking import Ranked, rank
from fer_core.errors import DataError
from fer_core.measures import find_measure
from fer_core.sentences import Finding, Template
from fer_core.storage import Store
from fer_core.studies.audiences import last_second
from fer_core.studies.membership import Study, load_studies
from fer_core.studies.seconds import study_seconds
from fer_core.text import percent

#: From this probability on the first is said to lead.
LEADS_FROM = 0.9
EVERYBODY = "everybody"

LEADS = Template(
    "creatives.leads",
    "{first} leads for {segment}: of {n}, it has the highest {measure} with a probability of "
    "{best}.",
)
OPEN = Template(
    "creatives.open",
    "Too close to call for {segment}: {first} comes first, and has the highest {measure} of {n} "
    "with a probability of {best} only.",
)
ONE = Template("creatives.one", "Only {first} can be ranked for {segment}: nothing to choose from.")
NONE = Template("creatives.none", "Nothing can be ranked for {segment}.")


class Kind(StrEnum):
    """What is ranked: films of a study, or the conditions that one film was shown in."""

    STIMULUS = "stimulus"
    CONDITION = "condition"


@dataclass(frozen=True)
class Creatives:
    """Creatives that a segment watched, the best first; and those that are not ranked, with why."""

    measure: str
    segment: str
    kind: Kind
    ranked: tuple[Ranked, ...]
    left_out: tuple[tuple[str, str], ...]

    @property
    def finding(self) -> Finding:
        """The answer in one sentence."""
        if not self.ranked:
            return NONE(segment=self.segment)
        first = self.ranked[0]
        if len(self.ranked) == 1:
            return ONE(first=first.name, segment=self.segment)
        said = LEADS if first.best >= LEADS_FROM else OPEN
        return said(
            first=first.name, segment=self.segment, measure=find_measure(self.measure).noun,
            n=len(self.ranked), best=percent(first.best),
        )  # fmt: skip


def usual_kind(study: Study) -> Kind:
    """Stimuli; of a study of one film, its conditions."""
    watched = study.counted["stimulus_id"].nunique()
    versions = study.counted["condition"].nunique()
    return Kind.CONDITION if watched < 2 <= versions else Kind.STIMULUS


def every_study(store: Store) -> Study:
    """All recorded studies as one; the simulated ones where there are no others."""
    studies = load_studies(store)
    studies = [one for one in studies if not one.simulated] or studies
    if not studies:
        raise DataError("There is no study here.", "`rapt demo --study` makes one to look at.")
    return Study(
        "", "all studies", "", "", studies[0].simulated, (),
        tuple(film for one in studies for film in one.stimuli), (),
        pd.concat([one.sessions for one in studies], ignore_index=True),
    )  # fmt: skip


def segments(study: Study, kind: Kind = Kind.STIMULUS) -> list[str]:
    """What viewers can be chosen by: conditions (unless these are ranked), then tags."""
    rows = study.counted
    tags = {tag for several in rows["tags"] for tag in json.loads(several)}
    conditions = set(rows["condition"].dropna()) if kind is Kind.STIMULUS else set()
    return [*sorted(conditions), *sorted(tags - conditions)]


def rank_creatives(
    store: Store,
    study: Study,
    measure: str = "engagement",
    segment: str | None = None,
    *,
    kind: Kind | None = None,
    minimum: int = OWN_VIEW,
) -> Creatives:
    """A study's creatives by the mean of a measure over each viewer's seconds.

    Args:
        segment: a condition or a tag; only sessions that have it count. None: all that count.
        kind: what is ranked; None: ``usual_kind``.
        minimum: the smallest group; what fewer viewers saw (at least two) is not ranked.
    """
    key = find_measure(measure).key
    kind = kind or usual_kind(study)
    rows = study.counted
    if segment is not None:
        rows = rows[_inside(rows, segment)]
        if rows.empty:
            raise DataError(
                f"Nobody who counts in {study.name!r} is in {segment!r}.",
                f"Segments are {', '.join(segments(study, kind)) or 'none'}.",
            )
    seconds = study_seconds(store, rows, [key], eyes=study.eyes)
    groups, left_out = {}, []
    for name, watched in _creatives(study, kind, seconds):
        # of a respondent with several sessions or faces one value: a person counts once
        values = watched.groupby("respondent")[key].mean().dropna().to_numpy(np.float64)
        if not len(values):
            whom = "nobody of this segment" if segment else "nobody"
            left_out.append((name, f"{whom} watched it"))
        elif len(values) < max(minimum, 2):
            left_out.append((name, f"{len(values)} viewers, fewer than {max(minimum, 2)}"))
        else:
            groups[name] = values
    return Creatives(key, segment or EVERYBODY, kind, tuple(rank(groups)), tuple(left_out))


def _creatives(
    study: Study, kind: Kind, seconds: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each creative's name and its viewers' seconds while it ran."""
    length = {one.stimulus_id: one.length_ms for one in study.stimuli}
    end = seconds["stimulus_id"].map(
        {key: last_second(ms) for key, ms in length.items() if ms}
    ).fillna(np.inf)  # fmt: skip
    inside = seconds[(seconds["second"] >= 0) & (seconds["second"] <= end)]
    if kind is Kind.CONDITION:
        for condition in dict.fromkeys([*study.conditions, *study.counted["condition"].dropna()]):
            yield str(condition), inside[inside["condition"] == condition]
        return
    titles = [one.title for one in study.stimuli]
    for one in study.stimuli:
        name = one.title if titles.count(one.title) == 1 else f"{one.title} ({one.stimulus_id})"
        yield name, inside[inside["stimulus_id"] == one.stimulus_id]


def _inside(rows: pd.DataFrame, segment: str) -> pd.Series:
    tagged = rows["tags"].map(lambda several: segment in json.loads(several))
    return (rows["condition"] == segment) | tagged.astype(bool)
