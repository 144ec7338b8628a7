"""What the README's picture shows, in words and colours: a test says when it is out of date.

    python -m tests.readme_picture

remakes the picture and the list beside it, as ``make shots`` does.
"""

from __future__ import annotations

import re
import tempfile
import tomllib
from pathlib import Path
from typing import Final

import pytest

from dashboard.navigation import PAGES
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.studies.demo import plant_demo
from tests.dashboard.pages import open_page, served

PROJECT: Final = Path(__file__).resolve().parents[1]
PICTURE: Final = PROJECT / "docs" / "images" / "compare.png"
SHOWN: Final = PICTURE.with_suffix(".txt")
REMAKE: Final = "The README's picture is out of date: python -m tests.readme_picture"
_THEME: Final = PROJECT / "dashboard" / ".streamlit" / "config.toml"


def shown(study_id: str) -> str:
    """The side bar, the words of the page Compare down to its curve, and the light colours.

    What a picture shows besides, such as distances, may change without a new one.
    """
    app = open_page("compare", study=study_id)
    assert not app.exception
    lines = [f"side bar: {one.title}" for one in PAGES.values() if not one.under]
    for element in app.main:
        if element.type == "subheader":  # below the picture's lower edge
            break
        words = getattr(element, "label", "") or str(getattr(element, "value", "") or "")
        if words := " ".join(re.sub(r"<[^>]*>", " ", words).split()):
            lines.append(f"page: {words}")
    colours = tomllib.loads(_THEME.read_text(encoding="utf-8"))["theme"]["light"]
    lines += [f"{key}: {value}" for key, value in colours.items() if key.endswith("Color")]
    return "\n".join([*lines, ""])


def _photograph(home: Home, study_id: str, log: Path) -> None:
    """The top of the page in a real browser, light and wide."""
    from playwright.sync_api import sync_playwright

    from tests.e2e.conftest import FLAGS, LONG_MS, find_browser, serve

    server = serve(home, log)
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=find_browser(), args=FLAGS)
            context = browser.new_context(
                viewport={"width": 1440, "height": 1120},
                color_scheme="light",
                base_url=server.url,
                storage_state=server.let_in(),
            )
            page = context.new_page()
            page.set_default_timeout(LONG_MS)
            page.goto(f"/compare?study={study_id}")
            page.locator(".st-key-compare .nsewdrag").first.wait_for()
            page.locator(".st-key-spread .nsewdrag").first.wait_for(state="attached")
            page.screenshot(path=PICTURE, animations="disabled")
            browser.close()
    finally:
        server.stop()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        with open_store(home) as store:
            study_id, _ = plant_demo(store)
        _photograph(home, study_id, Path(folder) / "server.log")
        with pytest.MonkeyPatch.context() as patch, served(home, patch):
            SHOWN.write_text(shown(study_id), encoding="utf-8")


if __name__ == "__main__":
    main()
