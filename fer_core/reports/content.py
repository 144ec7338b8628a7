"""What a report tells of a study, gathered once; how it looks is another matter.

Every number comes from ``analytics`` by the way of ``studies``, as on the pages and in
``rapt compare``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from fer_core.analytics.carried import SHARED
from fer_core.analytics.compare import COMPARED
from fer_core.analytics.eyes import audience_eyes, viewer_eyes
from fer_core.analytics.methods.synchrony import Synchrony, synchrony
from fer_core.analytics.norms import Norm
from fer_core.analytics.scenes import Marker, Scene
from fer_core.errors import DataError, ModelError
from fer_core.labels import PROBABILITY_COLUMNS
from fer_core.measures import HEADLINES, find_measure
from fer_core.storage import Store
from fer_core.studies.answers import Distribution, distributions
from fer_core.studies.audiences import Audience, films, last_second, within
from fer_core.studies.comparison import Compared, compare_side_by_side
from fer_core.studies.groups import MOST, Group, chosen_groups, find_groups, usual_groups
from fer_core.studies.membership import Study
from fer_core.studies.norms import study_norm
from fer_core.studies.response import (
    COUNTED_BY,
    Response,
    counted_viewers,
    emotion_shares,
    respond,
)
from fer_core.studies.seconds import study_seconds
from fer_core.studies.segments import narrow, segments
from fer_core.zoo import Card, load_card


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a person may choose of a report.

    ``compare``: the groups to compare; None: the study's conditions, where there are two to
    six of them, or its films; empty: none. ``reference``: the group that is subtracted from
    others; None: the first by the alphabet. ``names``: whether sessions that were left out are
    named. ``by``: the attribute whose groups are compared; ``where``: filters («age=18-29»).
    """

    measures: tuple[str, ...] = COMPARED
    compare: tuple[str, ...] | None = None
    reference: str | None = None
    corrected: bool = False
    minimum: int = SHARED
    names: bool = True
    by: str | None = None
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class AudienceSection:
    """One audience: its responses, whether its viewers respond together, and in what share of
    them each emotion shows; blinks, closed eyes and eyes away."""

    name: str
    viewers: int
    scenes: tuple[Scene, ...]
    markers: tuple[Marker, ...]
    length_ms: int
    responses: tuple[Response, ...]
    synchrony: dict[str, Synchrony]
    shares: dict[str, pd.DataFrame]
    eyes: pd.DataFrame  # as analytics.eyes.audience_eyes gives it; empty without eyes


@dataclass(frozen=True)
class Made:
    """What made the numbers: each value that the sessions' analyses have, with how many."""

    models: dict[str, int]
    versions: dict[str, tuple[str, ...]]
    settings: dict[str, tuple[str, ...]]
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Content:
    """Everything that a report of a study says."""

    study: Study
    options: ReportOptions
    at: datetime
    audiences: tuple[AudienceSection, ...]
    compared: Compared | None
    made: Made
    norms: dict[str, Norm]
    answers: tuple[Distribution, ...] = ()

    @property
    def viewers(self) -> int:
        """Those with a known second, as the lists and the curves count them."""
        return sum(one.viewers for one in self.audiences)


def gather(store: Store, study: Study, options: ReportOptions | None = None) -> Content:
    """Read a study for its report; DataError where nobody counts."""
    options = options or ReportOptions()
    for name in options.measures:
        find_measure(name)
    if study.counted.empty:
        raise DataError(
            f"The study {study.name!r} has no session that counts.",
            "Add recordings to it first; those under 60 % quality are left out.",
        )
    study = narrow(study, options.where)
    groups = _groups(study, options)
    needed = tuple(
        dict.fromkeys(
            (
                *options.measures,
                COUNTED_BY,
                *PROBABILITY_COLUMNS,
                "blink",
                "eyes_closed",
                "eyes_away",
            )
        )
    )
    seconds = study_seconds(store, study.counted, needed, corrected=options.corrected)
    return Content(
        study,
        options,
        datetime.now(UTC),
        tuple(_section(seconds, one, options) for one in films(study)),
        compare_side_by_side(
            study,
            seconds,
            groups,
            tested=options.measures,
            drawn=options.measures,
            minimum=options.minimum,
            with_shares=True,
        )
        if groups
        else None,
        _made(store, study),
        {one: study_norm(store, study, one) for one in options.measures if one in HEADLINES},
        tuple(distributions(store, study, minimum=options.minimum)),
    )


def _groups(study: Study, options: ReportOptions) -> list[Group]:
    if options.by is not None:
        found = segments(study, options.by)
        named = options.compare or tuple(one.name for one in found[:MOST])
        return chosen_groups(found, named)
    if options.compare is None:
        return usual_groups(study)
    return find_groups(study, options.compare) if options.compare else []


def _section(seconds: pd.DataFrame, one: Audience, options: ReportOptions) -> AudienceSection:
    mine = within(seconds, one)
    minimum = options.minimum
    responses = tuple(respond(mine, one, name, minimum=minimum) for name in options.measures)
    return AudienceSection(
        one.name,
        counted_viewers(mine, one),
        one.scenes,
        one.markers,
        one.length_ms,
        responses,
        {each.measure: synchrony(each.lines.values) for each in responses if each.enough},
        emotion_shares(mine, last_second(one.length_ms), minimum=minimum),
        audience_eyes(viewer_eyes(mine[mine["second"] >= 0])),
    )


def _made(store: Store, study: Study) -> Made:
    """The settings and versions of the sessions that count; several where they differ."""
    sessions = [store.sessions.get(str(one)) for one in study.counted["session_id"]]
    models: dict[str, int] = {}
    for session in sessions:
        name = session.model or "unknown"
        models[name] = models.get(name, 0) + 1
    cards = []
    for name in dict.fromkeys(one.split("@")[0] for one in models):
        try:
            cards.append(load_card(name, store.home))
        except ModelError:
            continue  # made by a model that is not here any more; its name is said all the same
    return Made(
        models,
        _values([session.versions for session in sessions]),
        _values([session.settings for session in sessions]),
        tuple(cards),
    )


def _values(found: Sequence[Mapping[str, object]]) -> dict[str, tuple[str, ...]]:
    together: dict[str, list[str]] = {}
    for one in found:
        for key, value in one.items():
            said = together.setdefault(str(key), [])
            if str(value) not in said:
                said.append(str(value))
    return {key: tuple(said) for key, said in together.items()}
