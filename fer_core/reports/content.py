"""What a report tells of a study, gathered once; how it looks is another matter.

Every number comes from ``analytics`` by the way of ``studies``, as on the pages and in
``rapt compare``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from fer_core.analytics import shape
from fer_core.analytics.compare import COMPARED, Comparison
from fer_core.analytics.norms import Norm
from fer_core.analytics.scenes import (
    Marker,
    Scene,
    audience_line,
    marker_table,
    scene_table,
)
from fer_core.analytics.seconds import audience, curves, emotion_share
from fer_core.analytics.synchrony import Synchrony, synchrony
from fer_core.errors import DataError, ModelError
from fer_core.labels import DISPLAY_ORDER, PROBABILITY_COLUMNS
from fer_core.measures import HEADLINES, find_measure
from fer_core.storage import Store
from fer_core.studies.audiences import EVERYONE, Audience, audiences
from fer_core.studies.groups import (
    Group,
    available,
    compare_groups,
    find_groups,
    hide_few,
    is_paired,
    scenes_of,
    sentences,
)
from fer_core.studies.membership import Study
from fer_core.studies.norms import study_norm
from fer_core.studies.seconds import study_seconds
from fer_core.zoo import Card, load_card

#: The smallest group that is shown to those who were not there.
SMALLEST_GROUP: Final = 5
MOST_GROUPS: Final = 6
_BY = ("session_id", "viewer")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person may choose of a report.

    ``compare``: the groups to compare; None: the study's conditions, where there are two to
    six of them; empty: none. ``names``: whether sessions that were left out are named.
    """

    measures: tuple[str, ...] = COMPARED
    compare: tuple[str, ...] | None = None
    corrected: bool = False
    minimum: int = SMALLEST_GROUP
    names: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """How one audience responded with one measure. NaN: not shown."""

    measure: str
    curve: pd.DataFrame
    scenes: pd.DataFrame
    marks: pd.DataFrame
    tie: Synchrony | None
    mean: float
    hook: float
    peak: shape.Peak | None
    end: float


@dataclass(frozen=True)
class Told:
    """One audience: its responses and the shares of its viewers showing each emotion."""

    name: str
    viewers: int
    scenes: tuple[Scene, ...]
    markers: tuple[Marker, ...]
    length_ms: int
    responses: tuple[Response, ...]
    shares: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Compared:
    """Groups side by side. ``curves``: by measure, then by group."""

    names: tuple[str, ...]
    pairs: dict[tuple[str, str], Comparison]
    curves: dict[str, dict[str, pd.DataFrame]]
    shares: dict[str, dict[str, pd.DataFrame]]
    scenes: tuple[Scene, ...]
    paired: bool
    length_ms: int

    @property
    def sentences(self) -> list[str]:
        return sentences(self.pairs)


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
    wish: Wish
    at: datetime
    audiences: tuple[Told, ...]
    compared: Compared | None
    made: Made
    norms: dict[str, Norm]

    @property
    def viewers(self) -> int:
        return int(self.study.counted["viewers"].fillna(0).sum())


def gather(store: Store, study: Study, wish: Wish | None = None) -> Content:
    """Read a study for its report; DataError where nobody counts."""
    wish = wish or Wish()
    for name in wish.measures:
        find_measure(name)
    if study.counted.empty:
        raise DataError(
            f"The study {study.name!r} has no session that counts.",
            "Add recordings to it first; those under 60 % quality are left out.",
        )
    groups = _groups(study, wish)
    needed = tuple(dict.fromkeys((*wish.measures, *PROBABILITY_COLUMNS)))
    seconds = study_seconds(store, study.counted, needed, corrected=wish.corrected)
    everyone = audiences(study)
    shown = [one for one in everyone if one.name == EVERYONE] or [
        one for one in everyone if one.name in set(study.stimuli["title"])
    ]
    return Content(
        study,
        wish,
        datetime.now(UTC),
        tuple(_told(seconds, one, wish) for one in shown),
        _compared(store, study, groups, seconds, wish) if groups else None,
        _made(store, study),
        {one: study_norm(store, study, one) for one in wish.measures if one in HEADLINES},
    )


def _groups(study: Study, wish: Wish) -> list[Group]:
    if wish.compare is None:
        found = available(study, "condition")
        return found if 2 <= len(found) <= MOST_GROUPS else []
    return find_groups(study, wish.compare) if wish.compare else []


def _told(seconds: pd.DataFrame, one: Audience, wish: Wish) -> Told:
    last = max(1, -(-one.length_ms // 1000)) - 1
    mine = seconds[seconds["session_id"].isin(one.session_ids)]
    mine = mine[(mine["second"] >= 0) & (mine["second"] <= last)]
    responses = tuple(_response(mine, one, name, last, wish.minimum) for name in wish.measures)
    viewers = curves(mine, wish.measures[0], by=_BY, first=0, last=last).n
    shares = _shares(mine, _BY, last, wish.minimum)
    return Told(one.name, viewers, one.scenes, one.markers, one.length_ms, responses, shares)


def _response(seconds: pd.DataFrame, one: Audience, name: str, last: int, minimum: int) -> Response:
    lines = curves(seconds, name, by=_BY, first=0, last=last)
    curve = audience(lines, minimum=minimum)
    enough = lines.n >= max(minimum, 1)
    line = np.where(curve["mean"].isna() | (not enough), np.nan, audience_line(lines))
    return Response(
        name,
        curve,
        scene_table(lines, one.scenes, minimum=minimum),
        marker_table([lines] if enough else [], one.markers),
        synchrony(lines.values) if enough else None,
        shape.mean_known(line),
        shape.hook(line, lines.seconds),
        shape.peak(line, lines.seconds),
        shape.end(line, lines.seconds),
    )


def _shares(
    seconds: pd.DataFrame, by: Sequence[str], last: int, minimum: int
) -> dict[str, pd.DataFrame]:
    grid = pd.RangeIndex(last + 1, name="second")
    found = {
        name: emotion_share(seconds, name, minimum=minimum, by=by).set_index("second")
        for name in DISPLAY_ORDER
    }
    return {name: table.reindex(grid).reset_index() for name, table in found.items()}


def _compared(
    store: Store, study: Study, groups: Sequence[Group], seconds: pd.DataFrame, wish: Wish
) -> Compared:
    pairs = compare_groups(store, study, groups, measures=wish.measures, corrected=wish.corrected)
    parts = {
        one.name: seconds[seconds["session_id"].isin(one.sessions["session_id"])] for one in groups
    }
    paired = is_paired(groups)
    by = ("respondent",) if paired else _BY
    length_ms = study.length_ms() or 1000 * (int(seconds["second"].max()) + 1)
    last = -(-length_ms // 1000) - 1
    return Compared(
        tuple(parts),
        {two: hide_few(one, wish.minimum) for two, one in pairs.items()},
        {
            name: {
                group: audience(curves(part, name, by=by, first=0, last=last), minimum=wish.minimum)
                for group, part in parts.items()
            }
            for name in wish.measures
        },
        {
            group: _shares(part[part["second"].between(0, last)], by, last, wish.minimum)
            for group, part in parts.items()
        },
        scenes_of(study, groups),
        paired,
        length_ms,
    )


def _made(store: Store, study: Study) -> Made:
    """The settings and versions of the sessions that count; several where they differ."""
    rows = [store.session(str(one)) for one in study.counted["session_id"]]
    models: dict[str, int] = {}
    for row in rows:
        name = str(row["model"] or "unknown")
        models[name] = models.get(name, 0) + 1
    cards = []
    for name in dict.fromkeys(one.split("@")[0] for one in models):
        try:
            cards.append(load_card(name, store.home))
        except ModelError:
            continue  # made by a model that is not here any more; its name is said all the same
    return Made(
        models,
        _values([row["versions"] or {} for row in rows]),
        _values([row["settings"] or {} for row in rows]),
        tuple(cards),
    )


def _values(found: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    together: dict[str, list[str]] = {}
    for one in found:
        for key, value in one.items():
            said = together.setdefault(str(key), [])
            if str(value) not in said:
                said.append(str(value))
    return {key: tuple(said) for key, said in together.items()}
