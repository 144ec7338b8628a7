"""Eyes in numbers on a session's page."""

from __future__ import annotations

from fer_core.home import Home
from fer_core.measures import measure_versions
from fer_core.storage import open_store
from tests.dashboard.pages import open_page
from tests.storage.sleeper import write_all


def plant(home: Home, *, eyes: bool) -> None:
    write_all(home, "s1", eyes=eyes, versions=measure_versions(eyes=eyes))
    with open_store(home, look_after=False) as store:
        store.sync()


def test_a_session_says_how_long_eyes_were_closed(empty_home: Home) -> None:
    plant(empty_home, eyes=True)
    app = open_page("session", id="s1")
    assert not app.exception
    assert "Eyes" in [one.value for one in app.subheader]
    assert any("eyes closed 20 % of the time" in one.value for one in app.markdown)


def test_a_session_without_eyes_says_nothing_of_them(empty_home: Home) -> None:
    plant(empty_home, eyes=False)
    app = open_page("session", id="s1")
    assert not app.exception
    assert "Eyes" not in [one.value for one in app.subheader]
