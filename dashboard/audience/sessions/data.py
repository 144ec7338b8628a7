"""Sessions as pages list them: the store's numbers, pages of rows, small curves, changes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd

from fer_core.analytics.seconds import leading
from fer_core.analytics.session import FLAGGED_UNDER
from fer_core.errors import JobError, StoreError
from fer_core.files import parse_json
from fer_core.jobs import queue
from fer_core.labels import PROBABILITY_COLUMNS
from fer_core.storage import Store
from fer_core.storage.sessions import AssignSession, RenameSession
from fer_core.storage.sessions.queries import Which

PAGE = 20
#: Over this share of lost frames a session needs a look, as ``Which.poor_under`` counts it.
LOST_OVER: Final = 0.01
#: On the overview: sessions that are read, and studies of them that are shown.
MOST_LATEST, MOST_GROUPS = 60, 4
WITHOUT_STUDY: Final = "none"
#: What is listed of all sessions, by the words of the filter.
KINDS: Final[dict[str, Which]] = {
    "Recordings": {"kind": "file", "simulated": False},
    "Live": {"kind": "live"},
    "Samples": {"kind": "demo", "simulated": False},
    "Simulated": {"simulated": True},
}


@dataclass(frozen=True, slots=True)
class Totals:
    """Overview's four numbers, of what was filmed; of what was simulated where that is all.

    ``poor``: sessions that need a look. ``simulated``: sessions that nobody was filmed for;
    ``made_up``: the numbers are theirs.
    """

    sessions: int
    viewers: int
    analysed_ms: float
    poor: int
    simulated: int
    made_up: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One session in a list."""

    session_id: str
    name: str
    kind: str
    status: str
    error: str
    created: datetime
    duration_ms: float | None
    viewers: int | None
    quality: float | None
    engagement: float | None
    frames_lost: int
    frames: int
    study: str
    study_id: str
    tags: tuple[str, ...]
    path: str
    of_study: int = 0  # sessions of its study, or without one, where that was asked for

    @property
    def stamp(self) -> str:
        """Changes when the session's numbers do; every few seconds while it is analysed."""
        if self.status == "running":
            return running_stamp()
        return f"{self.status} {self.duration_ms} {self.viewers} {self.engagement}"

    @property
    def flagged(self) -> bool:
        return self.quality is not None and self.quality < FLAGGED_UNDER

    @property
    def many_lost(self) -> bool:
        """Whether so many frames are lost that it needs a look."""
        return self.frames_lost > LOST_OVER * self.frames


def running_stamp() -> str:
    """Of what is still analysed: changes every three seconds, and pages read it again."""
    return f"running {int(time.monotonic() / 3)}"


def totals(store: Store) -> Totals:
    filmed = store.sessions.overview(simulated=False)
    simulated = store.sessions.overview(simulated=True)
    made_up = not filmed.sessions and simulated.sessions > 0
    shown = simulated if made_up else filmed
    return Totals(
        sessions=shown.done,
        viewers=shown.viewers,
        analysed_ms=shown.hours * 3_600_000,
        poor=store.sessions.count(poor_under=FLAGGED_UNDER, simulated=made_up),
        simulated=simulated.done,
        made_up=made_up,
    )


def latest(store: Store, *, each: int = 2, simulated: bool = False) -> dict[str, list[Row]]:
    """The newest sessions by their study, "" for those without; the newest study first.

    ``each`` is how many of a study; of those without one twice as many.
    """
    found = rows(store.sessions.latest(each=2 * each, limit=MOST_LATEST, simulated=simulated))
    groups: dict[str, list[Row]] = {}
    for row in found:
        groups.setdefault(row.study_id, []).append(row)
    shown = list(groups.items())[:MOST_GROUPS]
    return {study: group[: each if study else 2 * each] for study, group in shown}


def any_there(store: Store) -> bool:
    return store.sessions.count() > 0


@dataclass(frozen=True, slots=True)
class Filter:
    """Which sessions a page lists; what is empty leaves nothing out."""

    search: str = ""
    study: str = ""  # a study's id, or WITHOUT_STUDY
    kind: str = ""  # one of KINDS
    poor: bool = False  # only those that need a look

    @property
    def which(self) -> Which:
        which: Which = {"search": self.search.strip() or None}
        if self.study == WITHOUT_STUDY:
            which["in_study"] = False
        elif self.study:
            which["study_id"] = self.study
        if self.poor:
            which["poor_under"] = FLAGGED_UNDER
        return which | KINDS.get(self.kind, {})


def page(
    store: Store, wanted: Filter, *, sort: str = "created", number: int = 1
) -> tuple[list[Row], int]:
    """One page of the list, and how many sessions there are in all."""
    count = store.sessions.count(**wanted.which)
    table = store.sessions.list(
        sort=sort, limit=PAGE, offset=PAGE * (max(1, number) - 1), **wanted.which
    )
    return rows(table), count


def rows(table: pd.DataFrame) -> list[Row]:
    """The store's table of sessions, a row each; what is missing there is None."""
    known = table.astype(object).where(table.notna(), None)
    return [_row(row) for row in known.itertuples(index=False)]


def _row(row: Any) -> Row:
    return Row(
        session_id=row.session_id,
        name=row.name,
        kind=row.kind,
        status=row.status,
        error=row.error or "",
        created=row.created,
        duration_ms=None if row.duration_s is None else 1000 * row.duration_s,
        viewers=None if row.viewers is None else int(row.viewers),
        quality=row.quality,
        engagement=row.engagement,
        frames_lost=int(row.frames_lost or 0),
        frames=int(row.frames or 0),
        study=row.study or "",
        study_id=row.study_id or "",
        tags=tuple(parse_json(row.tags or "[]")),
        path=row.path or "",
        of_study=int(getattr(row, "of_study", 0)),
    )


def small_curves(store: Store, session_ids: list[str]) -> dict[str, pd.DataFrame]:
    """Each session's audience by second: engagement and the leading expression."""
    if not session_ids:
        return {}
    by = ["session_id", "second"]
    columns = [*by, "engagement", *PROBABILITY_COLUMNS, "emotion"]
    table = store.timeline.seconds(session_ids, columns=columns)
    means = table.groupby(by)[["engagement"]].mean().join(leading(table, by)).reset_index()
    curves = {}
    for session_id, part in means.groupby("session_id"):
        grid = pd.RangeIndex(int(part["second"].max()) + 1, name="second")
        curve = part.set_index("second")[["engagement", "emotion"]].reindex(grid)
        curves[str(session_id)] = curve.reset_index()
    return curves


def rename(store: Store, session_id: str, name: str) -> None:
    store.run(RenameSession(session_id=session_id, name=name))


def delete(store: Store, session_id: str) -> None:
    """Stop its job, then remove rows and files; there is no way back."""
    queue.delete_session(store, session_id)


def delete_all(store: Store, session_ids: Sequence[str]) -> Iterator[str]:
    """Delete one after the other; each gives "" or why it could not be deleted."""
    for session_id in session_ids:
        try:
            delete(store, session_id)
        except (JobError, StoreError) as error:
            yield str(error)
        else:
            yield ""


def move(store: Store, session_ids: Sequence[str], study: str) -> None:
    """Into a study of this id or name, which is made if it is new; "" takes them out."""
    for session_id in session_ids:
        store.run(AssignSession(session_id=session_id, study=study))


def tag(
    store: Store, session_ids: Sequence[str], add: Sequence[str], remove: Sequence[str] = ()
) -> None:
    """Give sessions tags and take others away; what else they have stays."""
    for session_id in session_ids:
        before = store.sessions.get(session_id).tags
        kept = [one for one in before if one not in remove]
        after = tuple(dict.fromkeys([*kept, *(one.strip() for one in add if one.strip())]))
        if after != before:
            store.run(AssignSession(session_id=session_id, tags=after))


def common_study(store: Store, session_ids: Sequence[str]) -> str:
    """The one study that all of these belong to; "" where there is none."""
    studies = {store.sessions.get(one).study_id or "" for one in session_ids}
    return studies.pop() if len(studies) == 1 else ""
