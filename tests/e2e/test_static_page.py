"""The page without a server works by thumb and keyboard in a browser that has no network."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import expect

from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.web.folder import HINT, web_folder
from fer_core.web.static import export_page
from tests.e2e.conftest import PROJECT, find_browser
from tests.e2e.page_scripts import AXE, FIND
from tests.e2e.static_page import browser_with_camera, offline, phone, photograph, record
from tests.needed import need_chromium

#: What a screen reader finds of a face that was read.
NAMES = """
- main:
  - heading "What does this face show?" [level=1]
  - paragraph: Read on this device. Nothing is sent anywhere.
  - status: The largest face is read
  - term: happy
  - definition: /\\d+ %/
- navigation:
  - button "Camera"
  - button "Photograph"
  - button "Record" [disabled]
  - button "Save CSV"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The exported page, where its runtime is on this machine."""
    home = Home(Path(os.environ.get("RAPT_HOME", PROJECT / "data")))
    if web_folder(home) is None:
        pytest.skip(
            f"what reads faces in a browser is not in {home.root} ({HINT}, or set RAPT_HOME)"
        )
    need_chromium(find_browser())
    export_page(home, tmp_path / "site")
    return tmp_path / "site"


def test_it_reads_records_and_saves_without_any_network(site: Path, tmp_path: Path) -> None:
    with browser_with_camera(tmp_path) as browser:
        context = phone(browser)
        context.add_init_script(path=AXE)
        page = offline(context, site)
        rows = record(page, lambda _step: None, tmp_path)
        read = [[float(row[f"p_{name}"]) for name in EMOTIONS] for row in rows if row["p_happy"]]
        assert len(read) >= 3
        assert all(sum(one) == pytest.approx(1, abs=0.01) for one in read)
        # the camera is off: nothing of it is shown any more
        expect(page.get_by_text("Choose the camera or a photograph.")).to_be_visible()
        expect(page.locator("[data-value=happy]")).to_have_text("–")
        photograph(page, tmp_path)
        expect(page.locator(".now")).to_have_text(re.compile(r"\d+"))
        expect(page.locator("body")).to_match_aria_snapshot(NAMES)
        assert page.evaluate(FIND) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        context.close()
