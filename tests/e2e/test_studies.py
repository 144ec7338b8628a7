"""From a study to an answer, in a real browser: the demo's, and twelve recordings of one's own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Locator, Page, Position, expect

from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.markers import AddMarkers
from fer_core.storage.sessions import AssignSession
from fer_core.storage.studies import AddStimulus, AddStudy
from tests.dashboard.simulated import plant
from tests.e2e.conftest import Server, serve
from tests.e2e.films import cut_film
from tests.long import only_long


@pytest.fixture(scope="module")
def server(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory, browser: object
) -> Iterator[Server]:
    """The demo study, and twelve recordings that belong to no study yet."""
    folder = tmp_path_factory.mktemp("studies")
    home = Home(folder / "home")
    shutil.copytree(demo_template, home.root)
    for number in range(12):
        plant(home, f"P{number:02d}_{'AB'[number % 2]}_spot", seconds=12, viewers=1, rate=3,
              seed=number)  # fmt: skip
    running = serve(home, folder / "server.log")
    yield running
    running.stop()


def click_second(page: Page, curve: Locator, second: int) -> None:
    """Click a second of the film's 30. A click counts for what Plotly has seen the mouse over."""
    box = curve.bounding_box()
    assert box is not None
    hovered = page.locator(".js-plotly-plot").first.locator(".hoverlayer")
    for one in (second - 1, second):
        spot = Position(x=box["width"] * (one + 0.5) / 30, y=box["height"] / 2)
        curve.hover(position=spot)
        expect(hovered).to_contain_text(f"0:{one:02d}")
    curve.click(position=spot)


def test_the_demo_study_answers_and_says_that_it_is_simulated(page: Page) -> None:
    page.goto("/studies")
    page.get_by_role("link", name="Demo: one ad, two versions").click()
    expect(page.get_by_text("Simulated viewers: nobody was filmed.")).to_be_visible()
    expect(page.locator(".rapt-sentence")).to_contain_text(
        "B held attention better and engaged more from 0:12 to 0:19"
    )
    expect(page.locator(".js-plotly-plot")).to_have_count(1)
    punchline = page.get_by_role("row").filter(has_text="Punchline")
    expect(punchline).to_contain_text("large")

    # the table says what Plotly drew
    value, second = page.locator(".js-plotly-plot").first.evaluate(
        """plot => {
            const y = Array.from(plot._fullData.find((one) => one.name === "B").y);
            const best = y.indexOf(Math.max(...y));
            return [Math.round(y[best]), best];
        }"""
    )
    numbers = page.get_by_role("region", name="Engagement by audience")
    expect(numbers.get_by_role("row").nth(2)).to_contain_text(f"{value} at 0:{second:02d}")
    moment = page.get_by_role("link", name=f"highest at 0:{second:02d}: replay of").first
    expect(moment).to_have_attribute("href", re.compile(rf"replay\?session=s\w+&t={second}$"))

    # a click on the curve names the viewers of that second; each opens the replay there
    curve = page.locator(".js-plotly-plot .nsewdrag").first
    click_second(page, curve, 8)
    expect(page.get_by_text("Highest at 0:08", exact=True)).to_be_visible()
    link = page.locator(".st-key-moment").get_by_role("link").first
    expect(link).to_have_attribute("href", re.compile(r"replay\?session=s\w+&t=8"))

    # coming back, a drawing that was clicked is a new one: no second is chosen
    page.get_by_role("link", name="Studies", exact=True).click()
    page.get_by_role("link", name="Demo: one ad, two versions").click()
    expect(curve).to_be_visible()
    expect(page.get_by_text("Highest at 0:08", exact=True)).to_have_count(0)
    drawn = page.locator(".st-key-audience .rapt-figure")
    drawn.evaluate("box => box.dataset.seen = 'yes'")
    page.get_by_role("link", name="Studies", exact=True).click()
    expect(drawn).to_have_count(0)
    page.get_by_role("link", name="Demo: one ad, two versions").click()
    # and one that was only looked at is there again, and can still be clicked
    expect(page.locator(".rapt-figure[data-seen=yes] .nsewdrag").first).to_be_visible()
    click_second(page, curve, 8)
    expect(page.get_by_text("Highest at 0:08", exact=True)).to_be_visible()

    page.get_by_role("link", name="Studies", exact=True).click()
    page.get_by_role("link", name="Demo: one ad, two versions").click()
    expect(curve).to_be_visible()
    expect(page.locator("[data-seen=yes]")).to_have_count(0)  # it was clicked meanwhile

    # a drawing that has shown several things is kept once, as the last of them
    measure = page.get_by_role("combobox", name="Measure")
    for name in ("Valence", "Attention", "Engagement"):
        measure.click()
        page.get_by_role("option", name=name, exact=True).click()
        expect(page.get_by_role("application", name=f"{name} of 48 viewers")).to_be_visible()
    page.get_by_role("link", name="Studies", exact=True).click()
    expect(drawn).to_have_count(0)
    kept, boxes = page.evaluate(
        "() => [window.__raptDrawn.size, new Set(window.__raptDrawn.values()).size]"
    )
    assert kept == boxes > 0
    page.get_by_role("link", name="Demo: one ad, two versions").click()
    expect(page.locator(".rapt-sentence")).to_be_visible()
    expect(page.locator(".st-key-audience .nsewdrag").first).to_be_visible()
    expect(page.locator(".st-key-audience .scatterlayer path.js-line").first).to_be_attached()

    # one viewer is left out with a reason: the number follows; undo brings it back
    page.get_by_text("Sessions", exact=True).last.click()
    expect(page.get_by_text("All 48 sessions count")).to_be_visible()
    page.get_by_role("button", name="Leave a session out").click()
    page.get_by_label("Why", exact=True).fill("fell asleep")
    page.get_by_role("button", name="Leave out", exact=True).click()
    expect(page.get_by_text("left out by hand: fell asleep")).to_be_visible()
    expect(page.get_by_text("1 of 48 sessions left out")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("All 48 sessions count")).to_be_visible()

    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator(".rapt-sentence")).to_contain_text(
        "B held attention better and engaged more from 0:12 to 0:19"
    )
    expect(page.get_by_text("Simulated viewers: nobody was filmed.")).to_be_visible()
    expect(page.get_by_text("Engagement is higher in B from 0:12 to 0:19, 0:24")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Product")).to_contain_text("large")


@only_long
def test_a_films_cuts_propose_scenes_and_a_marker_says_where_it_begins(
    page: Page, server: Server, tmp_path: Path
) -> None:
    film = cut_film(tmp_path / "spot.mp4", ("astronaut", 3), ("coffee", 2), ("rocket", 2.5))
    sessions = [
        plant(server.home, f"late {n}", seconds=12, viewers=1, rate=3, seed=n) for n in (1, 2)
    ]
    with open_store(server.home) as store:
        store.sync()
        study = store.run(AddStudy(name="Cuts"))
        film_id = store.run(
            AddStimulus(title="Spot", study_id=study, path=str(film), length_ms=7500)
        )
        for session, at in zip(sessions, (2400, 3100)):
            store.run(AssignSession(session_id=session, study=study, stimulus=film_id))
            mark = {"name": "ad starts", "from_ms": at}
            store.run(AddMarkers(session_id=session, markers=[mark]))

    page.goto(f"/study?id={study}&view=Film")
    page.get_by_role("button", name="Find the cuts").click()
    expect(page.get_by_text("3 scenes between 2 cuts")).to_be_visible()
    page.get_by_role("button", name="Add 3 scenes").click()
    expect(page.get_by_text(re.compile("long · 3 scenes and markers"))).to_be_visible()
    expect(page.get_by_role("button", name="Add 3 scenes")).to_have_count(0)
    with open_store(server.home) as store:
        assert [mark.from_ms for mark in store.markers.list(stimulus_id=film_id)] == [0, 3000, 5000]

    page.get_by_text("Sessions", exact=True).last.click()
    expect(page.get_by_text("Marker in the recordings")).to_be_visible()
    page.get_by_role("button", name="Set 2 beginnings").click()
    expect(page.get_by_role("button", name="Already set")).to_be_disabled()
    with open_store(server.home) as store:
        assert [store.sessions.get(one).offset_ms for one in sessions] == [2400, 3100]

    # one viewer is a row of the heat map; a click opens the replay at that second
    page.get_by_text("Response", exact=True).click()
    field = page.locator(".field")
    field.click(position={"x": 5, "y": 5})
    expect(page).to_have_url(re.compile(r"/replay\?session=\w+&t=(2\.4|3\.1)$"))
    page.locator(".chart").wait_for()


def test_twelve_recordings_are_assigned_to_two_conditions_by_name(page: Page) -> None:
    page.goto("/studies")
    page.get_by_role("button", name="New study").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Spring spot")
    page.get_by_role("textbox", name="Conditions").fill("A, B")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Spring spot")).to_be_visible()
    page.get_by_role("button", name="Open the study").click()
    page.get_by_role("radio", name="Sessions", exact=True).click()
    page.get_by_role("button", name="Add sessions").click()
    page.get_by_role("button", name="Add 12 sessions").click()
    expect(page.get_by_text("All 12 sessions count")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("textbox", name="Pattern").fill("{respondent}_{condition}_*")
    page.keyboard.press("Enter")
    expect(page.get_by_text("12 of 12 names fit: 6 in A, 6 in B")).to_be_visible()
    page.get_by_role("button", name="Assign 12 sessions").click()
    expect(page.get_by_text("12 sessions assigned")).to_be_visible()

    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator(".rapt-sentence")).to_contain_text("6 viewers a side")
    # a film without scenes: everything below the sentence is there too
    expect(page.locator(".st-key-spread .nsewdrag")).to_be_attached()
    expect(page.get_by_text("Simulated viewers")).to_have_count(0)
