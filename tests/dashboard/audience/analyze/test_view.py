"""The page Analyze, run by Streamlit itself."""

from __future__ import annotations

from pathlib import Path

from dashboard.state import app_state
from fer_core.home import Home
from tests.dashboard.pages import open_page


def test_a_recording_named_by_its_path_is_queued_and_listed(
    empty_home: Home, tmp_path: Path
) -> None:
    clip = tmp_path / "clip one.mp4"
    clip.write_bytes(b"no film")
    app = open_page("analyze")
    assert not app.exception
    assert app.title[0].value == "Analyze"
    assert app.selectbox(key="fps").value == 0.0
    assert app.toggle(key="read-eyes").value
    app.toggle(key="read-eyes").set_value(False)
    app.text_input(key="path").set_value(str(clip))
    next(one for one in app.button if one.label == "Add to the queue").click().run()
    assert not app.exception
    assert [one.value for one in app.success] == ["1 recording queued."]
    shown = [one.value for one in app.subheader]
    assert any(one.startswith("Queue") or one == "Finished" for one in shown)
    assert app_state().store.jobs.list()[0].spec["settings"]["eyes"] is False


def test_a_path_that_leads_nowhere_is_refused_in_words(empty_home: Home) -> None:
    app = open_page("analyze")
    app.text_input(key="path").set_value("clips/one.mp4")
    next(one for one in app.button if one.label == "Add to the queue").click().run()
    assert [one.value for one in app.error] == ["clips/one.mp4 is not a full path."]
    assert not app.success
