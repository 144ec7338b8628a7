"""Every page in a real browser: what axe-core finds in it, and what the keyboard reaches.

Faults in Streamlit's own markup are listed in ``streamlit_faults.json`` by rule and place. That
list may only shrink: a fault that is not on it fails, and so does one on it that is gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser, Page

from dashboard.navigation import PAGES
from fer_core.home import Home
from tests.dashboard.simulated import plant
from tests.demo import copy_of
from tests.e2e import clocks, respond_shots
from tests.e2e.conftest import PATIENCE_MS, Server, serve
from tests.e2e.live_rig import camera_browser
from tests.e2e.looks import LOOKS, Look, still
from tests.e2e.page_scripts import AXE, FIND
from tests.e2e.people_shots import PASSWORD, furnish_people
from tests.long import only_long
from tests.networks import with_networks

KNOWN: Final = json.loads(Path(__file__).with_name("streamlit_faults.json").read_text("utf-8"))


@dataclass
class Furnished:
    """A server with the demo study and a photograph, and every page's address on it."""

    server: Server
    addresses: dict[str, str]


@pytest.fixture(scope="module")
def furnished(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory, browser: object
) -> Iterator[Furnished]:
    folder = tmp_path_factory.mktemp("pages")
    with copy_of(demo_template, folder) as store:
        home = store.home
        photograph = plant(
            home, "Team at lunch", seconds=1, rate=1, viewers=3, away=None,
            info={"width": 600, "height": 320, "is_picture": True},
        )  # fmt: skip
        study = store.studies.list()[0].study_id
        session = str(store.sessions.list(study_id=study)["session_id"].iloc[0])
    special = {
        "overview": "/", "session": f"/session?id={session}",
        "replay": f"/replay?session={session}",
        "photograph": f"/photograph?id={photograph}", "study": f"/study?id={study}",
        "setup": f"/setup?study={study}", "compare": f"/compare?study={study}",
        "model": "/model?id=rapt-1",
    }  # fmt: skip
    running = serve(home, folder / "server.log")
    yield Furnished(running, {name: special.get(name, f"/{name}") for name in PAGES})
    running.stop()


def visitor(browser: Browser, server: Server, look: Look, **more: Any) -> Page:
    """Someone with the start token, whose pages bring axe-core along."""
    assert AXE.exists(), "axe-core is not installed: `make test` installs it"
    context = browser.new_context(**look.context(base_url=server.url, **more))
    context.add_init_script(path=AXE)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


def faults(page: Page, address: str) -> list[dict[str, Any]]:
    """The serious and critical faults of a page that stands still."""
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for()
    still(page)
    return list(page.evaluate(FIND))


def streamlits(furnished: Furnished, browser: Browser, look: Look) -> dict[str, list[str]]:
    """Places of the faults in Streamlit's markup by rule; fails where one is in ours."""
    page = visitor(browser, furnished.server, look, storage_state=furnished.server.let_in())
    places: dict[str, set[str]] = {}
    ours = []
    for name, address in furnished.addresses.items():
        for fault in faults(page, address):
            if fault["ours"]:
                ours.append(
                    f"{name}: {fault['rule']} at {fault['place']}: {fault['said']}\n{fault['html']}"
                )
            else:
                places.setdefault(fault["rule"], set()).add(fault["place"])
    page.context.close()
    assert not ours, f"{look.tag}: {len(ours)} faults\n" + "\n".join(ours)
    return {rule: sorted(places[rule]) for rule in sorted(places)}


@only_long  # a minute and a half: one page after the other
def test_no_page_has_a_serious_fault(furnished: Furnished, browser: Browser) -> None:
    assert streamlits(furnished, browser, LOOKS[0]) == KNOWN[LOOKS[0].tag]


@only_long
@pytest.mark.parametrize(
    "look", [look for look in LOOKS[1:] if look.tag in KNOWN], ids=lambda look: look.tag
)
def test_no_page_has_a_serious_fault_in_other_looks(
    furnished: Furnished, browser: Browser, look: Look
) -> None:
    assert streamlits(furnished, browser, look) == KNOWN[look.tag]


@only_long  # half a minute: a respondent watches a film
@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[-1]], ids=lambda look: look.tag)
def test_the_way_in_and_a_respondents_pages_have_no_serious_fault(
    face_networks: Path, tmp_path: Path, browser: Browser, look: Look
) -> None:
    """These pages are all ours: Streamlit draws none of them."""
    home = with_networks(Home(tmp_path / "home"), face_networks)
    film = clocks.stimulus_film(tmp_path / "spot.mp4", seconds=5)
    furnish_people(home)
    _, token, shut = respond_shots.furnish(home, film)
    running = serve(home, tmp_path / "server.log")
    chromium = camera_browser(
        browser.browser_type, clocks.camera_film(tmp_path / "camera.mjpeg", seconds=20)
    )
    page = visitor(chromium, running, look, permissions=["camera"])
    found: dict[str, list[dict[str, Any]]] = {}

    def check(name: str) -> None:
        found[name] = page.evaluate(FIND)

    try:
        page.goto("/login")
        check("login")
        for name, password in (("refused", "not the right one"), ("account", PASSWORD)):
            page.get_by_label("Name").fill("maria.lind")
            page.get_by_label("Password").fill(password)
            page.get_by_role("button", name="Log in").click()
            if name == "refused":
                page.get_by_role("alert").wait_for()
                check(name)
        page.get_by_text("All sessions").first.wait_for()
        page.goto("/account")
        check("account")
        respond_shots.respondent(page, f"/r/{token}", f"/r/{shut}", check)
    finally:
        chromium.close()
        running.stop()
    assert len(found) == 10
    assert not {name: faults for name, faults in found.items() if faults}
