"""One damaged file costs itself only: it is named, and everything beside it goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fer_core.files import write_json
from fer_core.home import Home
from fer_core.problems import note, problems
from fer_core.storage import Store, open_store
from fer_core.storage.sharing.inbox import put_into_inbox
from tests.storage.rows import record
from tests.waiting import until

SESSIONS: dict[str, object] = {
    "a list": [1, 2],
    "a number": 5,
    "status that is none": {"status": ["done"]},
    "a name that is a tree": {"name": {"a": [1]}, "status": "done"},
    "half a letter": {"name": "\ud800", "status": "done"},
    "an offset in words": {"offset_ms": "soon", "status": "done"},
    "an endless offset": {"offset_ms": 1e400, "status": "done"},
    "a huge offset": {"offset_ms": 10**30, "status": "done"},
    "settings as a text": {"settings": "fast", "versions": 3, "status": "done"},
    "info as a list": {"info": [1], "status": "done"},
    "summary as a number": {"summary": 7, "status": "done"},
    "a live one with markers of nothing": {"kind": "live", "markers": [1, {}], "status": "done"},
    "created in year 99999": {"created": 1e18, "status": "done"},
}

ORDERS: dict[str, object] = {
    "a list": [1],
    "an id that is a tree": {"order_id": {"a": 1}, "kind": "add_study", "payload": {"name": "x"}},
    "an id with half a letter": {"order_id": "\ud800", "kind": "add_study", "payload": {}},
    "a kind that is a list": {"order_id": "o1", "kind": ["add_study"], "payload": {}},
    "fields that are a list": {"order_id": "o2", "kind": "add_study", "payload": ["name"]},
    "fields that are a number": {"order_id": "o3", "kind": "add_study", "payload": 4},
    "a name with half a letter": {
        "order_id": "o4", "kind": "add_study", "payload": {"name": "\ud800"},
    },
    "a number that no column holds": {
        "order_id": "o5", "kind": "assign_session",
        "payload": {"session_id": "good", "offset_ms": 10**30},
    },
    "an id that leads elsewhere": {
        "order_id": "o6", "kind": "delete_session", "payload": {"session_id": "../.."},
    },
}  # fmt: skip


def test_wrong_session_files_keep_no_other_out(home: Home, store: Store) -> None:
    for number, content in enumerate(SESSIONS.values()):
        wrong = home.session(f"bad{number}") / "session.json"
        wrong.parent.mkdir(parents=True)
        wrong.write_text(json.dumps(content))
    record(home, "good", 20, name="Clip")
    store.sync()
    assert store.sessions.exists("good")
    named = {one.path for one in problems(home)}
    for number, what in enumerate(SESSIONS):
        taken = store.sessions.exists(f"bad{number}")
        assert taken != (f"sessions/bad{number}/session.json" in named), what
        # what a person may want to mend stays where it is
        assert (home.session(f"bad{number}") / "session.json").exists()


def test_a_session_that_was_mended_is_taken_and_its_problem_goes(home: Home, store: Store) -> None:
    wrong = home.session("bad") / "session.json"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("[" * 100_000)
    store.sync()
    assert [one.path for one in problems(home)] == ["sessions/bad/session.json"]
    record(home, "bad", 20, name="Mended")
    store.sync()
    assert store.sessions.get("bad").name == "Mended"
    assert problems(home) == []


def test_wrong_orders_are_set_aside_or_refused_and_the_next_is_carried_out(
    home: Home, store: Store
) -> None:
    record(home, "good", 20, name="Clip")
    home.inbox.mkdir()
    for number, content in enumerate(ORDERS.values()):
        (home.inbox / f"a{number}.json").write_text(json.dumps(content))
    put_into_inbox(home, "add_study", {"name": "fine"})
    store.sync()
    assert [study.name for study in store.studies.list()] == ["fine"]
    assert list(home.inbox.glob("*.json")) == []
    assert store.sessions.exists("good")


def test_orders_that_are_no_json_are_named(home: Home, store: Store) -> None:
    (home.inbox / "folder.json").mkdir(parents=True)
    for name, text in {"deep": "[" * 100_000, "half": "{half", "bytes": "\x00\xff"}.items():
        (home.inbox / f"{name}.json").write_bytes(text.encode("latin-1"))
    put_into_inbox(home, "add_study", {"name": "fine"})
    store.sync()
    assert len(store.studies.list()) == 1
    named = [f"inbox/{name}.damaged" for name in ("bytes", "deep", "folder", "half")]
    assert sorted(one.path for one in problems(home)) == named


def test_the_thread_that_looks_after_the_store_goes_on(home: Home) -> None:
    with open_store(home) as store:
        write_json(home.inbox / "a.json", {"order_id": {}, "kind": [], "payload": 1})
        put_into_inbox(home, "add_study", {"name": "fine"})
        until(lambda: store.studies.list())
        assert all(thread.alive for thread in store.threads())


def test_a_thread_that_has_ended_is_seen_and_started_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object, **__: object) -> int:
        raise SystemExit

    with open_store(home) as store, open_store(home) as client:
        with monkeypatch.context() as broken:
            broken.setattr("fer_core.storage.sharing.owner.take_inbox", end)
            keeper = until(lambda: next((one for one in store.threads() if one.ended), None))
        assert keeper.name == "keeper"
        until(lambda: all(one.alive for one in store.threads()))
        put_into_inbox(home, "add_study", {"name": "fine"})
        until(lambda: client.studies.list())
        assert any(one.ended for one in client.threads()), "a client hears the same"


def test_a_problem_goes_with_the_thing_that_was_wrong(home: Home, store: Store) -> None:
    home.inbox.mkdir()
    (home.inbox / "a.json").write_text("{half")
    store.sync()
    assert problems(home)
    Path(home.inbox / "a.damaged").unlink()
    assert problems(home) == []


def test_an_unexpected_fault_is_noted_with_its_kind(home: Home) -> None:
    thing = home.session("s1") / "session.json"
    thing.parent.mkdir(parents=True)
    thing.touch()
    note(home, thing, KeyError("frames"))
    assert [one.why for one in problems(home)] == ["KeyError: 'frames'"]
