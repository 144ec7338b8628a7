"""Pictures of a course's pages for a person to look at: ``python -m tests.e2e.course_shots OUT``.

The preview's screens in English and Arabic on a phone, light and dark, and the editor.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright
from starlette.routing import Route

from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.course.routes import given_of
from dashboard.camera.respondents.address import Address
from dashboard.camera.respondents.html import as_page
from dashboard.camera.respondents.listener import RespondentListener
from dashboard.camera.respondents.routes import respondent_routes
from dashboard.camera.respondents.visits import Visits
from fer_core.course.course import Rating
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.studies import AddStimulus, AddStudy
from tests.course.made import course
from tests.e2e.conftest import FLAGS, find_browser
from tests.ports import free_port


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, open_store(Home(Path(folder)), look_after=False) as store:
        study = store.run(AddStudy(name="Shots"))
        film = store.run(AddStimulus(title="Spot", study_id=study, length_ms=30_000))
        made = course([film], rating=Rating.SLIDER, languages=("en", "ar", "de"))

        async def page(request: Any) -> Any:
            language = request.query_params.get("lang", "en")
            return as_page(given_of(store, made, language, lambda _: "/none"), "Preview")

        loop = MediaLoop()
        visits = Visits(Home(Path(folder)), lambda: store, loop)
        routes = [Route("/r/-preview", page),
                  *respondent_routes(lambda: visits, lambda: store, lambda: loop)]  # fmt: skip
        port = free_port()
        listener = RespondentListener(Address("127.0.0.1", port), routes, loop)
        listener.open()
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=find_browser(), args=FLAGS)
            for language in ("en", "ar"):
                for scheme in ("light", "dark"):
                    context = browser.new_context(
                        viewport={"width": 390, "height": 844},
                        color_scheme=scheme,
                    )
                    _shots(context.new_page(), f"http://127.0.0.1:{port}/r/-preview?lang={language}",
                           out / f"{language}-{scheme}")  # fmt: skip
                    context.close()
            browser.close()
        listener.close()
        loop.submit(visits.close()).result(timeout=20)
        loop.close()


def _shots(page: Any, url: str, stem: Path) -> None:
    page.goto(url)
    page.wait_for_timeout(300)
    page.screenshot(path=f"{stem}-1-consent.png", full_page=True)
    page.locator("[name=agree]").check()
    page.locator("#consent button.main").click()
    page.locator("#course button.main").click()
    page.locator("#course button.main").click()
    page.screenshot(path=f"{stem}-2-questions.png", full_page=True)
    for box in page.locator("#course fieldset").all():
        box.locator("input").nth(1).check()
    page.locator("#course button.main").click()
    page.locator("#words button").click()
    page.locator("#course .scale, #film:visible").first.wait_for()
    page.screenshot(path=f"{stem}-3-film.png")
    page.locator("#course .scale").wait_for(timeout=60_000)
    page.screenshot(path=f"{stem}-4-scale.png", full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
