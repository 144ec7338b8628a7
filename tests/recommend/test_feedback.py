"""Feedback: kept with its list, owned by a session or a visitor, gone with its owner."""

from __future__ import annotations

import pytest

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.storage import Store, new_id
from fer_core.storage.recommend.feedback import Action, DeleteFeedback, GiveFeedback, ShowItems
from fer_core.storage.sessions import DeleteSession
from tests.storage.rows import record


def shown(store: Store, visitor: str | None, session_id: str | None = None) -> str:
    return store.run(
        ShowItems(
            item_ids=("a", "b"),
            policy="match",
            valence=0.1,
            energy=0.2,
            tension=0.3,
            visitor=visitor,
            session_id=session_id,
        )
    )


def test_an_answer_is_kept_with_the_look_of_its_list(store: Store) -> None:
    visitor = new_id("visitor")
    store.run(GiveFeedback(list_id=shown(store, visitor), item_id="b", action=Action.LIKED))
    rows = store.feedback.list(visitor=visitor)
    assert [(one.item_id, one.action) for one in rows] == [
        ("a", "shown"), ("b", "shown"), ("b", "liked")
    ]  # fmt: skip
    assert (rows[-1].valence, rows[-1].policy) == (0.1, "match")


def test_only_what_was_shown_can_be_answered(store: Store) -> None:
    with pytest.raises(StoreError, match="was not shown"):
        store.run(GiveFeedback(list_id=shown(store, "v1"), item_id="z", action=Action.LIKED))


def test_a_list_has_one_owner(store: Store) -> None:
    with pytest.raises(StoreError, match="session or to a visitor"):
        shown(store, None)
    with pytest.raises(StoreError, match="There is no session"):
        shown(store, None, "s-none")


def test_a_visitors_feedback_goes_alone(store: Store) -> None:
    shown(store, "v1")
    shown(store, "v2")
    store.run(DeleteFeedback(visitor="v1"))
    assert {one.visitor for one in store.feedback.list()} == {"v2"}
    with pytest.raises(StoreError, match="Say whose"):
        store.run(DeleteFeedback())


def test_a_sessions_feedback_goes_with_the_session(home: Home, store: Store) -> None:
    record(home, "s1", 20)
    store.sync()
    shown(store, None, "s1")
    shown(store, "v1")
    store.run(DeleteSession(session_id="s1"))
    assert {one.visitor for one in store.feedback.list()} == {"v1"}
