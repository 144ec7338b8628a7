"""Finish deletions: files, job folders and older copies go, then the database is rewritten.

DuckDB leaves what was deleted in free pages, in row groups that are only partly empty, and in
its log. A copy of what is left, in the place of the old file, holds none of it.

A flag in the home says that this is still to be done: it is set before a deletion is kept and
removed when nothing is left of it, so that a crash at any moment loses no erasure.
"""

from __future__ import annotations

import logging
import shutil
import time
from pathlib import Path
from typing import Final

from fer_core import problems
from fer_core.errors import StoreError
from fer_core.files import is_locked, lock, read_json
from fer_core.home import Home
from fer_core.storage.database import Database
from fer_core.storage.ids import check_id
from fer_core.storage.reading import Query
from fer_core.storage.timeline import archive

log = logging.getLogger(__name__)

#: Deletions come in rows; the database is rewritten once, this long after the last of them.
QUIET_S: Final = 5.0


def ask(home: Home) -> None:
    """Have everything erased that is deleted from now on; call it before the deletion is kept."""
    home.erase_pending.touch(mode=0o600)


def is_due(home: Home) -> bool:
    """Whether something is still to be erased, and no deletion came just now."""
    try:
        asked = home.erase_pending.stat().st_mtime
    except FileNotFoundError:
        return False
    return not 0 <= time.time() - asked < QUIET_S  # a clock that was set back does not hold it up


def finish(database: Database, home: Home) -> bool:
    """Remove every trace of what was deleted; False where a process still holds some of it."""
    try:
        asked = home.erase_pending.stat().st_mtime_ns
    except FileNotFoundError:
        return True
    done = _finish_sessions(database, home) and _finish_archive(database, home)
    _remove_old_copies(home)
    _remove_half_made_backups(home)
    _remove_copies_of_faces(database, home)
    problems.problems(home)  # notes on what is gone go as well
    database.rewrite()
    if done and home.erase_pending.stat().st_mtime_ns == asked:
        home.erase_pending.unlink()
    return done


def _finish_sessions(database: Database, home: Home) -> bool:
    left = Query("SELECT session_id, upload FROM deletions WHERE NOT files_gone OR upload NOT NULL")
    done = True
    for row in database.select(left).to_pylist():
        session_id = row["session_id"]
        try:
            gone = remove_files(home, session_id, row["upload"])
        except (StoreError, OSError):
            log.exception("The files of session %s could not be removed", session_id)
            gone = False
        done = done and gone
        if gone:
            with database.transaction() as cursor:
                cursor.execute(
                    "UPDATE deletions SET files_gone = true, upload = NULL WHERE session_id = ?",
                    [session_id],
                )
    return done


def _finish_archive(database: Database, home: Home) -> bool:
    """Remove archived timelines of sessions that are deleted or in the table again."""
    if not archive.files(home):
        return True
    named = database.select(Query("SELECT session_id, file FROM archived"))
    gone = database.select(
        Query("SELECT session_id FROM deletions UNION SELECT session_id FROM timeline")
    )
    files = dict(zip(named["session_id"].to_pylist(), named["file"].to_pylist()))
    return archive.sweep(home, files, set(gone["session_id"].to_pylist()))


def remove_files(home: Home, session_id: str, upload: str | None) -> bool:
    """Remove what a deleted session left on the disk; safe to repeat.

    False where a worker is still at its job's folder, or a backup copies its timeline.
    """
    for folder in (home.session(check_id(session_id)), home.spark / session_id):
        shutil.rmtree(folder, ignore_errors=True)
    if upload:
        remove_upload(home, Path(upload))
    held = [folder for folder in _jobs_of(home, session_id) if not _remove_job(folder)]
    return archive.discard(home, session_id) and not held


def remove_upload(home: Home, path: Path) -> None:
    """Remove a file that came through a page, and its folder; any other file stays."""
    uploads = home.uploads.resolve()
    if path.is_absolute() and path.resolve().is_relative_to(uploads) and path.is_file():
        path.unlink(missing_ok=True)
        parent = path.resolve().parent
        if parent != uploads and not any(parent.iterdir()):
            parent.rmdir()


def _jobs_of(home: Home, session_id: str) -> list[Path]:
    found = []
    for spec in home.jobs.glob("*/spec.json"):
        try:
            value = read_json(spec)
        except (ValueError, OSError):
            continue  # damaged: named elsewhere
        if isinstance(value, dict) and session_id in (
            value.get("session_id"), value.get("again_of")
        ):  # fmt: skip
            found.append(spec.parent)
    return found


def _remove_job(folder: Path) -> bool:
    if is_locked(folder / "alive.lock"):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def _remove_old_copies(home: Home) -> None:
    """Copies from before a migration, and stores set aside, hold what was deleted since."""
    for copy in (*home.root.glob(f"{home.database.stem}.before-*"), *home.root.glob("damaged-*")):
        if copy.is_dir():
            shutil.rmtree(copy, ignore_errors=True)
        copy.unlink(missing_ok=True)


def _remove_half_made_backups(home: Home) -> None:
    """A backup that was killed leaves a copy of the store; one under way removes its own."""
    held = lock(home.backups / ".lock") if home.backups.is_dir() else None
    if held is not None:
        for left in home.backups.glob(".work-*"):
            shutil.rmtree(left, ignore_errors=True)
        held.release()


def _remove_copies_of_faces(database: Database, home: Home) -> None:
    """Labelled faces also lie in the examples of trainings with own labels, and in half-made
    downloads. They are illustrations, and the next training makes its own."""
    own = Query(
        "SELECT run_id FROM training_runs WHERE contains(data, 'own-labels') "
        "OR contains(settings, 'own-labels')"
    )
    runs = set(database.select(own)["run_id"].to_pylist())
    for record in home.runs.glob("*/run.json"):
        try:
            run = read_json(record)
        except (ValueError, OSError):
            run = None  # damaged: nobody knows whose faces it had
        if not isinstance(run, dict) or run.get("run_id") in runs:
            record.with_name("examples.json").unlink(missing_ok=True)
    for copy in home.cache.glob("own-*"):
        copy.unlink(missing_ok=True)
