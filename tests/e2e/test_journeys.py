"""People's journeys in a real browser: `make bench` walks them at full size."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser, Page

from tests.e2e import journeys
from tests.e2e.conftest import Server
from tests.e2e.live_films import TWO, camera_film
from tests.e2e.live_rig import camera_browser
from tests.long import only_long


@only_long  # a minute: each recording is analysed
def test_an_ad_tester_comes_from_recordings_to_the_sentence_and_the_pdf(
    page: Page, tmp_path: Path
) -> None:
    visit = journeys.ad_tester(page, tmp_path, number=4, seconds=2)
    assert visit.steps <= 15
    assert visit.took_s < 120, f"{visit.steps} steps"


@only_long  # a minute: each recording is analysed
def test_a_folder_with_a_known_recording_and_a_csv_becomes_the_studys_answer(
    page: Page, tmp_path: Path
) -> None:
    visit = journeys.thirty(page, tmp_path, number=6, seconds=3)
    assert visit.steps <= 20


@only_long  # a minute: a film of two faces is analysed
def test_a_researcher_reads_and_replays_a_film_of_several_faces(page: Page, tmp_path: Path) -> None:
    visit = journeys.researcher(page, tmp_path)
    assert visit.steps <= 10


@only_long
def test_an_organiser_pauses_a_room_and_goes_on(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    film = tmp_path / "room.y4m"
    camera_film(film, TWO, 9)
    chromium = camera_browser(browser.browser_type, film)
    visit = journeys.organiser(chromium, server)
    chromium.close()
    assert visit.steps <= 10
