"""The links on a study's page, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.camera.respondents import data
from dashboard.state import app_state
from fer_core.access.purpose import Purpose
from fer_core.errors import SettingsError
from fer_core.home import Home
from fer_core.storage.studies import AddStimulus, AddStudy
from fer_core.studies.membership import load_study
from tests.dashboard.pages import open_page


def test_a_study_without_a_film_says_what_comes_first(empty_home: Home) -> None:
    study = app_state().store.run(AddStudy(name="Bare", conditions=[]))
    app = open_page("study", id=study, view="Links")
    assert not app.exception
    assert "First say what they will watch" in app.info[0].value
    assert "New link" not in [button.label for button in app.button]


def test_a_link_is_listed_with_its_address_and_can_be_closed(
    empty_home: Home, tmp_path: Path
) -> None:
    store = app_state().store
    film = tmp_path / "film.mp4"
    film.write_bytes(b"0")
    study_id = store.run(AddStudy(name="Ads", conditions=["A"]))
    stimulus = store.run(
        AddStimulus(title="Spot", study_id=study_id, path=str(film), length_ms=5000)
    )
    study = load_study(store, study_id)
    page = open_page("study", id=study_id, view="Links")
    new_link = next(button for button in page.button if button.label == "New link")
    assert new_link.disabled, "nobody has said what the study is for"
    with pytest.raises(SettingsError, match="what this study is for"):
        data.make(store, study, [(stimulus, "A")], title="Watch", consent="Ours", most_uses=3)
    page.selectbox(key="purpose").select(Purpose.MEDIA).run()
    assert not page.exception
    assert not next(button for button in page.button if button.label == "New link").disabled
    data.make(store, study, [(stimulus, "A")], title="Watch", consent="Ours", most_uses=3)
    (link,) = store.respondents.links(study_id)

    app = open_page("study", id=study_id, view="Links")
    assert not app.exception
    assert app.code[0].value.endswith(data.path(link))
    shown = " ".join(one.value for one in app.get("html"))
    assert "0 of 3 respondents" in shown
    assert "numbers only" in shown
    next(button for button in app.button if button.label == "Close this link").click().run()
    assert not app.exception
    (closed,) = store.respondents.links(study_id)
    assert closed.closed == "revoked"
    assert "Open again" in [button.label for button in app.button]
    assert not app.code, "a closed link is not there to be copied"
