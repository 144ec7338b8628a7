"""A study with a film, a course and answers: its clips, its course and what was answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from playwright.sync_api import Page

from fer_core.analytics.simulate import simulate_study
from fer_core.course.course import Quota, Rating
from fer_core.course.questions import Among
from fer_core.storage import Store
from fer_core.storage.course import SaveCourse
from fer_core.storage.studies import StatePurpose
from fer_core.studies.demo import plant_demo
from tests.course.answering import answer_all
from tests.course.made import course
from tests.e2e.looks import still

ASKED: Final = "Demo: viewers who were asked (simulated)"
_WHAT: Final = ("the dog", "the music", "toast!", "their kitchen", "nothing")
_HOW: Final = ("", " at the end", ", too loud", " in the morning light", "", ", again", "")


def _told(i: int) -> dict[str, object]:
    return {
        "age": "18-29" if i % 3 else "30 or more", "has a dog": "yes" if i % 5 < 2 else "no",
        "liking": (3, 5, 6, 4, 7, 5, 2, 6, 5, 4, 6)[i % 11],
        "why": _WHAT[i % 5] + _HOW[i % 7] if i % 6 else "",
    }  # fmt: skip


def furnish_asked(store: Store) -> None:
    """The demo with its film, everybody's answers, and a course in two languages."""
    study, _ = plant_demo(store, study=replace(simulate_study(seed=6), name=ASKED), with_film=True)
    store.run(StatePurpose(study_id=study, purpose="media"))
    answer_all(store, study, _told)
    film = store.studies.stimuli(study)[0].stimulus_id
    made = course(
        [film], rating=Rating.SLIDER, languages=("en", "de"),
        quotas=(Quota(Among("has a dog", ("yes",)), 50),),
    )  # fmt: skip
    store.run(SaveCourse(study_id=study, name="Breakfast, first wave", content=made))


def _study(page: Page) -> None:
    page.goto("/studies")
    page.get_by_role("link", name=ASKED).click()
    page.get_by_text("Response", exact=True).wait_for()


def _view(name: str, wait: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        _study(page)
        page.get_by_text(name, exact=True).last.click()
        page.get_by_text(wait).first.wait_for()

    return go


def _step(page: Page) -> None:
    """The step of questions, opened to be changed."""
    _view("Course", "Add a step")(page)
    page.get_by_role("button", name="Edit", exact=True).nth(2).click()
    page.get_by_role("dialog").locator("canvas").first.wait_for()


def _clips(page: Page) -> None:
    _study(page)
    page.get_by_role("button", name="Clips").click()
    page.get_by_role("button", name="Make the clip").wait_for()
    page.locator("canvas").first.wait_for()


def _made(page: Page) -> None:
    """With a clip that is done; the first who comes has it made."""
    _clips(page)
    still(page)
    done = page.get_by_role("button", name="Download", exact=True)
    if not done.count():
        page.get_by_role("button", name="Make the clip").click()
    done.wait_for(timeout=120_000)


CHOSEN: Final[dict[str, Callable[[Page], None]]] = {
    "study-course": _view("Course", "Add a step"),
    "study-course-step": _step,
    "study-answers": _view("Answers", "What the face added"),
    "clips": _clips,
    "clips-made": _made,
}
