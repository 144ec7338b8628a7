"""The app around its pages."""

from __future__ import annotations

import pytest

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
