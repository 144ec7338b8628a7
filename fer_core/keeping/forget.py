"""*Forget for good*: a session, a viewer, a respondent or a study, with every trace and in backups.

First the ids go onto the list of what was forgotten (``storage.forgotten``), so that nothing that
happens later brings it back; then rows and files go, the database is written anew, and each
backup that can be reached is written anew without it, or dropped where that is not possible.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fer_core.errors import RaptError, StoreError
from fer_core.files import locked
from fer_core.home import Home
from fer_core.jobs.queue import stop_work
from fer_core.keeping.backup import (
    backups,
    known_places,
    pack,
    read_manifest,
    scratch,
    sweep,
)
from fer_core.keeping.restore import move_home, unpack
from fer_core.storage import open_store
from fer_core.storage.copying import write_compact
from fer_core.storage.removal import forgotten
from fer_core.storage.removal.forgetting import (
    ForgetResponses,
    ForgetSessions,
    ForgetStudy,
    ForgetViewer,
)
from fer_core.storage.removal.forgotten import Forgotten
from fer_core.storage.removal.receipts import AddReceipt
from fer_core.storage.sessions import Session

if TYPE_CHECKING:
    from fer_core.storage import Store

log = logging.getLogger(__name__)
RULE: Final = "forgotten for good"


@dataclass(frozen=True, slots=True)
class Plan:
    """What forgetting one thing removes; ``name`` is for the question and is never kept."""

    kind: str  # session, viewer, respondent or study
    id: str  # of a respondent: the label that its sessions bear
    name: str
    sessions: tuple[str, ...]
    responses: tuple[str, ...] = ()
    entries: tuple[Forgotten, ...] = ()
    #: What will still show the person, in words; nobody but a person can judge it.
    stays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done."""

    receipt_id: str
    sessions: int
    backups_rewritten: int
    backups_dropped: tuple[str, ...]
    places_not_reached: tuple[str, ...]
    complete: bool  # False: a job still holds some of it; it goes when that ends


def plan_session(store: Store, session_id: str) -> Plan:
    """A session and every other analysis of the same recording: the same faces are in them."""
    session = store.sessions.get(session_id)
    same = _same_recording(store, session)
    sessions = (session_id, *same)
    return Plan("session", session_id, session.name, sessions, entries=_sessions(sessions))


def _same_recording(store: Store, session: Session) -> tuple[str, ...]:
    if not session.digest:
        return ()
    found = [one.session_id for one in store.sessions.of_films([session.digest])]
    return tuple(one for one in found if one != session.session_id)


def plan_viewer(store: Store, session_id: str, viewer: int) -> Plan:
    """One viewer of a session, by the number under which the page shows it."""
    session = store.sessions.get(session_id)
    pieces = _pieces(store, session_id, viewer)
    if not pieces:
        raise StoreError(f"{session.name} has no viewer {viewer}.", "The session's page names all.")
    same = _same_recording(store, session)
    stays = []
    if same:
        stays.append(
            f"{len(same)} other analyses of this recording show the same person under numbers of "
            "their own: forget it there as well."
        )
    if session.path and not Path(session.path).is_relative_to(store.home.root):
        stays.append(f"The recording lies outside of Rapt, at {session.path}.")
    entry = Forgotten("viewer", session_id, pieces)
    return Plan(
        "viewer", f"{session_id}/{viewer}", f"viewer {viewer} of {session.name}", (),
        entries=(entry,), stays=tuple(stays),
    )  # fmt: skip


def _pieces(store: Store, session_id: str, viewer: int) -> tuple[tuple[int, int, int], ...]:
    """Who is shown under a number, as tracked: number, from and to, in ms."""
    rows = store.frame(
        """
        SELECT t.viewer, coalesce(v.from_ms, 0) AS from_ms, coalesce(v.to_ms, 2147483647) AS to_ms
        FROM (SELECT DISTINCT viewer, t_ms FROM timeline
              WHERE session_id = $id AND viewer >= 0) t
        LEFT JOIN viewers v ON v.session_id = $id AND v.viewer = t.viewer
            AND t.t_ms >= v.from_ms AND t.t_ms < v.to_ms
        WHERE coalesce(v.shown, t.viewer) = $viewer GROUP BY ALL ORDER BY ALL
        """,
        {"id": session_id, "viewer": viewer},
    )
    return tuple((int(a), int(b), int(c)) for a, b, c in rows.itertuples(index=False))


def viewers_of(store: Store, session_id: str) -> list[tuple[int, str]]:
    """The viewers of a session as its page shows them: number and name, which may be empty."""
    rows = store.frame(
        """
        SELECT coalesce(v.shown, t.viewer) AS shown, coalesce(max(v.name), '') AS name
        FROM (SELECT DISTINCT viewer, t_ms FROM timeline
              WHERE session_id = $id AND viewer >= 0) t
        LEFT JOIN viewers v ON v.session_id = $id AND v.viewer = t.viewer
            AND t.t_ms >= v.from_ms AND t.t_ms < v.to_ms
        GROUP BY ALL ORDER BY shown
        """,
        {"id": session_id},
    )
    return [(int(number), str(name)) for number, name in rows.itertuples(index=False)]


def plan_respondent(store: Store, respondent: str, study_id: str | None = None) -> Plan:
    """Every session and response that bears a respondent's label, in one study or in all."""
    bound = {"r": respondent, "s": study_id}
    sessions = store.frame(
        "SELECT session_id FROM sessions WHERE respondent = $r "
        "AND ($s IS NULL OR study_id = $s) ORDER BY created",
        bound,
    )["session_id"]
    responses = store.frame(
        "SELECT response_id, session_id FROM responses WHERE respondent = $r AND "
        "($s IS NULL OR link_id IN (SELECT link_id FROM links WHERE study_id = $s)) ORDER BY begun",
        bound,
    )
    ids = tuple(dict.fromkeys([*sessions, *responses["session_id"].dropna()]))
    taken = tuple(responses["response_id"])
    if not ids and not taken:
        raise StoreError(
            f"Nothing here belongs to a respondent {respondent!r}.",
            "The study's page and `rapt sessions list` name them.",
        )
    ids = tuple(dict.fromkeys(one for each in ids for one in (each, *_others(store, each))))
    entries = (*_sessions(ids), *(Forgotten("response", one) for one in taken))
    return Plan("respondent", respondent, respondent, ids, taken, entries)


def _others(store: Store, session_id: str) -> tuple[str, ...]:
    if not store.sessions.exists(session_id):
        return ()
    return _same_recording(store, store.sessions.get(session_id))


def plan_study(store: Store, study: str) -> Plan:
    """A study with its sessions, respondents, links and films."""
    found = store.studies.get(study)
    sessions = store.frame(
        "SELECT session_id FROM sessions WHERE study_id = $s ORDER BY created",
        {"s": found.study_id},
    )["session_id"]
    ids = tuple(dict.fromkeys(one for each in sessions for one in (each, *_others(store, each))))
    entries = (*_sessions(ids), Forgotten("study", found.study_id))
    return Plan("study", found.study_id, found.name, ids, entries=entries)


def _sessions(ids: Sequence[str]) -> tuple[Forgotten, ...]:
    return tuple(Forgotten("session", one) for one in ids)


def forget(store: Store, plan: Plan) -> Outcome:
    """Carry a plan out. It can be repeated; a crash in between is completed at the next start.

    JobError where another process works on one of the sessions and does not stop.
    """
    home = store.home
    for session_id in plan.sessions:
        stop_work(store, session_id)
    store.sync()
    forgotten.add(home.forgotten, plan.entries)
    before = _size(home)
    _remove(store, plan)
    complete = store.erase()
    rewritten, dropped, unreached = clean_backups(store, plan)
    ids = tuple(f"{one.kind} {one.id}" for one in plan.entries)
    receipt = store.run(
        AddReceipt(kind=plan.kind, rule=RULE, ids=ids, bytes=max(0, before - _size(home)))
    )
    return Outcome(receipt, len(plan.sessions), rewritten, dropped, unreached, complete)


def _remove(store: Store, plan: Plan) -> None:
    if plan.responses:
        store.run(ForgetResponses(response_ids=plan.responses))
    if plan.sessions:
        store.run(ForgetSessions(session_ids=plan.sessions))
    if plan.kind == "study":
        store.run(ForgetStudy(study_id=plan.id))
    for one in plan.entries:
        if one.kind == "viewer":
            store.run(ForgetViewer(session_id=one.id, pieces=one.pieces))


def _size(home: Home) -> int:
    return sum(
        path.stat().st_size
        for name in ("sessions", "uploads", "jobs")
        for path in (home.root / name).rglob("*")
        if path.is_file()
    )


def clean_backups(
    store: Store, plan: Plan | None = None
) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Write every backup that can be reached anew without what is on the list.

    How many were written anew, the names of those that had to be dropped, and the folders that
    are not there now (a disk that is not plugged in): they follow when one of them is reached.
    """
    listed = forgotten.read(store.home.forgotten)
    rewritten, dropped, unreached = 0, [], []
    for folder in known_places(store):
        if not folder.is_dir():
            if folder != store.home.backups:
                unreached.append(str(folder))
            continue
        with locked(folder / ".lock"):
            sweep(folder)
            forgotten.add(folder / forgotten.FILE, listed)
            for archive in backups(folder):
                try:
                    rewritten += clean_backup(archive, listed, plan)
                except (RaptError, OSError) as error:
                    log.warning("The backup %s is dropped: %s", archive, error)
                    archive.unlink(missing_ok=True)
                    dropped.append(archive.name)
    return rewritten, tuple(dropped), tuple(unreached)


def clean_backup(archive: Path, listed: Sequence[Forgotten], plan: Plan | None = None) -> bool:
    """Write one backup anew where it does not follow the list yet; whether it had to be.

    It is put into a home of its own beside itself, cleaned as any home is, and packed again.
    """
    about = read_manifest(archive)
    if about.forgotten >= len(listed):
        return False
    with scratch(archive.parent) as work:
        home = Home(work / "home")
        unpack(archive, about, home.root)
        move_home(home.root, about.home, str(home.root))
        with open_store(home, look_after=False) as store:
            forgotten.replay(store.database, home, list(listed))
            if plan is not None and plan.kind == "respondent":
                _remove_label(store, plan.id)
            store.erase()
        move_home(home.root, str(home.root), about.home)
        rows = write_compact(home.database, work / "store.duckdb")
        anew = replace(about, rows=rows, files={}, forgotten=len(listed))
        pack(home, work / "store.duckdb", archive, anew)
    return True


def _remove_label(store: Store, respondent: str) -> None:
    """What bore a respondent's label when the backup was made, and was deleted since."""
    try:
        older = plan_respondent(store, respondent)
    except StoreError:
        return
    _remove(store, older)
