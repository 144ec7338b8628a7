"""The view «Course»: changed as tables, and made into a link that is frozen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.camera.course import data
from dashboard.state import app_state
from fer_core.course.course import Course, Shown, Step, StepKind
from fer_core.course.problems import problems
from fer_core.course.questions import Among, Question, QuestionKind
from fer_core.errors import SettingsError
from fer_core.home import Home
from fer_core.storage.studies import AddStimulus, AddStudy, StatePurpose
from tests.course.made import AGE, DOG, LIKING, WHY, course
from tests.dashboard.pages import open_page


def test_a_course_is_made_changed_and_made_into_a_link(empty_home: Home, tmp_path: Path) -> None:
    store = app_state().store
    film = tmp_path / "film.mp4"
    film.write_bytes(b"0")
    study = store.run(AddStudy(name="Ads"))
    store.run(StatePurpose(study_id=study, purpose="media"))
    store.run(AddStimulus(title="Spot", study_id=study, path=str(film), length_ms=5000))
    page = open_page("study", id=study, view="Course")
    assert not page.exception
    next(one for one in page.button if one.label == "New course").click().run()
    assert not page.exception
    (saved,) = store.courses.of_study(study)
    assert [step.kind for step in saved.content.steps][:3] == ["welcome", "questions", "camera"]
    page = open_page("study", id=study, view="Course")
    assert "write it in place of" in page.warning[0].value, "nobody is named in the consent"
    films = {one.stimulus_id: one.title for one in store.studies.stimuli(study)}
    with pytest.raises(SettingsError, match="cannot be used yet"):
        data.make_link(store, saved, films, keep_faces=False, most_uses=None, last_day=None)
    agreed = replace(saved, content=replace(saved.content, consent={"en": "Ask M. Do you agree?"}))
    data.make_link(store, agreed, films, keep_faces=False, most_uses=3, last_day=None)
    (link,) = store.respondents.links(study)
    assert link.course == agreed.content
    assert not open_page("study", id=study, view="Links").exception
    page = open_page("study", id=study, view="Course")
    page.button(key=f"of-{link.link_id}").click().run()
    assert not page.exception
    assert link.course in [one.content for one in store.courses.of_study(study)]


def test_questions_survive_their_table(empty_home: Home) -> None:
    shown_if = replace(WHY, shown_if=Among("has a dog", ("yes",)))
    number = Question("years", QuestionKind.NUMBER, {"en": "Years?"}, least=1, most=99.5)
    questions = (AGE, DOG, LIKING, shown_if, number)
    assert data.from_table(data.to_table(questions, "en"), questions, "en", "en") == questions
    german = data.to_table(questions, "de")
    german.loc[0, "Answers"] = "unter 18; 18-29; 30 oder mehr"
    changed = data.from_table(german, questions, "de", "en")
    assert changed[0].keys == AGE.keys, "what is kept and filtered by is the same in each language"
    assert changed[0].choices[2].text == {"en": "30 or more", "de": "30 oder mehr"}


def test_quotas_and_conditions_are_read_as_they_are_written() -> None:
    text = "has a dog=yes: 50\nage=18-29|30 or more: 20"
    assert data.write_quotas(data.read_quotas(text)) == text
    with pytest.raises(SettingsError, match="no quota"):
        data.read_quotas("has a dog=yes")
    with pytest.raises(SettingsError, match="no condition"):
        data.read_among("yes")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: replace(c, steps=c.steps[:2]), "Nothing is shown"),
        (lambda c: replace(c, steps=(*c.steps[3:], *c.steps[:3])), "must come before the films"),
        (lambda c: replace(c, languages=("en", "de")), "missing in the language"),
        (lambda c: replace(c, redirects={"complete": "http://x.org"}), "https"),
        (lambda c: data.with_step(c, replace(c.steps[1], limit_s=9.0)), "no time limit"),
        (lambda c: replace(data.with_step(c, replace(c.steps[1], leave=())), minors=True), "«age»"),
        (lambda c: replace(data.with_step(c, replace(c.steps[1], questions=(DOG,), leave=())),
                           minors=True), "«age»"),
        (lambda c: replace(c, minors=True, steps=(*c.steps[:1], c.steps[2], c.steps[1],
                                                  *c.steps[3:])), "«age»"),
        (lambda c: data.with_step(c, replace(c.steps[1], questions=(AGE, AGE))), "Two questions"),
        (lambda c: data.with_step(c, replace(c.steps[1], leave=(Among("dog", ("no",)),))), "dog"),
        (lambda c: data.with_step(c, Step("f", StepKind.FILMS, films=(Shown("f1"),))), "twice"),
        (lambda c: data.with_step(c, Step("f", StepKind.FILMS, films=(Shown("f9"),))), "not on"),
    ],
)  # fmt: skip
def test_what_keeps_a_course_from_use_is_said(change: object, says: str) -> None:
    made = course(["f1", "f2"])
    assert problems(made, {"f1", "f2"}) == []
    assert problems(replace(made, minors=True), {"f1", "f2"}) == []
    assert callable(change)
    changed: Course = change(made)
    assert any(says in one for one in problems(changed, {"f1", "f2"}))
