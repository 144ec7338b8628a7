"""A study whose sessions came by a course, with answers and a slider."""

from __future__ import annotations

from collections.abc import Callable

from fer_core.storage import Store
from fer_core.storage.course import AnswerStep, KeepRatings, ShowFilm
from fer_core.storage.links import AddLink, Arm
from fer_core.storage.respondents import BeginResponse
from tests.course.made import course


def in_turn(i: int) -> dict[str, object]:
    """What the respondent of this number answers to every question of the course."""
    return {
        "age": "18-29", "has a dog": "yes" if i % 2 else "no", "liking": 1 + i % 7,
        "why": f"=Text {i}",
    }  # fmt: skip


def answer_all(
    store: Store, study_id: str, told: Callable[[int], dict[str, object]] = in_turn
) -> None:
    sessions = store.sessions.list(study_id=study_id)
    film = str(sessions["stimulus_id"].iloc[0])
    made = course([film])
    link = store.run(
        AddLink(study_id=study_id, title="T", consent="C", arms=(Arm(film),), course=made)
    )
    for i, session_id in enumerate(sessions["session_id"]):
        said = told(i)
        place = store.run(BeginResponse(link_id=link, consent="C"))
        store.run(AnswerStep(response_id=place.response_id, at=0))
        given = {name: said[name] for name in ("age", "has a dog")}
        store.run(AnswerStep(response_id=place.response_id, at=1, answers=given))
        store.run(AnswerStep(response_id=place.response_id, at=2))
        store.run(ShowFilm(response_id=place.response_id, stimulus_id=film,
                           session_id=session_id, position=3))  # fmt: skip
        points = tuple((1000.0 * s, float(s % 7)) for s in range(20))
        store.run(KeepRatings(session_id=session_id, points=points))
        store.run(AnswerStep(response_id=place.response_id, at=3))
        liking = {"liking": said["liking"]}
        store.run(AnswerStep(response_id=place.response_id, at=4, answers=liking))
        store.run(AnswerStep(response_id=place.response_id, at=5, answers={"why": said["why"]}))
