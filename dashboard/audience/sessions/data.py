"""Sessions as pages list them: the store's numbers, pages of rows, small curves, changes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from fer_core.analytics.seconds import leading
from fer_core.analytics.session import FLAGGED_UNDER
from fer_core.jobs import queue
from fer_core.labels import PROBABILITY_COLUMNS
from fer_core.storage import Store
from fer_core.storage.sessions import RenameSession

PAGE = 20


@dataclass(frozen=True, slots=True)
class Totals:
    """Overview's four numbers, of what was filmed; of what was simulated where that is all.

    ``simulated``: sessions that nobody was filmed for; ``made_up``: the numbers are theirs.
    """

    sessions: int
    viewers: int
    analysed_ms: float
    engagement: float | None
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
    study: str

    @property
    def stamp(self) -> str:
        """Changes when the session's numbers do; every few seconds while it is analysed."""
        if self.status == "running":
            return running_stamp()
        return f"{self.status} {self.duration_ms} {self.viewers} {self.engagement}"

    @property
    def flagged(self) -> bool:
        return self.quality is not None and self.quality < FLAGGED_UNDER


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
        engagement=shown.engagement,
        simulated=simulated.done,
        made_up=made_up,
    )


def latest(store: Store, limit: int = 8) -> list[Row]:
    """The newest sessions that have or will have something to show."""
    found = rows(store.sessions.list(limit=4 * limit))
    return [row for row in found if row.status in ("running", "done")][:limit]


def any_there(store: Store) -> bool:
    return store.sessions.count() > 0


def page(
    store: Store, *, search: str = "", sort: str = "created", number: int = 1
) -> tuple[list[Row], int]:
    """One page of the list, and how many sessions there are in all."""
    wanted = search.strip() or None
    count = store.sessions.count(search=wanted)
    table = store.sessions.list(
        search=wanted, sort=sort, limit=PAGE, offset=PAGE * (max(1, number) - 1)
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
        study=row.study or "",
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
