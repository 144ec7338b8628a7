"""The app around its pages."""

from __future__ import annotations

import pytest

from dashboard.navigation import PAGES
from fer_core.errors import StoreError
from fer_core.home import Home
from tests.dashboard.pages import open_page


def test_a_store_that_cannot_be_opened_is_said_in_words(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise StoreError("This store was made by a newer Rapt.", "Install that version.")

    monkeypatch.setattr("dashboard.state.app_state", refuse)
    app = open_page()
    assert not app.exception
    assert [error.value for error in app.error] == ["This store was made by a newer Rapt."]
    assert app.caption[0].value == "Install that version."


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_an_empty_home_without_a_browser(empty_home: Home, page: str) -> None:
    app = open_page(page)
    assert not app.exception
    assert not app.error
    assert len(app.main) > 0, "a page says at least that there is nothing yet"
