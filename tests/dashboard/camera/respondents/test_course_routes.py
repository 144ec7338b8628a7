"""A course as somebody outside goes through it: screen by screen, again after a restart."""

from __future__ import annotations

import json
from typing import Any

from fer_core.storage.respondents import AddLink, Arm, ResponseState
from tests.course.made import course
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
