"""A course on a phone's screen, by keyboard alone, from consent to thanks, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser, Page, expect

from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.links import AddLink, Arm
from fer_core.storage.studies import AddStimulus, AddStudy, StatePurpose
from tests.course.made import course
from tests.e2e import clocks
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.respond_site import PHONE, Site, camera_of, listening
from tests.long import only_long
from tests.networks import with_networks

FILM_S = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("course")


@pytest.fixture(scope="module")
def site(folder: Path, face_networks: Path) -> Iterator[Site]:
    home = with_networks(Home(folder / "home"), face_networks)
    film = clocks.stimulus_film(folder / "spot.mp4", seconds=FILM_S)
    with open_store(home) as store:
        study = store.run(AddStudy(name="Spring spots"))
        store.run(StatePurpose(study_id=study, purpose="media"))
        films = []
        for name in ("One", "Two", "Noise"):
            path = folder / f"{name}.mp4"
            path.write_bytes(film.read_bytes())
            films.append(
                store.run(AddStimulus(title=name, study_id=study, path=str(path),
                                      length_ms=FILM_S * 1000))
            )  # fmt: skip
        with listening(home, store) as (url, visits):
            yield Site(url, home, store, visits, study, tuple(films))


@pytest.fixture(scope="module")
def camera(folder: Path, browser: Browser) -> Iterator[Browser]:
    film = clocks.camera_film(folder / "camera.mjpeg", seconds=10)
    with camera_of(browser.browser_type, film) as opened:
        yield opened


def new_link(site: Site, limit_s: float = 0.0) -> str:
    *films, noise = site.films
    made = course(films, clutter=[noise])
    if limit_s:
        timed = replace(made.steps[1], leave=(), limit_s=limit_s)
        made = replace(made, steps=(made.steps[0], timed, *made.steps[2:]))
    link_id = site.store.run(
        AddLink(study_id=site.study, title="T", consent="C", arms=(Arm(films[0]),), course=made)
    )
    rows = site.store.respondents.links(site.study)
    return f"{site.url}/r/{next(r.token for r in rows if r.link_id == link_id)}"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def go_to(page: Page, role: str, name: str) -> None:
    """Reach an element by Tab alone."""
    wanted = page.get_by_role(role, name=name)  # type: ignore[arg-type]
    expect(wanted).to_be_visible(timeout=PATIENCE_MS)
    for _ in range(30):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no key leads to {name}")


@only_long
def test_a_course_by_keyboard_alone(site: Site, camera: Browser) -> None:
    context = camera.new_context(viewport=PHONE, permissions=["camera"])
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(new_link(site) + "?id=P-77")
    expect(page.get_by_role("heading", name="Three films")).to_be_visible()
    go_to(page, "checkbox", "I have read this and I agree.")
    press(page, "Space", "Tab", "Enter")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    go_to(page, "button", "Continue")
    press(page, "Enter")

    expect(page.get_by_role("group", name="How old are you?")).to_be_visible()
    go_to(page, "button", "Continue")
    press(page, "Enter")
    expect(page.get_by_text("Please answer this question.").first).to_be_visible()
    press(page, "ArrowDown")  # the first of what is missing has the focus
    expect(page.get_by_role("radio", name="18-29")).to_be_checked()
    go_to(page, "radio", "yes")
    press(page, "Space")
    page.reload()  # nothing that was acknowledged is asked again
    expect(page.get_by_role("group", name="How old are you?")).to_be_visible()
    page.get_by_role("radio", name="18-29").focus()
    press(page, "Space")
    go_to(page, "radio", "yes")
    press(page, "Space")
    go_to(page, "button", "Continue")
    press(page, "Enter")

    expect(page.get_by_text("One face is seen")).to_be_visible(timeout=PATIENCE_MS)
    go_to(page, "button", "Continue")
    press(page, "Enter")
    for liking in (6, 3):
        # a clutter film may come before it: it has no slider
        expect(page.locator("#film .rate:visible, #course .scale:visible").first).to_be_visible(
            timeout=PATIENCE_MS
        )
        if page.locator("#film .rate").is_visible():
            expect(
                page.get_by_role("slider", name="How much do you like this moment?")
            ).to_be_focused()
            press(page, *["ArrowRight"] * 5)
        go_to(page, "radio", "1, not at all")
        press(page, *["ArrowRight"] * (liking - 1), "Space")
        go_to(page, "button", "Continue")
        press(page, "Enter")
    words = page.get_by_role("textbox", name="What stays in mind?")
    expect(words).to_be_visible(timeout=PATIENCE_MS)
    go_to(page, "textbox", "What stays in mind?")
    page.keyboard.type("=Dogs")
    go_to(page, "button", "Continue")
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    go_to(page, "button", "Continue")
    press(page, "Enter")
    expect(page.get_by_text("Your response was saved.")).to_be_visible()
    context.close()
    assert not wrong

    site.store.sync()
    sessions = site.store.sessions.list(study_id=site.study)
    *films, _ = site.films
    assert sorted(sessions["stimulus_id"]) == sorted(films), "clutter is not recorded"
    assert set(sessions["status"]) == {"done"}
    told = site.store.courses.answers_of(site.study)
    assert sorted(zip(told["question"], told["value"])) == [
        ("age", '"18-29"'), ("has a dog", '"yes"'), ("liking", "3"), ("liking", "6"),
        ("why", '"=Dogs"'),
    ]  # fmt: skip
    assert set(site.store.courses.ratings(list(sessions["session_id"]))["session_id"]) == set(
        sessions["session_id"]
    )
    (came,) = site.store.respondents.responses(site.store.respondents.links(site.study)[0].link_id)
    assert (came.state, came.panel_id, came.device) == ("done", "P-77", "computer")


@only_long
def test_a_step_whose_time_is_over_goes_on_by_itself(site: Site, camera: Browser) -> None:
    context = camera.new_context(viewport=PHONE, permissions=["camera"])
    page = context.new_page()
    page.goto(new_link(site, limit_s=6))
    page.locator("[name=agree]").check()
    page.locator("#consent button.main").click()
    page.locator("#course button.main").click()
    page.get_by_role("radio", name="18-29").check()
    left = page.get_by_role("timer")
    expect(left).to_have_text("Time left: 4 s")
    page.reload()  # which gives no more time, and forgets what was not sent
    expect(left).to_have_text(re.compile("Time left: [0-4] s"))
    page.get_by_role("radio", name="30 or more").check()
    expect(page.get_by_role("heading", name="Set up your camera")).to_be_visible()
    link = site.store.respondents.links(site.study)[0]
    (came,) = site.store.respondents.responses(link.link_id)
    assert site.store.courses.answers(came.response_id) == {"age": "30 or more"}
    context.close()
