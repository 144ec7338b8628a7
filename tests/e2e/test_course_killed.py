"""The server is killed while a respondent watches a film: the visit goes on where it stood."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser, Page, expect

from fer_core.course.orders import Order
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.links import AddLink, Arm
from fer_core.storage.studies import AddStimulus, AddStudy, StatePurpose
from fer_core.studies.membership import load_study
from tests.course.made import course
from tests.e2e import clocks
from tests.e2e.conftest import LONG_MS, PATIENCE_MS, serve
from tests.e2e.respond_site import PHONE, camera_of
from tests.long import only_long
from tests.networks import with_networks
from tests.waiting import eventually

FILM_S = 6


def study_with_link(home: Home, folder: Path) -> tuple[str, list[str], str]:
    """The id of a study of two films, theirs, and the address of its course."""
    path = clocks.stimulus_film(folder / "spot.mp4", seconds=FILM_S)
    with open_store(home, look_after=False) as store:
        study = store.run(AddStudy(name="Spring spots"))
        store.run(StatePurpose(study_id=study, purpose="media"))
        films = [
            store.run(AddStimulus(title=title, study_id=study, path=str(path),
                                  length_ms=FILM_S * 1000))
            for title in ("One", "Two")
        ]  # fmt: skip
        store.run(
            AddLink(study_id=study, title="T", consent="C", arms=(Arm(films[0]),),
                    course=course(films, order=Order.FIXED))
        )  # fmt: skip
        return study, films, f"/r/{store.respondents.links(study)[0].token}"


def go_on(page: Page) -> None:
    page.locator("#course button.main").click()


def watch(page: Page, until_s: float) -> None:
    """Wait until the film has run so far, and tell something while it does."""
    slider = page.get_by_role("slider", name="How much do you like this moment?")
    expect(slider).to_be_visible(timeout=PATIENCE_MS)
    slider.press("ArrowRight")
    film = page.locator("#film > video")
    assert eventually(lambda: film.evaluate("one => one.currentTime") > until_s)


def like(page: Page, step: int) -> None:
    page.get_by_role("radio", name=str(step), exact=True).check(timeout=PATIENCE_MS, force=True)
    go_on(page)


@only_long
def test_a_visit_goes_on_after_the_server_was_killed_in_mid_film(
    tmp_path: Path, face_networks: Path, browser: Browser
) -> None:
    home = with_networks(Home(tmp_path / "home"), face_networks)
    study, films, address = study_with_link(home, tmp_path)
    server = serve(home, tmp_path / "server.log")
    camera = clocks.camera_film(tmp_path / "camera.mjpeg", seconds=10)
    with camera_of(browser.browser_type, camera) as seen:
        page = seen.new_context(viewport=PHONE, permissions=["camera"]).new_page()
        page.goto(server.url + address)
        page.locator("[name=agree]").check()
        page.locator("#consent button.main").click()
        go_on(page)
        page.get_by_role("radio", name="18-29").check()
        page.get_by_role("radio", name="yes").check()
        go_on(page)
        page.get_by_text("One face is seen").wait_for(timeout=LONG_MS)
        page.locator("#check button.main").click()
        watch(page, 2.0)
        like(page, 6)
        watch(page, 2.0)

        server.process.kill()
        server.process.wait()
        with open_store(home, look_after=False) as store:
            told = store.courses.answers_of(study)
            assert sorted(zip(told["question"], told["about"], told["value"])) == [
                ("age", "", '"18-29"'), ("has a dog", "", '"yes"'), ("liking", films[0], "6"),
            ]  # fmt: skip
            (first,) = store.courses.recordings_of(study).query("stimulus_id == @films[0]")[
                "session_id"
            ]
            assert not store.courses.ratings([first]).empty
        server = serve(home, tmp_path / "server.log", port=urlsplit(server.url).port or 0)
        page.reload()
        page.get_by_text("One face is seen").wait_for(timeout=LONG_MS)
        page.locator("#check button.main").click()
        watch(page, 2.0)  # the film that was cut off, from its beginning
        like(page, 3)
        page.get_by_role("textbox", name="What stays in mind?").fill("Dogs", timeout=PATIENCE_MS)
        go_on(page)
        expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
        go_on(page)
        expect(page.get_by_text("Your response was saved.")).to_be_visible(timeout=PATIENCE_MS)
    server.stop()

    with open_store(home) as store:
        store.sync()
        told = store.courses.answers_of(study)
        assert sorted(zip(told["question"], told["value"])) == [
            ("age", '"18-29"'), ("has a dog", '"yes"'), ("liking", "3"), ("liking", "6"),
            ("why", '"Dogs"'),
        ]  # fmt: skip
        (came,) = store.respondents.responses(store.respondents.links(study)[0].link_id)
        assert came.state == "done"
        counting = load_study(store, study).counted
        assert sorted(counting["stimulus_id"]) == sorted(films), "each film counts once"
        assert first in set(counting["session_id"])
        ratings = store.courses.ratings(list(counting["session_id"]))
        assert set(ratings["session_id"]) == set(counting["session_id"])
