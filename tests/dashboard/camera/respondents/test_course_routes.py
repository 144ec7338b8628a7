"""A course as somebody outside goes through it: screen by screen, again after a restart."""

from __future__ import annotations

import json
import time
from typing import Any

from dashboard.camera.respondents.own_device import sign
from fer_core.storage.links import AddLink, Arm
from fer_core.storage.respondents import ResponseState
from tests.course.made import course
from tests.dashboard.camera.respondents.numbers import batch, install_nothing
from tests.dashboard.camera.respondents.outside import Outside

END = {"complete": "https://panel.example/c?id={id}", "screened": "https://panel.example/s?id={id}"}


def _link(outside: Outside) -> str:
    made = course([outside.film], languages=("en", "de"), redirects=END)
    link_id = outside.store.run(
        AddLink(study_id=outside.study, title="T", consent="C", arms=(Arm(outside.film),),
                course=made)
    )  # fmt: skip
    links = outside.store.respondents.links(outside.study)
    return next(one.token for one in links if one.link_id == link_id)


def _post(outside: Outside, token: str, what: str, **value: Any) -> tuple[int, dict[str, Any]]:
    status, said, _ = outside.ask("POST", f"/r/{token}/{what}", value)
    return status, json.loads(said)


def _begin(outside: Outside, token: str, **more: Any) -> dict[str, Any]:
    _, page, _ = outside.ask("GET", f"/r/{token}?lang=de")
    assert '<html lang="de" dir="ltr">' in page
    read = page.split('"read": "')[1].split('"')[0]
    status, begun = _post(outside, token, "begin", read=read, language="de", **more)
    assert status == 200
    return begun


def test_a_visit_goes_on_after_the_server_forgot_it(outside: Outside) -> None:
    token = _link(outside)
    begun = _begin(outside, token)
    key = begun["visit"]
    assert begun["screen"]["kind"] == "welcome"
    _, screen = _post(outside, token, "go", visit=key, at=0)
    assert [one["name"] for one in screen["questions"]] == ["age", "has a dog"]
    _, wrong = _post(outside, token, "go", visit=key, at=1, answers={"age": "1000"})
    assert wrong["wrong"]["age"] == "Please choose one of these answers."
    given = {"age": "18-29", "has a dog": "yes"}
    _, screen = _post(outside, token, "go", visit=key, at=1, answers=given)
    assert screen["kind"] == "camera"
    outside.visits.places.visits.clear()  # as a server that was started anew
    status, again = _post(outside, token, "resume", visit=key)
    assert (status, again["screen"]["at"], again["camera"]) == (200, 2, False)
    assert outside.ask("GET", begun["film"])[0] == 200
    assert _post(outside, token, "resume", visit="x" * 32)[0] == 410
    status, _ = _post(outside, token, "end", visit=key, how="withdrawn")
    assert status == 200
    link = outside.store.respondents.link_of_token(token)
    assert link is not None
    (came,) = outside.store.respondents.responses(link.link_id)
    assert came.state is ResponseState.WITHDRAWN
    assert outside.store.courses.answers(came.response_id) == {}
    assert _post(outside, token, "resume", visit=key)[0] == 410


def test_whoever_is_screened_out_is_led_back_with_their_id(outside: Outside) -> None:
    token = _link(outside)
    key = _begin(outside, token, panel_id="a/b&c")["visit"]
    _post(outside, token, "go", visit=key, at=0)
    given = {"age": "under 18", "has a dog": "no"}
    _, screen = _post(outside, token, "go", visit=key, at=1, answers=given)
    assert screen["state"] == "screened"
    assert screen["redirect"] == "https://panel.example/s?id=a%2Fb%26c"
    _, again = _post(outside, token, "resume", visit=key)
    assert again["screen"]["redirect"] == screen["redirect"]


def test_a_visits_key_opens_no_other_link_and_bad_bodies_are_refused(outside: Outside) -> None:
    token, other = _link(outside), _link(outside)
    key = _begin(outside, token)["visit"]
    assert _post(outside, other, "resume", visit=key)[0] == 410
    for bad in ({"at": "0"}, {"at": 0, "answers": "yes"}, {}):
        assert _post(outside, token, "go", visit=key, **bad)[0] == 400
    assert _post(outside, token, "go", visit="none", at=0)[0] == 410


def test_films_of_a_course_are_read_on_the_respondents_own_device(outside: Outside) -> None:
    install_nothing(outside.store.home)
    token = _link(outside)
    begun = _begin(outside, token, device=True)
    key, secret = begun["visit"], begun["secret"]
    assert begun["device"]
    given: dict[str, Any] = {"age": "18-29", "has a dog": "yes"}
    for at, answers in enumerate(({}, given, {})):
        _, screen = _post(outside, token, "go", visit=key, at=at, answers=answers)
    assert (screen["kind"], screen["record"]) == ("films", True)

    def send(n: int, told: list[list[float]]) -> tuple[int, dict[str, Any]]:
        value = json.loads(batch(time.time() * 1000, frames=20, film_ms=0.0))
        text = json.dumps({**value, "told": told})
        signature = sign(secret, n, text)
        return _post(outside, token, "numbers", visit=key, n=n, data=text, signature=signature)

    def sessions() -> dict[str, bool]:
        outside.store.sync()
        table = outside.store.sessions.list(study_id=outside.study)
        return {one: outside.store.sessions.get(one).included for one in table["session_id"]}

    assert _post(outside, token, "start", visit=key, device=True) == (200, {"next": 0})
    assert send(0, [[0, 50], [1000, 80]]) == (200, {"next": 1})
    assert send(1, [[1000, 101]])[0] == 422, "no slider says this"
    assert outside.visits.places.count() == 0
    (cut_off,) = sessions()
    # the page is opened anew: whoever does not know the secret is not told it
    _, again = _post(outside, token, "resume", visit=key, secret="another")
    assert (again["secret"], again["device"]) == ("", False)
    _, again = _post(outside, token, "resume", visit=key, secret=secret)
    assert (again["secret"], again["device"], again["screen"]["at"]) == ("", True, 3)
    assert send(1, [])[0] == 410, "its film is over"
    # the film is shown again, and its batches go on counting
    assert _post(outside, token, "start", visit=key, device=True) == (200, {"next": 1})
    assert send(1, [[0, 50], [900, 20]]) == (200, {"next": 2})
    status, _ = _post(outside, token, "go", visit=key, at=3, answers={})
    assert status == 200
    kept = sessions()
    assert kept.pop(cut_off) is False, "the film was shown again"
    (whole,) = kept
    assert outside.store.courses.ratings([whole])["value"].tolist() == [50, 20]
    assert {"own device", "remote"} <= set(outside.store.sessions.get(whole).tags)
    assert _post(outside, token, "end", visit=key, how="withdrawn")[0] == 200
    assert sessions() == {}
