"""The live page, without a browser."""

from __future__ import annotations

from dashboard.camera.live.data import LIMIT_SETTING
from dashboard.state import app_state
from fer_core.home import Home
from tests.dashboard.pages import open_page


def test_the_page_opens_and_keeps_the_limit_of_sessions(empty_home: Home) -> None:
    app = open_page("live")
    assert not app.exception
    assert app.title[0].value == "Live"
    (limit,) = app.number_input
    assert (limit.label, limit.value) == ("Live sessions at once", 4)
    limit.set_value(7).run()
    assert not app.exception
    assert app_state().store.settings.get(LIMIT_SETTING) == 7
