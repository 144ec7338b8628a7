"""Respondents on their way through a course: answers kept, quotas held, taken back."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from fer_core.course.course import Course, Quota, StepKind, units
from fer_core.course.orders import Order
from fer_core.course.questions import Among
from fer_core.home import Home
from fer_core.keeping.forget import forget, plan_respondent, plan_study
from fer_core.storage import Store, open_store
from fer_core.storage.course import (
    AnswerStep,
    GoBack,
    SaveCourse,
    ShowFilm,
    WithdrawResponse,
)
from fer_core.storage.links import AddLink, Arm
from fer_core.storage.respondents import BeginResponse, Place, Response, ResponseState, TakePlace
from fer_core.storage.studies import AddStimulus, AddStudy
from tests.course.made import course


def make(store: Store, order: Order = Order.BALANCED, quotas: tuple[Quota, ...] = ()) -> str:
    study = store.run(AddStudy(name="Spots"))
    films = [store.run(AddStimulus(title=f"Spot {i}", study_id=study)) for i in range(3)]
    made = course(films[:2], clutter=films[2:], order=order, quotas=quotas)
    return store.run(
        AddLink(study_id=study, title="T", consent="C", arms=(Arm(films[0]),), course=made)
    )


def come(store: Store, link: str) -> Place:
    return store.run(BeginResponse(link_id=link, consent="C", visit="", panel_id="P7"))


def answer(store: Store, place: Place, at: int, **answers: object) -> ResponseState:
    done = store.run(AnswerStep(response_id=place.response_id, at=at, answers=answers))
    assert not done.wrong
    return done.state


def of(store: Store, place: Place) -> Response:
    link = store.frame("SELECT link_id FROM responses")["link_id"][0]
    return next(
        one for one in store.respondents.responses(link) if one.response_id == place.response_id
    )


def go_through(store: Store, link: str, place: Place) -> None:
    made = link_course(store, link)
    for at, unit in enumerate(units(made, place.route or {})):
        if unit.kind is StepKind.CAMERA:
            store.run(TakePlace(response_id=place.response_id))
        given = {one.name: 5 if one.name == "liking" else one.keys[-1] if one.keys else "Dogs"
                 for one in unit.questions}  # fmt: skip
        answer(store, place, at, **given)


def link_course(store: Store, link: str) -> Course:
    study = link_study(store)
    found = next(one for one in store.respondents.links(study) if one.link_id == link).course
    assert found is not None
    return found


def test_a_visit_is_kept_screen_by_screen_to_its_end(store: Store) -> None:
    link = make(store)
    place = come(store, link)
    assert place.route is not None
    assert len(place.route["films"]) == 3
    go_through(store, link, place)
    now = of(store, place)
    assert (now.state, now.panel_id) == (ResponseState.DONE, "P7")
    told = store.courses.answers_of(link_study(store))
    assert Counter(told["question"]) == {"age": 1, "has a dog": 1, "liking": 2, "why": 1}
    assert set(told.loc[told["question"] == "liking", "value"]) == {"5"}


def link_study(store: Store) -> str:
    return str(store.frame("SELECT study_id FROM links")["study_id"][0])


def test_what_is_no_answer_is_refused_and_nothing_of_the_screen_is_kept(store: Store) -> None:
    place = come(store, make(store))
    answer(store, place, 0)
    bad = store.run(
        AnswerStep(response_id=place.response_id, at=1, answers={"age": "18-29", "has a dog": 7})
    )
    assert (bad.step, set(bad.wrong)) == (1, {"has a dog"})
    assert store.courses.answers(place.response_id) == {}


def test_a_time_limit_lets_by_what_is_not_answered_where_there_is_one(store: Store) -> None:
    link = make(store)
    made = link_course(store, link)
    steps = [replace(one, leave=(), limit_s=9.0) if one.id == "who" else one for one in made.steps]
    timed = store.run(
        AddLink(
            study_id=link_study(store), title="T", consent="C",
            arms=(Arm(made.films()[0].stimulus_id),), course=replace(made, steps=tuple(steps)),
        )
    )  # fmt: skip
    for at, key in ((1, link), (2, timed)):
        place = come(store, key)
        answer(store, place, 0)
        done = store.run(AnswerStep(response_id=place.response_id, at=1, late=True,
                                    answers={"age": "18-29", "has a dog": 7}))  # fmt: skip
        assert done.step == at, "only where the step has a limit"
    assert store.courses.answers(place.response_id) == {"age": "18-29"}


def test_a_screen_that_is_sent_again_changes_nothing(store: Store) -> None:
    place = come(store, make(store))
    answer(store, place, 0)
    given = {"age": "18-29", "has a dog": "yes"}
    answer(store, place, 1, **given)
    again = store.run(
        AnswerStep(response_id=place.response_id, at=1, answers={"age": "30 or more"})
    )
    assert again.step == 2
    assert store.courses.answers(place.response_id) == given


def test_whoever_is_screened_out_leaves_no_answer(store: Store) -> None:
    place = come(store, make(store))
    answer(store, place, 0)
    state = answer(store, place, 1, **{"age": "under 18", "has a dog": "no"})
    assert state is ResponseState.SCREENED
    assert store.frame("SELECT * FROM answers").empty
    assert answer(store, place, 1, **{"age": "18-29", "has a dog": "no"}) is state


def test_back_leads_to_questions_only_where_none_sends_away(store: Store) -> None:
    place = come(store, make(store))
    answer(store, place, 0)
    assert store.run(GoBack(response_id=place.response_id)).step == 1


def test_quotas_hold_with_fifty_at_once(store: Store) -> None:
    link = make(store, quotas=(Quota(Among("has a dog", ("yes",)), 7),))

    def one(i: int) -> ResponseState:
        place = come(store, link)
        answer(store, place, 0)
        dog = "yes" if i % 5 else "no"
        return answer(store, place, 1, **{"age": "18-29", "has a dog": dog})

    with ThreadPoolExecutor(50) as pool:
        states = Counter(pool.map(one, range(50)))
    assert states == {ResponseState.BEGUN: 7 + 10, ResponseState.FULL: 33}


def test_a_place_of_a_quota_comes_back_when_somebody_does_not(store: Store) -> None:
    link = make(store, quotas=(Quota(Among("has a dog", ("yes",)), 1),))
    first, second, third = (come(store, link) for _ in range(3))
    given = {"age": "18-29", "has a dog": "yes"}
    for place in (first, second, third):
        answer(store, place, 0)
    assert answer(store, first, 1, **given) is ResponseState.BEGUN
    assert answer(store, second, 1, **given) is ResponseState.FULL
    with store.transaction() as cursor:
        cursor.execute(
            "UPDATE responses SET heard = heard - INTERVAL 31 MINUTE WHERE response_id = ?",
            [first.response_id],
        )
    assert answer(store, third, 1, **given) is ResponseState.BEGUN
    assert answer(store, first, 2) is ResponseState.FULL  # too late


def test_orders_are_balanced_over_those_who_count(store: Store) -> None:
    link = make(store)
    orders: Counter[tuple[str, ...]] = Counter()
    for i in range(14):
        place = come(store, link)
        assert place.route is not None
        if i in (3, 8):  # these do not stay
            answer(store, place, 0)
            answer(store, place, 1, **{"age": "under 18", "has a dog": "no"})
        else:
            orders[tuple(place.route["films"])] += 1
    assert len(orders) == 6
    assert set(orders.values()) == {2}


def test_taking_back_leaves_nothing(store: Store) -> None:
    link = make(store)
    place = come(store, link)
    go_through(store, link, place)
    assert place.route is not None
    store.run(
        ShowFilm(response_id=place.response_id, stimulus_id=place.route["films"][0],
                 session_id="s1", position=0)
    )  # fmt: skip
    store.run(WithdrawResponse(response_id=place.response_id))
    for table in ("answers", "showings", "ratings"):
        assert store.frame(f"SELECT * FROM {table}").empty
    assert of(store, place).state is ResponseState.WITHDRAWN


def test_a_links_course_is_a_copy(store: Store) -> None:
    link = make(store)
    made, study = link_course(store, link), link_study(store)
    key = store.run(SaveCourse(study_id=study, name="One", content=made))
    changed = Course(steps=made.steps[:3], title={"en": "Other"})
    store.run(SaveCourse(study_id=study, name="Two", content=changed, course_id=key))
    assert link_course(store, link) == made
    (saved,) = store.courses.of_study(study)
    assert (saved.name, saved.content) == ("Two", changed)


@pytest.mark.parametrize("kind", ["study", "respondent"])
def test_forgetting_removes_answers(store: Store, kind: str) -> None:
    link = make(store)
    place = come(store, link)
    go_through(store, link, place)
    plan = (
        plan_study(store, link_study(store))
        if kind == "study"
        else plan_respondent(store, place.respondent)
    )
    forget(store, plan)
    assert store.frame("SELECT * FROM answers").empty
    if kind == "respondent":
        assert of(store, place).panel_id is None


def test_what_was_acknowledged_outlives_a_killed_server(
    home: Home, script: Callable[[str], subprocess.Popen[str]]
) -> None:
    """The owner of the store is killed between two screens; the visit goes on behind them."""
    server = script(
        "from tests.storage.test_course import answer, come, make\n"
        "store = open_store(home, look_after=False)\n"
        "place = come(store, make(store))\n"
        "answer(store, place, 0)\n"
        "answer(store, place, 1, **{'age': '18-29', 'has a dog': 'yes'})\n"
        "print(place.response_id, flush=True)\n"
        "sys.stdin.readline()\n"
    )
    assert server.stdout is not None
    response_id = server.stdout.readline().strip()
    server.kill()
    server.wait()
    with open_store(home, look_after=False) as store:
        assert store.courses.answers(response_id) == {"age": "18-29", "has a dog": "yes"}
        assert store.run(AnswerStep(response_id=response_id, at=2)).step == 3
