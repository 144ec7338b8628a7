"""Fieldwork at a glance: what became of whom, and reminders of what to mend."""

from __future__ import annotations

from pathlib import Path

from dashboard.camera.respondents import fieldwork
from dashboard.state import app_state
from fer_core.home import Home
from fer_core.storage.course import AnswerStep
from fer_core.storage.links import AddLink, Arm
from fer_core.storage.respondents import BeginResponse, MarkResponse, ResponseState
from fer_core.storage.studies import AddStimulus, AddStudy
from tests.course.made import course
from tests.dashboard.pages import open_page


def test_who_came_by_link_and_hour(empty_home: Home, tmp_path: Path) -> None:
    store = app_state().store
    study = store.run(AddStudy(name="Ads"))
    film = tmp_path / "film.mp4"
    film.write_bytes(b"0")
    stimulus = store.run(AddStimulus(title="Spot", study_id=study, path=str(film)))
    link = store.run(
        AddLink(study_id=study, title="Spring", consent="C", arms=(Arm(stimulus),),
                course=course([stimulus]))
    )  # fmt: skip
    for i in range(8):
        place = store.run(BeginResponse(link_id=link, consent="C"))
        store.run(AnswerStep(response_id=place.response_id, at=0))
        age = "under 18" if i < 2 else "18-29"
        given = {"age": age, "has a dog": "yes"}
        store.run(AnswerStep(response_id=place.response_id, at=1, answers=given))
        if i == 7:
            store.run(MarkResponse(response_id=place.response_id, state=ResponseState.DONE))
    with store.transaction() as cursor:  # those who stand at the camera check stay there
        cursor.execute("UPDATE responses SET heard = heard - INTERVAL 31 MINUTE WHERE number < 8")
    table = fieldwork.outcomes(store, study)
    (row,) = fieldwork.counted(table, "link_id").to_dict("records")
    assert (row["Began"], row["Screened out"], row["No camera"], row["Finished"]) == (8, 2, 5, 1)
    assert fieldwork.counted(table, "hour")["Began"].sum() == 8
    assert list(fieldwork.reminders(store, study, table)) == [
        "5 of 8 stayed at the camera check: say before that a camera is needed."
    ]
    page = open_page("study", id=study, view="Links")
    assert not page.exception
    assert "5 of 8 stayed" in page.warning[0].value
    assert "Screened out" in page.dataframe[0].value.columns


def test_a_link_of_one_film_is_told_of_a_film(empty_home: Home) -> None:
    store = app_state().store
    study = store.run(AddStudy(name="Ads"))
    stimulus = store.run(AddStimulus(title="Spot", study_id=study))
    link = store.run(AddLink(study_id=study, title="T", consent="C", arms=(Arm(stimulus),)))
    for _ in range(5):
        place = store.run(BeginResponse(link_id=link, consent="C"))
        store.run(MarkResponse(response_id=place.response_id, state=ResponseState.BROKEN))
    table = fieldwork.outcomes(store, study)
    assert list(fieldwork.reminders(store, study, table)) == [
        "5 of 5 left on the way: the film may be too long."
    ]
    assert not fieldwork.has_course(store, study)
