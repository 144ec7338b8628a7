"""Steps of a respondent's visit, for the benchmarks that play one, and the listener for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page, expect

from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.studies import AddStimulus, AddStudy, StatePurpose
from tests.e2e.respond_site import PHONE, Site, listening

FILM_S: Final = 20
FILM: Final = "document.querySelector('#film > video')"
HERE: Final = "Your face is read on this device"
PATIENCE_MS: Final = 120_000


@contextmanager
def site(home: Home, film: Path, seconds: int = FILM_S) -> Iterator[Site]:
    """The listener; ``home`` has the runtime already."""
    with open_store(home) as store:
        study = store.run(AddStudy(name="Spring spot", conditions=("A",)))
        store.run(StatePurpose(study_id=study, purpose="media"))
        stimulus = store.run(
            AddStimulus(title="Cut A", study_id=study, path=str(film), length_ms=seconds * 1000)
        )
        with listening(home, store) as (url, visits):
            yield Site(url, home, store, visits, study, (stimulus,))


def guest(browser: Browser, **more: Any) -> BrowserContext:
    """A phone that has never been here: nothing is cached."""
    return browser.new_context(viewport=PHONE, permissions=["camera"], **more)


def to_the_check(page: Page, link: str) -> float:
    """Consent, and the seconds until the camera check says that this device reads."""
    page.goto(link)
    page.get_by_label("I have read this and I agree.").check()
    began = time.monotonic()
    page.get_by_role("button", name="Continue to the camera").click()
    expect(page.get_by_text(HERE)).to_be_visible(timeout=PATIENCE_MS)
    return time.monotonic() - began


def to_the_film(page: Page) -> None:
    press = page.locator("#check button.main")
    expect(press).to_be_enabled(timeout=PATIENCE_MS)
    press.click()


def film_at(page: Page, seconds: float) -> None:
    """Wait until the film has come so far."""
    while page.evaluate(f"{FILM}.currentTime") < seconds:
        page.wait_for_timeout(100)


def thanks(page: Page) -> None:
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE_MS)


def newest(here: Site) -> tuple[Any, list[int]]:
    """The newest session, and the times of its pictures on the film, in ms."""
    here.store.sync()
    rows = here.store.sessions.list(study_id=here.study).sort_values("created")
    session = here.store.sessions.get(str(rows["session_id"].iloc[-1]))
    frames = here.store.timeline.frames(session.session_id)
    return session, [int(t) - (session.offset_ms or 0) for t in frames["t_ms"]]
