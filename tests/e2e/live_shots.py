"""Pictures of the live page: before, running, refused and after, in both themes and widths."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Server
from tests.e2e.live_films import Person, camera_film
from tests.e2e.live_rig import agree, camera_browser, start, stop, visit
from tests.e2e.looks import asked

LIVE = ("live-before", "live-refused", "live-running", "live-after")
ROOM = [
    Person(30, 70, 210, 0, 99),
    Person(235, 120, 190, 4, 30, mirrored=True),
    Person(440, 80, 190, 9, 24),
]


def live_shots(browser: Browser, server: Server, folder: Path, out: Path, seconds: float) -> None:
    film = camera_film(folder / "room.y4m", ROOM, 30)
    allowed = camera_browser(browser.browser_type, film)
    forbidden = camera_browser(browser.browser_type, None)
    for look in asked():
        page = visit(forbidden, server, **look.context())
        page.wait_for_timeout(800)
        page.screenshot(path=out / f"live-before-{look.tag}.png", full_page=True)
        agree(page)
        page.get_by_role("button", name="START").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.wait_for_timeout(400)
        page.screenshot(path=out / f"live-refused-{look.tag}.png")
        page.context.close()

        page = visit(allowed, server, **look.context())
        start(page, name="Evening talk, first row")
        page.wait_for_timeout(round(500 * seconds))
        page.locator("[name=marker]").fill("speaker two")
        page.locator("[name=marker]").press("Enter")
        page.wait_for_timeout(round(500 * seconds))
        page.locator("[name=note]").fill("The door was open")
        page.get_by_role("button", name="Keep note").click()
        page.wait_for_timeout(600)
        height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": look.width, "height": max(900, height + 8)})
        page.wait_for_timeout(800)
        page.screenshot(path=out / f"live-running-{look.tag}.png")
        page.set_viewport_size({"width": look.width, "height": 900})
        stop(page)
        page.wait_for_timeout(400)
        page.screenshot(path=out / f"live-after-{look.tag}.png")
        page.context.close()
    allowed.close()
    forbidden.close()
