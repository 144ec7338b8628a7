"""What must hold after a round: everything acknowledged is there once, what was deleted is gone."""

from __future__ import annotations

import re
import shutil
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.jobs.supervisor import Supervisor
from fer_core.keeping.backup import backups, keep_newest, read_manifest
from fer_core.keeping.restore import restore
from fer_core.storage import Store, open_store
from fer_core.types import JobStatus
from tests.faults.actors import FILM, TRIAL, Ledger
from tests.jobs.trial_film import film


def check(home: Home, ledger: Ledger) -> None:
    """Everything acknowledged is there once, everything deleted is gone; AssertionError else."""
    lines = ledger.read()
    crashes = [value for kind, _, value in lines if kind == "crash"]
    assert not crashes, crashes[0]
    acked: dict[str, list[Any]] = {}
    tried: dict[str, list[Any]] = {}
    for kind, what, value in lines:
        {"ack": acked, "try": tried}.get(kind, {}).setdefault(what, []).append(value)
    with open_store(home, look_after=False) as store:
        store.sync()
        bad = [f"{one.name}: {one.detail}" for one in store.checks.integrity() if not one.ok]
        assert not bad, bad
        _studies(store, acked, tried)
        gone = set(acked.get("delete", [])) | set(acked.get("forget", []))
        _sessions(store, acked, tried, gone)
        assert store.erase(), "what was deleted is erased"
    _erased(home, gone, set(acked.get("forget", [])))


def _studies(store: Store, acked: dict[str, list[Any]], tried: dict[str, list[Any]]) -> None:
    names = list(store.frame("SELECT name FROM studies")["name"])
    assert len(names) == len(set(names)), "a study is there twice"
    lost = set(acked.get("study", [])) - set(names)
    assert not lost, f"acknowledged and lost: {sorted(lost)[:5]}"
    renamed = acked.get("rename", [])
    if renamed:
        later = tried["rename"][tried["rename"].index(renamed[-1]) :]
        assert store.sessions.get("base").name in later


def _sessions(
    store: Store, acked: dict[str, list[Any]], tried: dict[str, list[Any]], gone: set[str]
) -> None:
    there = set(store.frame("SELECT session_id FROM sessions")["session_id"])
    back = gone & there
    assert not back, f"deleted and back: {sorted(back)[:5]}"
    leaving = set(tried.get("delete", [])) | set(tried.get("forget", []))
    last: dict[str, int] = {}
    for session_id, frame in acked.get("shard", []):
        last[session_id] = max(frame, last.get(session_id, -1))
    frames = store.frame(
        "SELECT session_id, count(*) AS n, max(frame) AS last FROM frames GROUP BY session_id"
    ).set_index("session_id")
    rows = store.frame("SELECT session_id, count(*) AS n FROM timeline GROUP BY session_id")
    faces = dict(zip(rows["session_id"], rows["n"]))
    for session_id, frame in last.items():
        found = frames.loc[session_id]
        assert found["n"] >= frame + 1, f"{session_id} lost frames: {found['n']} of {frame + 1}"
        assert found["n"] == found["last"] + 1, f"{session_id} has gaps or doubles"
        assert faces[session_id] == 2 * found["n"], f"{session_id}: faces {faces[session_id]}"
    whole = {one for one in there if one.startswith(("d", "f")) and one in leaving}
    for session_id in whole:  # tried and not acknowledged: all of it, or nothing
        assert frames.loc[session_id]["n"] == 20, f"{session_id} is half deleted"
        assert faces[session_id] == 40


def _erased(home: Home, gone: set[str], forgotten: set[str]) -> None:
    """No byte of a deleted session's name in the home, of a forgotten one's in the backups."""
    for path in home.root.rglob("*"):
        if path.is_file() and path.parent != home.backups:
            left = names_in(path.read_bytes()) & gone
            assert not left, f"{sorted(left)} is still in {path}"
    for archive in backups(home.backups):
        with zipfile.ZipFile(archive) as packed:
            for name in packed.namelist():
                left = names_in(packed.read(name)) & forgotten
                assert not left, f"{sorted(left)} is still in {name} of {archive}"


def names_in(content: bytes) -> set[str]:
    """The ids of the sessions whose names stand in a file."""
    return {found.decode() for found in re.findall(rb"Named-([df]\d+-\d)", content)}


def check_backups(home: Home, ledger: Ledger) -> int:
    """Every acknowledged backup that is still there is whole, and can be restored."""
    acked = [value[0] for kind, what, value in ledger.read()
             if kind == "ack" and what == "backup" and value]  # fmt: skip
    there = [Path(path) for path in acked if Path(path).exists()]
    for path in there:
        read_manifest(path)
    for path in there[-2:]:
        target = Home(ledger.path.with_name(f"restored-{path.stem}"))
        found = restore(target, path)
        assert found.sessions > 0
        with open_store(target, look_after=False) as store:
            assert all(one.ok for one in store.checks.integrity())
        shutil.rmtree(target.root)
    keep_newest(home.backups, 3)
    return len(there)


def check_jobs(home: Home, ledger: Ledger) -> int:
    """Every acknowledged analysis ends with the rows of one that nobody disturbed."""
    asked = [value for kind, what, value in ledger.read()
             if kind == "ack" and what == "analyse"]  # fmt: skip
    if not asked:
        return 0
    with open_store(home) as store:
        watching = Supervisor(store, home, worker=TRIAL)
        watching.start()
        reference = AnalysisSpec.new(
            film(ledger.path.with_name("reference.mp4"), FILM), name="reference"
        )
        queue.enqueue_analysis(store, reference)
        end = time.monotonic() + 300
        while time.monotonic() < end:
            for job in store.jobs.list(limit=1000):
                if job.status in (JobStatus.FAILED, JobStatus.CANCELLED):
                    with suppress(RaptError):
                        queue.resume(store, job.job_id)
            if not store.jobs.active():
                break
            time.sleep(0.05)
        watching.stop()
        store.sync()
        right = store.timeline.rows(reference.session_id).drop(columns="session_id")
        for session_id, _ in asked:
            assert len(store.jobs.list(session_id=session_id)) == 1
            rows = store.timeline.rows(session_id).drop(columns="session_id")
            assert rows.equals(right), f"{session_id} has other rows"
    return len(asked)
