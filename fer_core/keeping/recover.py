"""``rapt doctor --recover``: a store that does not open is set aside and rebuilt from what is left.

What can be read is taken in this order: the damaged file with as much of its log as is whole, in
pieces where it must be; else the newest backup that is whole; else nothing. Sessions and shards on
the disk that the store then lacks are taken in as always, and what was forgotten stays forgotten.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from fer_core.errors import RaptError, StoreDamaged, StoreError
from fer_core.files import sync_folder
from fer_core.home import Home
from fer_core.keeping.backup import backups, scratch
from fer_core.keeping.repair import Finding, repair
from fer_core.keeping.restore import move_home, read_manifest, unpack
from fer_core.storage import Store, open_store
from fer_core.storage.reading import READ_SECONDS, Query
from fer_core.storage.repair.log_sum import log_of, sums_of
from fer_core.storage.repair.salvage import Salvaged, salvage
from fer_core.storage.sharing.ownership import OwnerLock, owner_pid
from fer_core.storage.tables import TABLES


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery found and made."""

    needed: bool  # False: the store opens, and nothing was set aside
    source: str  # what the new store was made from, in words
    set_aside: str  # the folder with the damaged store
    sessions: int
    lost: dict[str, int] = field(default_factory=dict)  # rows a table that could not be read
    lacking: tuple[str, ...] = ()  # sessions that are done and have no rows: analyse them again
    findings: tuple[Finding, ...] = ()


def recover(home: Home) -> Recovered:
    """Rebuild a store that does not open; one that does is only repaired.

    StoreError where a process has it open. The damaged files stay in ``damaged-…`` until a person
    removes them, or something is deleted.
    """
    try:
        with open_store(home, look_after=False) as store:
            if not store.is_owner:
                raise StoreError(f"Process {owner_pid(home)} has the store open: it is whole.")
            sessions = store.sessions.overview().sessions
            _read_all(store)
    except StoreDamaged:
        return _rebuild(home)
    findings = tuple(repair(home))
    return Recovered(False, "the store opens", "", sessions, findings=findings)


def _read_all(store: Store) -> None:
    """StoreDamaged where some table's rows cannot be read: a store may open all the same."""
    for table in TABLES:
        sql = f"SELECT bit_xor(hash(t)) AS sum FROM {table.name} t"
        try:
            store.select(Query(sql, seconds=READ_SECONDS))
        except StoreError as error:
            raise StoreDamaged(f"The table {table.name} cannot be read: {error.message}") from error


def _rebuild(home: Home) -> Recovered:
    lock = OwnerLock.take(home)
    if lock is None:
        raise StoreError(f"Process {owner_pid(home)} has just opened the store.", "Try again.")
    try:
        with scratch(home.root) as work:
            fresh = work / "fresh.duckdb"
            found, source = _from_file(home, fresh, work)
            if found is None:
                source = _from_backup(home, fresh, work)
            aside = _set_aside(home)
            if fresh.exists():
                fresh.replace(home.database)
                sync_folder(home.root)
    except OSError as error:
        raise StoreError(
            f"The store could not be rebuilt: {error.strerror or error}.",
            "Make room on the disk, then try again.",
        ) from error
    finally:
        lock.release()
    findings = tuple(repair(home))
    with open_store(home, look_after=False) as store:
        sessions = store.sessions.overview().sessions
        lacking = store.frame(
            "SELECT session_id FROM sessions WHERE status = 'done' AND session_id NOT IN "
            "(SELECT session_id FROM frames) ORDER BY created"
        )["session_id"]
    lost = {} if found is None else found.lost
    return Recovered(True, source, aside.name, sessions, lost, tuple(lacking), findings)


def _from_file(home: Home, fresh: Path, work: Path) -> tuple[Salvaged | None, str]:
    if not home.database.exists():
        return None, ""
    found = salvage(home.database, fresh, work)
    if found is None:
        fresh.unlink(missing_ok=True)
        return None, ""
    said = "the damaged store itself"
    if found.of_log:
        said += f", with {found.log_bytes:,} of {found.of_log:,} bytes of its log"
    return found, said


def _from_backup(home: Home, fresh: Path, work: Path) -> str:
    for archive in reversed(backups(home.backups)):
        whole = work / archive.stem
        try:
            about = read_manifest(archive)
            unpack(archive, about, whole)
            move_home(whole, about.home, str(home.root))
        except (RaptError, OSError):
            shutil.rmtree(whole, ignore_errors=True)
            continue
        (whole / home.database.name).replace(fresh)
        return f"the backup {archive.name}, made {about.made}"
    return "sessions and shards on the disk alone: there was no backup"


def _set_aside(home: Home) -> Path:
    """Move the damaged store out of the way, whole: somebody may know more about it."""
    folder = home.root / f"damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    folder.mkdir(mode=0o700)
    for path in (home.database, log_of(home.database), sums_of(home.database)):
        if path.exists():
            path.replace(folder / path.name)
    return folder
