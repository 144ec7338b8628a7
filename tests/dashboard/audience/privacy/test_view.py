"""The page Privacy: rules are chosen, what is kept is told, a respondent goes for good."""

from __future__ import annotations

import pytest

from dashboard.audience.privacy import data
from dashboard.shared.forgetting import question, told
from dashboard.state import app_state
from fer_core.home import Home
from fer_core.keeping import rules
from fer_core.keeping.backup import back_up
from fer_core.keeping.forget import forget, plan_respondent, plan_session, plan_viewer
from fer_core.storage import Store
from tests.dashboard.pages import open_page
from tests.keeping.conftest import NAME, planted


@pytest.fixture
def kept(empty_home: Home) -> Home:
    store = app_state().store
    planted(empty_home, store, "s1", NAME, 1)
    planted(empty_home, store, "s2", "Somebody", 2)
    return empty_home


def test_rules_are_chosen_and_what_is_kept_is_told(kept: Home) -> None:
    app = open_page("privacy")
    assert not app.exception
    assert any("2 files, 10 kB" in one.value for one in app.caption)
    app.selectbox(key="retention.uploads_days").select(30).run()
    assert rules.value_of(app_state().store, rules.UPLOADS) == 30
    app.toggle(key="retention.after_analysis").set_value(True).run()
    assert rules.value_of(app_state().store, rules.AFTER) is True
    app.selectbox(key="backup.keep").select(3).run()
    assert rules.value_of(app_state().store, rules.KEEP) == 3


def test_a_respondent_goes_for_good_after_one_question(kept: Home) -> None:
    store = app_state().store
    back_up(store)
    app = open_page("privacy")
    app.selectbox(key="respondent").select(NAME).run()
    app.button(key="forget-for-good-respondent").click().run()
    assert not app.exception
    assert app.button(key="forget-yes").label == "Forget for good"
    assert store.sessions.exists("s1"), "it asks first"
    said = told(forget(store, plan_respondent(store, NAME)))  # what its button does
    assert "1 backup written anew" in said
    assert [one.kind for one in data.receipts(store)] == ["respondent"]
    assert [one.sessions for one in data.listed_backups(store)] == [1]
    assert data.respondents(store) == ["Somebody"]


def test_a_backup_is_queued_once(kept: Home) -> None:
    store = app_state().store
    assert data.back_up_now(store)
    assert not data.back_up_now(store) or not data.backup_under_way(store)


def test_the_question_says_what_goes(home: Home, store: Store) -> None:
    planted(home, store, "s1", NAME, 1)
    whole, one = plan_session(store, "s1"), plan_viewer(store, "s1", 1)
    assert "backups" in question(whole)
    assert "recording of all viewers" in question(one)
    planted(home, store, "s3", "Again", 1)
    assert "1 other analysis" in question(plan_session(store, "s1"))
    assert "same person" in question(plan_viewer(store, "s1", 1))
