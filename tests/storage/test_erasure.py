"""After a deletion no byte of what was deleted is left in the home."""

from __future__ import annotations

import os

import pytest

from fer_core.errors import StoreError
from fer_core.files import lock_to_inherit, write_json
from fer_core.home import Home
from fer_core.problems import note
from fer_core.storage import Store, open_store
from fer_core.storage.database import Database
from fer_core.storage.jobs import AddJob, UpdateJob
from fer_core.storage.links import AddLink, Arm
from fer_core.storage.markers import AddMarkers, NewMarker
from fer_core.storage.removal import erasure
from fer_core.storage.respondents import BeginResponse, MarkResponse, ResponseState
from fer_core.storage.sessions import AssignSession, DeleteSession
from fer_core.storage.sharing.inbox import put_into_inbox
from fer_core.storage.studies import AddStimulus, AddStudy
from fer_core.types import JobStatus
from tests.storage.rows import record
from tests.waiting import until

NAME = "Aurelia-Quickenborn"


def traces(home: Home, pattern: str = NAME) -> list[str]:
    """Every file of the home whose name or content holds the pattern."""
    found = []
    for path in home.root.rglob("*"):
        name = path.relative_to(home.root).as_posix()
        if pattern in name or (path.is_file() and pattern.encode() in path.read_bytes()):
            found.append(name)
    return found


def plant(home: Home, store: Store, session_id: str, name: str) -> None:
    """A session whose respondent's name stands everywhere that a name can stand."""
    upload = home.uploads / "abcdef" / f"{name}.mp4"
    upload.parent.mkdir(parents=True, exist_ok=True)
    upload.write_text(f"a film of {name}")
    record(home, session_id, 40, name=name, path=str(upload), respondent=name, notes=f"of {name}")
    store.sync()
    store.run(AssignSession(session_id=session_id, tags=(name,), notes=f"seen: {name}"))
    store.run(AddMarkers(session_id=session_id, markers=(NewMarker(name=name, from_ms=5),)))
    spec = {"session_id": session_id, "name": name, "path": str(upload)}
    job = store.run(AddJob(kind="analyze", spec=spec, title=name, session_id=session_id))
    store.run(UpdateJob(job_id=job, status=JobStatus.FAILED, fields={"error": f"{name} failed"}))
    write_json(home.job(job) / "spec.json", spec)
    (home.job(job) / "log.txt").write_text(f"could not read {upload}")
    note(home, home.session(session_id) / "session.json", f"{name} is damaged")


def respond(store: Store, session_id: str, name: str) -> str:
    """A response of this name, with its session; the link's id."""
    study = store.run(AddStudy(name="A study"))
    film = store.run(AddStimulus(title="A film", study_id=study))
    link = store.run(AddLink(study_id=study, title="t", consent="c", arms=(Arm(film),)))
    place = store.run(BeginResponse(link_id=link, consent="c", respondent=name))
    store.run(
        MarkResponse(response_id=place.response_id, state=ResponseState.DONE, session_id=session_id)
    )
    return link


def test_a_deleted_session_leaves_no_byte_of_its_name(home: Home) -> None:
    with open_store(home, look_after=False) as store:
        (home.root / "rapt.before-002.20260101-000000-000000.duckdb").write_text(NAME)
        for number in range(12):
            plant(home, store, f"s{number}", NAME if number % 3 == 0 else f"Other-{number}")
        link = respond(store, "s0", NAME)
        rows = len(store.timeline.rows("s1"))
        store.checkpoint()
        assert len(traces(home)) > 12
        for number in range(0, 12, 3):
            store.run(DeleteSession(session_id=f"s{number}"))
        assert [one.respondent for one in store.respondents.responses(link)] == ["R001"]
    assert traces(home) == []
    assert not home.erase_pending.exists()
    with open_store(home, look_after=False) as store:
        assert len(store.sessions.list()) == 8
        assert len(store.timeline.rows("s1")) == rows
        assert all(check.ok for check in store.checks.integrity())
        assert store.sessions.get("s1").respondent == "Other-1"
    assert (home.uploads / "abcdef" / "Other-1.mp4").exists()
    assert traces(home) == []


def test_a_server_that_runs_erases_by_itself(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "QUIET_S", 0.1)
    with open_store(home) as store:
        plant(home, store, "s1", NAME)
        put_into_inbox(home, "delete_session", {"session_id": "s1"})
        until(lambda: not store.sessions.exists("s1") and not home.erase_pending.exists())
        assert traces(home) == []
        store.run(AddStudy(name="goes on"))
        assert len(store.studies.list()) == 1


def test_an_erasure_that_a_crash_cut_short_is_finished_at_the_next_start(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Database) -> None:
        raise StoreError("killed here")

    with open_store(home, look_after=False) as store:
        plant(home, store, "s1", NAME)
        with monkeypatch.context() as broken:
            broken.setattr(Database, "rewrite", fails)
            store.run(DeleteSession(session_id="s1"))
            store.close()
    assert home.erase_pending.exists()
    with open_store(home, look_after=False):
        pass
    assert traces(home) == []


def test_a_job_that_still_ends_is_removed_when_it_has_ended(home: Home) -> None:
    with open_store(home, look_after=False) as store:
        plant(home, store, "s1", NAME)
        folder = next(home.jobs.iterdir())
        held = lock_to_inherit(folder / "alive.lock")
        assert held is not None
        store.run(DeleteSession(session_id="s1"))
        assert not erasure.finish(store.database, home)
        os.close(held)
        assert erasure.finish(store.database, home)
        assert traces(home) == []


def test_a_film_that_a_study_shows_stays(home: Home, store: Store) -> None:
    plant(home, store, "s1", NAME)
    film = home.uploads / "abcdef" / f"{NAME}.mp4"
    study = store.run(AddStudy(name="A study"))
    store.run(AddStimulus(title="It", study_id=study, path=str(film)))
    store.run(DeleteSession(session_id="s1"))
    assert film.exists()


def test_a_rewritten_store_holds_the_same(home: Home, store: Store) -> None:
    for number in range(3):
        record(home, f"s{number}", 50, name=f"Clip {number}")
    store.sync()
    before = [store.timeline.rows(f"s{n}") for n in range(3)], store.sessions.list()
    stamp = store.stamp
    store.database.rewrite()
    assert stamp == store.stamp, "what pages have cached still holds"
    after = [store.timeline.rows(f"s{n}") for n in range(3)], store.sessions.list()
    assert all(a.equals(b) for a, b in zip(before[0], after[0]))
    assert before[1].equals(after[1])
    with pytest.raises(StoreError, match="refused"):  # SQL reaches no file, as before
        store.arrow("SELECT * FROM read_csv('/etc/passwd')")
