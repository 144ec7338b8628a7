"""How each page is photographed: in these sizes and colours, whole, once it stands still."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.sync_api import Page

from tests.e2e.conftest import PROJECT

OUT: Final = PROJECT / "test-results" / "shots"


class Look(NamedTuple):
    """A scheme of colours and a window's width; 960 is a window of 1440 zoomed to 150 %."""

    scheme: str
    width: int

    @property
    def tag(self) -> str:
        return f"{self.scheme}-{self.width}"

    def context(self, height: int = 900, **more: Any) -> dict[str, Any]:
        """What a browser's context is made with."""
        viewport = {"width": self.width, "height": height}
        return {"viewport": viewport, "color_scheme": self.scheme, **more}


LOOKS: Final = tuple(
    Look(*one)
    for one in (("light", 1440), ("dark", 1440), ("light", 960), ("light", 390), ("dark", 390))
)


def asked() -> list[Look]:
    """Those that the command line names by their tags; all where it names none."""
    return [look for look in LOOKS if look.tag in sys.argv] or list(LOOKS)


def still(page: Page) -> None:
    """Wait until Streamlit's script has run and the browser has drawn what it sent."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(400)


def whole_page(page: Page, path: Path) -> None:
    """A picture of all of it: Streamlit scrolls inside, so the window grows to fit."""
    still(page)
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": max(900, min(height + 8, 4000))})
    still(page)
    page.screenshot(path=path)
    page.set_viewport_size(size)
