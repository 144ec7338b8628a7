"""A respondents' listener in the tests' own process, so that a test sees what arrives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.respondents.address import Address
from dashboard.camera.respondents.listener import RespondentListener
from dashboard.camera.respondents.routes import respondent_routes
from dashboard.camera.respondents.visits import Visits
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.storage.links import AddLink
from tests.e2e.conftest import FLAGS, find_browser
from tests.ports import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserType

PHONE: Any = {"width": 390, "height": 844}


@dataclass
class Site:
    """A listener with a study and its films."""

    url: str
    home: Home
    store: Store
    visits: Visits
    study: str
    films: tuple[str, ...]

    @property
    def film(self) -> str:
        return self.films[0]

    def link(self, **more: Any) -> str:
        """The address of a new link to the film."""
        link_id = self.store.run(
            AddLink(
                study_id=self.study,
                title="Watch a short film",
                consent="We look at how people respond.\n\nYou may stop at any time.",
                arms=[{"stimulus_id": self.film, "condition": "A"}],
                **more,
            )
        )
        rows = self.store.respondents.links(self.study)
        return f"{self.url}/r/{next(r.token for r in rows if r.link_id == link_id)}"


@contextmanager
def listening(home: Home, store: Store) -> Iterator[tuple[str, Visits]]:
    """The listener's address and its visits."""
    port, loop = free_port(), MediaLoop()
    visits = Visits(home, lambda: store, loop)
    routes = respondent_routes(lambda: visits, lambda: store, lambda: loop)
    listener = RespondentListener(Address("127.0.0.1", port), routes, loop)
    listener.open()
    try:
        yield f"http://127.0.0.1:{port}", visits
    finally:
        listener.close()
        loop.submit(visits.close()).result(timeout=20)
        loop.close()


@contextmanager
def camera_of(kind: BrowserType, film: Path, *more: str) -> Iterator[Browser]:
    """Chromium whose camera shows a film, with ``more`` flags."""
    flags = [*FLAGS, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    flags += [f"--use-file-for-fake-video-capture={film}", *more]
    opened = kind.launch(executable_path=find_browser(), args=flags)
    try:
        yield opened
    finally:
        opened.close()
