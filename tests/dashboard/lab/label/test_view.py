"""The Label page, run by Streamlit itself."""

from __future__ import annotations

from dashboard.lab.label import data as labels
from fer_core.home import Home
from fer_core.storage import open_store
from tests.dashboard.pages import open_page
from tests.storage.kept import seen, write
from tests.storage.rows import record


def test_where_no_face_is_kept_it_says_how_to_begin(empty_home: Home) -> None:
    app = open_page("label")
    assert not app.exception
    assert not app.error
    assert app.title[0].value == "Label"
    assert "Add a recording" in [one.label for one in app.button]


def test_what_was_labelled_is_counted_below_the_faces(empty_home: Home) -> None:
    record(empty_home, "s1", frames=50, name="A recording")
    write(empty_home, [seen(0, 0.9), seen(25, 0.6)], session_id="s1")
    with open_store(empty_home) as store:
        store.sync()
        labels.keep(store, labels.Judgement("s1/25/0", "sad", "ann", 1000))
    app = open_page("label", labeller="ann", session="s1")
    assert not app.exception
    assert app.text_input[0].value == "ann"
    assert app.selectbox[0].value == "s1"
    assert [one.value for one in app.subheader] == ["1 face labelled so far"]
