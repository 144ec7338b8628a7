"""What the page Privacy shows: what is kept, backups, respondents, receipts."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fer_core.errors import RaptError
from fer_core.jobs.queue import enqueue
from fer_core.keeping import rules
from fer_core.keeping.backup import backups, read_manifest
from fer_core.keeping.respondent import export_respondent, listed
from fer_core.keeping.upkeep import nightly_folder
from fer_core.storage import Store
from fer_core.storage.removal import forgotten
from fer_core.storage.removal.receipts import Receipt
from fer_core.storage.timeline.kept_faces import chunk_files


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of thing that is kept, and the rule for it."""

    rule: rules.Rule
    days: int | None
    things: int
    bytes: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class BackupListed:
    """One backup of the nightly folder."""

    name: str
    made: datetime
    bytes: int
    sessions: int | None  # None: it is damaged
    whole: bool


def kept(store: Store) -> list[Kept]:
    """Recordings, films and faces: how many, how much, since when, how long."""
    films = _paths(store, "SELECT DISTINCT path FROM stimuli WHERE path NOT NULL")
    recordings = _paths(store, "SELECT DISTINCT path FROM sessions WHERE path NOT NULL")
    faces = [
        path
        for folder in (store.home.root / "sessions").glob("*/faces")
        for path in chunk_files(store.home, folder.parent.name).values()
    ]
    groups = (
        (rules.UPLOADS, [path for path in recordings if path not in films]),
        (rules.FILMS, films),
        (rules.FACES, faces),
    )
    return [_kept(store, rule, paths) for rule, paths in groups]


def _paths(store: Store, sql: str) -> list[Path]:
    found = map(Path, store.frame(sql)["path"])
    uploads = store.home.uploads
    return [path for path in found if path.is_relative_to(uploads) and path.is_file()]


def _kept(store: Store, rule: rules.Rule, paths: list[Path]) -> Kept:
    about = [path.stat() for path in paths]
    oldest = min((one.st_mtime for one in about), default=None)
    return Kept(
        rule,
        rules.value_of(store, rule),
        len({path.parents[1] for path in paths}) if rule is rules.FACES else len(paths),
        sum(one.st_size for one in about),
        None if oldest is None else datetime.fromtimestamp(oldest, UTC),
    )


def listed_backups(store: Store) -> list[BackupListed]:
    """The backups of the nightly folder, the newest first."""
    folder = nightly_folder(store)
    found = []
    for path in reversed(backups(folder)) if folder.is_dir() else ():
        about = path.stat()
        made = datetime.fromtimestamp(about.st_mtime, UTC)
        try:
            manifest = read_manifest(path)
        except RaptError:
            found.append(BackupListed(path.name, made, about.st_size, None, False))
            continue
        made = datetime.fromisoformat(manifest.made)
        sessions = manifest.rows.get("sessions", 0)
        found.append(BackupListed(path.name, made, about.st_size, sessions, manifest.whole))
    return found


def back_up_now(store: Store) -> bool:
    """Queue a backup; False where one is under way."""
    if any(job.kind == "backup" for job in store.jobs.active()):
        return False
    enqueue(store, "backup", {}, title="Backup")
    return True


def backup_under_way(store: Store) -> bool:
    return any(job.kind == "backup" for job in store.jobs.active())


def respondents(store: Store) -> list[str]:
    """The labels of everybody who took part."""
    return [str(row["respondent"]) for row in listed(store)]


def about_one(store: Store, respondent: str) -> bytes:
    """Everything about a respondent, as a zip."""
    with tempfile.TemporaryDirectory(dir=store.home.root, prefix=".work-") as folder:
        path = Path(folder) / "respondent.zip"
        export_respondent(store, respondent, path)
        return path.read_bytes()


def receipts(store: Store, limit: int = 200) -> list[Receipt]:
    return store.receipts.list(limit)


def number_forgotten(store: Store) -> int:
    """How many entries the list of what was forgotten has."""
    return len(forgotten.read(store.home.forgotten))
