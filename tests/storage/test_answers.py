"""Answers that are kept until a table changes that they tell of, and not a moment longer."""

from __future__ import annotations

import pytest

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.storage import Store, open_store
from fer_core.storage.commands import Change
from fer_core.storage.database import Database
from fer_core.storage.links import AddLink, Arm, Link, RevokeLink, UpdateLink
from fer_core.storage.reading import Query
from fer_core.storage.respondents import BeginResponse, TakePlace
from fer_core.storage.settings import SetSetting
from fer_core.storage.sharing.answers import EVERY, KeptAnswers, written_by
from fer_core.storage.studies import AddStimulus, AddStudy, DeleteStudy


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of all that is read in the database."""
    asked: list[str] = []
    select = Database.select

    def noted(database: Database, query: Query) -> object:
        asked.append(query.sql)
        return select(database, query)

    monkeypatch.setattr(Database, "select", noted)
    return asked


def add_link(store: Store, **more: object) -> Link:
    study = store.run(AddStudy(name="Spot"))
    film = store.run(AddStimulus(title="Cut", study_id=study))
    store.run(AddLink(study_id=study, title="A film", consent="Yes?", arms=(Arm(film),), **more))
    return store.respondents.links(study)[0]


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("SELECT * FROM links", None),
        ("  from links", None),
        ("INSERT INTO links BY NAME SELECT * FROM incoming", "links"),
        ("insert or replace into Settings VALUES (?, ?)", "settings"),
        ("UPDATE links SET revoked = ?", "links"),
        ("DELETE FROM links WHERE link_id = ?", "links"),
        ("INSERT INTO main.links VALUES (?)", EVERY),
        ("WITH x AS (SELECT 1) INSERT INTO links FROM x", EVERY),
        ("TRUNCATE links", EVERY),
    ],
)
def test_what_a_statement_writes_to(sql: str, table: str | None) -> None:
    assert written_by(sql) == table


def test_the_same_is_read_once_and_again_after_a_change(store: Store, reads: list[str]) -> None:
    link = add_link(store)
    reads.clear()
    for _ in range(3):
        found = store.respondents.link_of_token(link.token)
        assert found is not None
        assert store.settings.get("network.stun_url", "") == ""
    assert len(reads) == 2
    place = store.run(BeginResponse(link_id=link.link_id, consent="Yes?"))
    store.run(TakePlace(response_id=place.response_id))
    assert store.respondents.link_of_token(link.token) == found
    assert len(reads) == 2, "who comes changes no link"
    store.run(SetSetting(name="network.stun_url", value="stun:x"))
    assert store.settings.get("network.stun_url", "") == "stun:x"


def now(store: Store, link: Link) -> Link:
    """The link as a respondent's page finds it."""
    found = store.respondents.link_of_token(link.token)
    assert found is not None
    return found


def test_a_link_that_is_closed_changed_or_deleted_is_so_at_once(store: Store) -> None:
    link = add_link(store)
    assert not now(store, link).closed
    store.run(RevokeLink(link_id=link.link_id))
    assert now(store, link).closed == "revoked"
    store.run(RevokeLink(link_id=link.link_id, revoked=False))
    store.run(UpdateLink(link_id=link.link_id, title="B", consent="Yes?", ends="2020-01-01"))
    assert (now(store, link).title, now(store, link).closed) == ("B", "expired")
    store.run(DeleteStudy(study_id=link.study_id))
    assert store.respondents.link_of_token(link.token) is None


def test_places_are_counted_at_each_request(store: Store) -> None:
    link = add_link(store, most_uses=1)
    place = store.run(BeginResponse(link_id=link.link_id, consent="Yes?"))
    assert not now(store, link).closed
    store.run(TakePlace(response_id=place.response_id))
    assert now(store, link).closed == "used up"


def test_a_command_finds_the_link_as_the_one_before_it_left_it(store: Store) -> None:
    link = add_link(store)
    store.run(BeginResponse(link_id=link.link_id, consent="Yes?"))
    store.run(RevokeLink(link_id=link.link_id))
    with pytest.raises(StoreError, match="revoked"):
        store.run(BeginResponse(link_id=link.link_id, consent="Yes?"))
    store.run(RevokeLink(link_id=link.link_id, revoked=False))
    with store.transaction() as cursor:
        change = Change(cursor, store.home)
        assert change.kept(Link, link.link_id) is change.kept(Link, link.link_id)
        change.update(Link, link.link_id, title="of this transaction")
        assert change.kept(Link, link.link_id).title == "of this transaction"
    assert now(store, link).title == "of this transaction"


def test_what_was_rolled_back_changes_nothing(store: Store, reads: list[str]) -> None:
    link = add_link(store)
    before = store.respondents.link_of_token(link.token)
    reads.clear()

    def fail() -> None:
        with store.transaction() as cursor:
            cursor.execute("UPDATE links SET title = 'other'")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.respondents.link_of_token(link.token) == before
    assert reads == []


def test_whoever_is_no_owner_reads_each_time(store: Store, home: Home) -> None:
    link = add_link(store)
    with open_store(home) as client:
        assert not client.is_owner
        assert not now(client, link).closed
        store.run(RevokeLink(link_id=link.link_id))
        assert now(client, link).closed == "revoked"


def test_what_changes_while_it_is_read_is_not_kept() -> None:
    answers, sql = KeptAnswers(), "SELECT * FROM links"

    def read() -> str:
        answers.changed({"links"})
        return "old"

    assert answers.get(sql, (), read) == "old"
    assert answers.get(sql, (), lambda: "new") == "new"
    assert answers.get(sql, (), lambda: "newer") == "new"
    answers.changed({"responses"})
    assert answers.get(sql, (), lambda: "newer") == "new"
    assert answers.get(sql, ("other",), lambda: "other") == "other"
    answers.changed({EVERY})
    assert answers.get(sql, (), lambda: "newer") == "newer"


def test_those_asked_for_longest_ago_go_first() -> None:
    answers = KeptAnswers(most=2)
    for name in ("a", "b", "a", "c"):
        answers.get("SELECT 1", (name,), lambda name=name: name)
    kept = {
        name: answers.get("SELECT 1", (name,), lambda: "read again") for name in ("a", "c", "b")
    }
    assert kept == {"a": "a", "c": "c", "b": "read again"}
