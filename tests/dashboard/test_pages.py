"""The pages, run by Streamlit itself without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import state
from fer_core.errors import StoreError
from fer_core.home import Home
from tests.dashboard.conftest import Furnished

APP = str(Path(__file__).resolve().parents[2] / "dashboard" / "app.py")


@pytest.fixture
def furnished_house(furnished: Furnished, monkeypatch: pytest.MonkeyPatch) -> Iterator[Furnished]:
    yield from _house(furnished.store.home, monkeypatch, furnished)


@pytest.fixture
def empty_house(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    yield from _house(home, monkeypatch, home)


def _house(home: Home, monkeypatch: pytest.MonkeyPatch, value):  # type: ignore[no-untyped-def]
    import streamlit as st

    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("RAPT_HOME", str(home.root))
    yield value
    state.close_app_state()
    st.cache_resource.clear()


def run(path: str = "", **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    app.query_params.update(query)
    app.run()
    if path:
        app.switch_page(path).run()
    return app


def test_an_empty_store_says_what_to_do_first(empty_house: Home) -> None:
    app = run()
    assert not app.exception
    assert app.title[0].value == "What do I have, what is running?"
    assert [button.label for button in app.button] == ["Add recordings"]
    assert not app.metric


def test_the_overview_has_four_numbers_and_the_latest_sessions(furnished_house: Furnished) -> None:
    app = run()
    assert not app.exception
    assert {one.label: one.value for one in app.metric} == {
        "Sessions": "2",
        "Viewers": "7",
        "Footage analysed": "2 min",
        "Mean engagement": app.metric[3].value,
    }
    assert 40 < int(app.metric[3].value) < 90


def test_a_session_without_an_id_leads_back_to_the_list(furnished_house: Furnished) -> None:
    app = run("../pages/session.py")
    assert not app.exception
    assert app.title[0].value == "This session is not here"


def test_a_store_that_cannot_be_opened_is_said_in_words(
    empty_house: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise StoreError("This store was made by a newer Rapt.", "Install that version.")

    monkeypatch.setattr("dashboard.state.app_state", refuse)
    app = run()
    assert not app.exception
    assert [error.value for error in app.error] == ["This store was made by a newer Rapt."]
    assert app.caption[0].value == "Install that version."
