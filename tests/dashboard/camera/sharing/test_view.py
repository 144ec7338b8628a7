"""The button *Share* on a study's page: a link is made, read and ended."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from fer_core.reports.sharing import read
from fer_core.storage import Store
from fer_core.studies.membership import find_study
from tests.dashboard.pages import open_page


def inside() -> None:
    """What the dialog holds, as a page of its own: a full run of a page closes a dialog."""
    from dashboard.camera.sharing.view import shared_links
    from dashboard.state import app_state
    from fer_core.studies.membership import find_study, load_study

    store = app_state().store
    shared_links(load_study(store, find_study(store, None)))


def press(app: AppTest, label: str) -> None:
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception
    assert not app.error


def test_a_link_is_made_copied_and_ended(demo_pages: Store) -> None:
    app = open_page("study", id=find_study(demo_pages, None))
    press(app, "Share")
    assert any("without a login" in one.value for one in app.markdown)
    app = AppTest.from_function(inside, default_timeout=60).run()
    assert "Days that the link holds" in [one.label for one in app.number_input]
    assert min(app.selectbox[0].options, key=int) == "5"
    press(app, "Make a link")
    assert [one.value for one in app.success] == ["The link is made. Copy it and send it."]
    (shown,) = app.code
    share_id, page = read(demo_pages, shown.value.rpartition("/s/")[2])
    assert "B held attention better" in page
    press(app, "End")
    assert demo_pages.shares.list() == []
    assert "This link has ended." in [one.value for one in app.caption]
    assert share_id.startswith("h")
