"""The page Clips: moments are chosen, changed and made into a clip."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dashboard.audience.clips import data
from dashboard.state import app_state
from fer_core.access.audit import Deed
from fer_core.clips.job import clip_path
from fer_core.errors import SettingsError
from fer_core.storage import Store
from fer_core.storage.studies import UpdateStimulus
from fer_core.studies.membership import find_study, load_study
from tests.dashboard.pages import open_page
from tests.films import portrait_film


def test_a_clip_is_asked_for_and_listed(demo_pages: Store, tmp_path: Path) -> None:
    store = demo_pages
    study = load_study(store, find_study(store, None))
    stimulus = store.studies.stimuli()[0]
    store.run(UpdateStimulus(stimulus_id=stimulus.stimulus_id, path="/gone.mp4"))
    app = open_page("clips", study=study.study_id)
    assert not app.exception
    assert any("is gone from this machine" in one.value for one in app.warning)
    film = portrait_film(tmp_path / "film.mp4", 5)
    store.run(UpdateStimulus(stimulus_id=stimulus.stimulus_id, path=str(film)))
    app = open_page("clips", study=study.study_id)
    assert not app.exception
    button = next(one for one in app.button if one.label == "Make the clip")
    button.click().run()
    assert not app.exception
    (job,) = store.jobs.list(kind="clip", limit=9)
    assert job.spec["study"] == study.study_id
    spans = {(one["from_ms"], one["to_ms"]) for one in job.spec["spans"]}
    assert {(12_000, 19_000), (24_000, 28_000)} <= spans
    assert any(one.label == "Cancel" for one in app.button)
    (listed,) = data.clips(store, study)
    assert listed.path is None
    target = clip_path(store.home, job.job_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(b"film")
    assert data.clips(store, study)[0].path == target


def test_the_log_keeps_who_asked_for_a_clip_that_shows_faces(
    demo_pages: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = load_study(demo_pages, find_study(demo_pages, None))
    session = str(study.counted["session_id"].iloc[0])
    monkeypatch.setattr(data, "recordings", lambda _: {session: "Anna"})
    app = open_page("clips", study=study.study_id)
    app.button_group(key="clip-what").set_value("A recording, faces hidden").run()
    for faces in (False, True):
        app.checkbox(key="clip-faces").set_value(faces)
        next(one for one in app.button if one.label == "Make the clip").click().run()
        assert not app.exception
        asked = [job for job in demo_pages.jobs.list(kind="clip", limit=9) if job.session_id]
        assert len(asked) == 1 + faces
        noted = app_state().audit.read(deed=Deed.EXPORTED, subject=session)
        assert [one.detail for one in noted] == ["clip, faces shown"] * faces


def test_a_moment_without_an_end_is_refused() -> None:
    table = pd.DataFrame([(True, "x", 1.0, None, "")], columns=list(data.COLUMNS))
    with pytest.raises(SettingsError, match="no end"):
        data.spans(table)
    table["show"] = None
    assert data.spans(table) == ()
