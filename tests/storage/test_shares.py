"""Shared reports go with what they show, when their links end, and into no backup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fer_core.access.audit import AuditLog, Deed
from fer_core.access.permissions import Identity, Role
from fer_core.errors import RaptError, StoreError
from fer_core.home import Home
from fer_core.keeping import upkeep
from fer_core.keeping.backup import back_up
from fer_core.keeping.forget import forget, plan_session, plan_study, plan_viewer
from fer_core.storage import Store, open_store
from fer_core.storage import shares as shared
from fer_core.storage.accounts.guarded import guarded
from fer_core.storage.shares import AddShare, RevokeShare
from fer_core.storage.studies import AddStudy, DeleteStudy
from tests.keeping.conftest import planted, traces, unpacked

PAGE = "What-Only-The-Page-Says"


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    with open_store(home, look_after=False) as opened:
        yield opened


def add(store: Store, study: str, *sessions: str, days: int = 30) -> str:
    return store.run(
        AddShare(study_id=study, sessions=sessions, minimum=5, html=f"<p>{PAGE}", days=days)
    )


def test_a_report_goes_with_each_session_and_viewer_that_it_shows(home: Home, store: Store) -> None:
    study, other = (store.run(AddStudy(name=name)) for name in ("One", "Other"))
    for at, session in enumerate(("s1", "s12", "s3")):
        planted(home, store, session, session, at, study=study)
    both, last, elsewhere = add(store, study, "s12", "s3"), add(store, study, "s12"), (
        add(store, other)
    )  # fmt: skip
    assert {one.share_id for one in store.shares.list(study)} == {both, last}
    forget(store, plan_session(store, "s1"))
    assert len(store.shares.list()) == 3, "s1 is no part of s12"
    forget(store, plan_viewer(store, "s3", 1))
    assert {one.share_id for one in store.shares.list()} == {last, elsewhere}
    forget(store, plan_study(store, study))
    assert [one.share_id for one in store.shares.list()] == [elsewhere]
    store.run(DeleteStudy(study_id=other))
    assert store.shares.list() == []
    assert store.erase()
    assert traces(home.root, PAGE.encode()) == []


def test_a_link_ends_and_what_it_showed_is_removed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = store.run(AddStudy(name="One"))
    short, long = add(store, study, days=1), add(store, study, days=3)
    looking = upkeep.Upkeep(store)
    looking.look()
    assert store.shares.html(short) == store.shares.html(long) == f"<p>{PAGE}"
    later = (datetime.now(UTC) + timedelta(days=2)).replace(tzinfo=None)
    monkeypatch.setattr(shared, "now", lambda: later)
    assert store.shares.html(short) is None
    assert [one.share_id for one in store.shares.list()] == [long]
    assert store.shares.ended()
    looking.look()
    assert not store.shares.ended()
    assert store.frame("SELECT share_id FROM shares")["share_id"].tolist() == [long]


def test_no_backup_holds_what_was_shared(store: Store, tmp_path: Path) -> None:
    add(store, store.run(AddStudy(name="One")))
    assert traces(unpacked(back_up(store), tmp_path / "there"), PAGE.encode()) == []


def test_how_long_and_how_many_is_limited(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    study = store.run(AddStudy(name="One"))
    for days in (0, -1, 366):
        with pytest.raises(StoreError, match="cannot hold"):
            add(store, study, days=days)
    monkeypatch.setattr(shared, "MOST", 1)
    add(store, study)
    with pytest.raises(StoreError, match="End one"):
        add(store, study)
    with pytest.raises(StoreError, match="no study"):
        add(store, "y0")


def test_who_may_export_may_share_and_it_is_written_down(store: Store) -> None:
    study, log = store.run(AddStudy(name="One")), AuditLog(store.home)
    anna = guarded(store, Identity("u-anna", "Anna", Role.ANALYST), log)
    made = add(anna, study)
    vic = Identity("u-vic", "Vic", Role.VIEWER)
    for who in (vic, Identity("u-bo", "Bo", Role.ANALYST, hidden=frozenset({study}))):
        other = guarded(store, who, log)
        for command in (
            AddShare(study_id=study, sessions=(), minimum=5, html="<p>", days=1),
            RevokeShare(share_id=made),
        ):
            with pytest.raises(RaptError):
                other.run(command)
    assert guarded(store, who, log).shares.list() == [], "nor is it listed"
    anna.run(RevokeShare(share_id=made))
    told = [(one.who, one.detail) for one in log.read() if one.deed is Deed.CHANGED]
    assert told == [("u-anna", "revoke_share"), ("u-anna", "add_share")]
