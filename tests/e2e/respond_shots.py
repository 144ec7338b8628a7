"""Pictures of every step of a respondent, of a study's links and of the page Connection.

``python -m tests.e2e.respond_shots`` writes them to ``test-results/shots``, light and dark, wide
and narrow. The camera is a film of a face; everything else is real.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from fer_core.faces import make_detector
from fer_core.home import Home
from fer_core.law.notice import TO_FILL, USUAL_CONSENT
from fer_core.storage import open_store
from fer_core.storage.links import AddLink, RevokeLink
from fer_core.storage.respondents import BeginResponse, MarkResponse
from fer_core.storage.studies import AddStimulus, AddStudy, StatePurpose
from tests.e2e import clocks
from tests.e2e.conftest import FLAGS, PROJECT, find_browser, serve
from tests.e2e.looks import OUT, asked, whole_page

RESPOND = (
    "respond-1-consent", "respond-2-check", "respond-3-count", "respond-4-film", "respond-5-stop",
    "respond-6-thanks", "respond-7-closed", "respond-8-refused", "connection", "connection-camera",
    "study-links", "study-links-who", "study-links-new",
)  # fmt: skip
FAKE = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


def furnish(home: Home, film: Path) -> tuple[str, str, str]:
    """A study with an open link that some have used, and a closed one."""
    consent = USUAL_CONSENT.replace(TO_FILL, "Maria Lind, maria@example.org")
    with open_store(home) as store:
        study = store.run(
            AddStudy( name="Spring spot", question="Does the new cut hold attention better?",
            conditions=("Old cut", "New cut"),
        ))  # fmt: skip
        store.run(StatePurpose(study_id=study, purpose="media"))
        arms = [
            {
                "stimulus_id": store.run(
                    AddStimulus( title=f"{name}, 30 s", study_id=study, path=str(film),
                    length_ms=5000,
                )),
                "condition": name,
            }
            for name in ("Old cut", "New cut")
        ]  # fmt: skip
        words = {"study_id": study, "title": "Watch a short film", "consent": consent}
        closed = store.run(AddLink(arms=arms[:1], **words))
        store.run(RevokeLink(link_id=closed))
        link = store.run(AddLink(arms=arms, most_uses=40, **words))
        for state in ("done", "done", "broken", "withdrawn", "done"):
            came = store.run(BeginResponse(link_id=link, consent=consent))
            store.run(MarkResponse(response_id=came.response_id, state=state))
        tokens = {row.link_id: str(row.token) for row in store.respondents.links(study)}
    return str(study), tokens[link], tokens[closed]


def respondent(page: Page, link: str, closed: str, shot: Callable[[str], None]) -> None:
    """From consent to thanks; ``shot`` is told each step's name when it is on the screen."""
    page.goto(link)
    shot("1-consent")
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("One face is seen").wait_for()
    shot("2-check")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("about to begin").wait_for()
    shot("3-count")
    page.wait_for_timeout(4000)
    shot("4-film")
    page.get_by_role("button", name="Stop", exact=True).click()
    shot("5-stop")
    page.get_by_role("button", name="Go on watching").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    shot("6-thanks")
    page.goto(closed)
    shot("7-closed")


def refused(browser: Browser, link: str, tag: str, **context_of: Any) -> None:
    context = browser.new_context(**context_of)
    page = context.new_page()
    page.goto(link)
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="The camera was not allowed").wait_for()
    page.screenshot(path=OUT / f"respond-8-refused-{tag}.png")
    context.close()


def organiser(page: Page, study: str, tag: str) -> None:
    page.goto("/connection")
    page.locator(".connection[data-done=true]").wait_for()
    whole_page(page, OUT / f"connection-{tag}.png")
    page.get_by_role("button", name="Test with the camera").click()
    page.get_by_text("Everything works").wait_for()
    whole_page(page, OUT / f"connection-camera-{tag}.png")
    page.goto(f"/study?id={study}&view=Links")
    page.get_by_text("Watch a short film").first.wait_for()
    whole_page(page, OUT / f"study-links-{tag}.png")
    page.get_by_role("button", name="Who came").first.click()
    page.get_by_role("dialog").locator("canvas").first.wait_for()
    whole_page(page, OUT / f"study-links-who-{tag}.png")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="New link").click()
    page.get_by_role("textbox", name="Text of consent").wait_for()
    whole_page(page, OUT / f"study-links-new-{tag}.png")


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    path = find_browser()
    if path is None:
        raise SystemExit("There is no Chromium here. Install one, or set RAPT_CHROMIUM.")
    cache = PROJECT / ".pytest_cache" / "d" / "face-networks"
    make_detector("mtcnn", cache=cache)
    with sync_playwright() as play, tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        home = Home(folder / "home")
        shutil.copytree(cache, home.cache)
        film = clocks.stimulus_film(folder / "spot.mp4", seconds=5)
        camera = clocks.camera_film(folder / "camera.mjpeg", seconds=30)
        study, token, shut = furnish(home, film)
        flags = [*FLAGS, *FAKE, f"--use-file-for-fake-video-capture={camera}"]
        browser = play.chromium.launch(executable_path=path, args=flags)
        shy = play.chromium.launch(
            executable_path=path, args=[*FLAGS, FAKE[1], "--deny-permission-prompts"]
        )
        server = serve(home, folder / "server.log")
        for look in asked():
            seen = look.context(844 if look.width == 390 else 900, base_url=server.url)
            context = browser.new_context(
                storage_state=server.let_in(), permissions=["camera"], **seen
            )
            page = context.new_page()
            page.set_default_timeout(60_000)

            def shot(name: str, page: Page = page, tag: str = look.tag) -> None:
                page.wait_for_timeout(400)
                page.screenshot(path=OUT / f"respond-{name}-{tag}.png", full_page=True)

            respondent(page, f"/r/{token}", f"/r/{shut}", shot)
            organiser(page, study, look.tag)
            context.close()
            refused(shy, f"/r/{token}", look.tag, **seen)
        server.stop()
        browser.close()
        shy.close()
    sys.stdout.write(f"{OUT}\n")


if __name__ == "__main__":
    main()
