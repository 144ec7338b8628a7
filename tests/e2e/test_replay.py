"""The replay and the correction of viewers, in a real browser."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Locator, Page, expect

from fer_core.storage import open_store
from tests.dashboard.simulated import plant
from tests.e2e.conftest import Server
from tests.e2e.films import room_film
from tests.waiting import eventually

SECONDS = 20
LEFT = 56  # pixels beside the curve


@pytest.fixture(scope="module")
def session(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two simulated viewers in a film that plays."""
    film = room_film(tmp_path_factory.mktemp("film") / "room.mp4", seconds=SECONDS, viewers=2)
    session = plant(
        server.home,
        "Two viewers",
        seconds=SECONDS,
        viewers=2,
        path=str(film),
        info={"width": 400, "height": 320, "fps": 10.0, "codec": "h264"},
    )
    with open_store(server.home) as store:
        store.sync()
    return session


def film_time(page: Page) -> float:
    return float(page.locator("video").evaluate("film => film.currentTime"))


def seeking(page: Page) -> bool:
    return bool(page.locator("video").evaluate("film => film.seeking"))


def cursor(page: Page) -> float:
    """Where the cursor stands, as a share of the curve's width."""
    chart, line = page.locator(".chart").bounding_box(), page.locator(".cursor").bounding_box()
    assert chart is not None
    assert line is not None
    return (line["x"] + 1 - chart["x"] - LEFT) / (chart["width"] - LEFT - 8)


def drawn(page: Page) -> int:
    """How many pixels lie over the faces."""
    return int(
        page.locator("canvas.faces").evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
            ".reduce((sum, value, i) => sum + (i % 4 === 3 && value > 0), 0)"
        )
    )


def test_film_and_curve_follow_each_other_and_a_key_sets_markers(
    page: Page, server: Server, session: str
) -> None:
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(f"/replay?session={session}&t=4")
    chart = page.locator(".chart")
    chart.wait_for()
    eventually(lambda: abs(film_time(page) - 4) < 0.2)

    # the curve leads: a click in its middle
    box = chart.bounding_box()
    assert box is not None
    chart.click(position={"x": LEFT + (box["width"] - LEFT - 8) / 2, "y": 60})
    eventually(lambda: abs(film_time(page) - SECONDS / 2) < 0.2)
    eventually(lambda: abs(cursor(page) - 0.5) < 0.02)

    # the film leads: the cursor goes where it plays, and stops with it
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.keyboard.press("m")
    name = page.get_by_label("Name of the new marker")
    expect(name).to_be_focused()
    page.keyboard.press("Enter")
    expect(name).to_be_hidden()
    eventually(lambda: film_time(page) > SECONDS / 2 + 1)
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    stopped = film_time(page)
    assert stopped > SECONDS / 2 + 1
    eventually(lambda: abs(cursor(page) - stopped / SECONDS) < 0.02)
    page.keyboard.press("Shift+ArrowLeft")
    eventually(lambda: film_time(page) < stopped - 4)
    # a step counts from the picture that is shown, and that of a film on its way may lag
    eventually(lambda: not seeking(page))
    here = film_time(page)
    page.keyboard.press(".")
    eventually(lambda: 0.02 < film_time(page) - here < 0.2)

    # both markers are in the store, where the film was; a name typed here follows
    expect(page.locator(".marks li:not(.waiting)")).to_have_count(2)
    page.get_by_label("Name of the marker").last.fill("Logo")
    page.get_by_label("Name of the marker").last.press("Tab")
    with open_store(server.home) as store:
        eventually(lambda: "Logo" in [mark.name for mark in store.markers.list(session_id=session)])
        kept = store.markers.list(session_id=session)
    assert [mark.name for mark in kept] == ["Marker 1", "Logo"]
    assert 10_000 <= kept[0].from_ms < kept[1].from_ms <= 1000 * stopped + 100
    page.reload()
    expect(page.get_by_label("Name of the marker").last).to_have_value("Logo")

    # a drag chooses a stretch, which is marked; a viewer is left out of it, and taken back
    # (away from the cursor, which a drag would take along, and once the film has its size)
    eventually(lambda: drawn(page) > 1000)
    box = chart.bounding_box()
    assert box is not None
    second = (box["width"] - LEFT - 8) / SECONDS
    for what in ("Mark", "Leave out"):
        page.mouse.move(box["x"] + LEFT + 6 * second, box["y"] + 50)
        page.mouse.down()
        page.mouse.move(box["x"] + LEFT + 10 * second, box["y"] + 50, steps=4)
        page.mouse.up()
        if what == "Mark":
            page.get_by_role("button", name="Mark", exact=True).click()
            page.keyboard.type("Chorus")
            page.keyboard.press("Enter")
            expect(page.locator(".marks li:not(.waiting)")).to_have_count(3)
        else:
            page.get_by_label("Leave a viewer out of this stretch").select_option("Viewer 2")
            expect(page.get_by_text("Viewer 2 is left out from")).to_be_visible()
            page.locator(".undo button").click()
    with open_store(server.home) as store:
        named = {mark.name: mark for mark in store.markers.list(session_id=session)}
        assert abs(named["Chorus"].from_ms - 6000) < 150
        assert abs((named["Chorus"].to_ms or 0) - 10_000) < 150
        eventually(lambda: not [one for one in store.timeline.edits(session) if not one.undone])

    # a viewer's own curve, and everyone's again; the clock ends where the recording does
    page.get_by_label("Whose curve").select_option("Viewer 2")
    expect(page.locator(".lane button[aria-pressed=true]")).to_have_text("2")
    page.get_by_label("Whose curve").select_option("Everyone")
    expect(page.locator(".lane button[aria-pressed=true]")).to_have_count(0)
    chart.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".now")).to_have_text("0:20.0")

    # from here it is someone else, by keys alone; and taken back
    for _ in range(3):  # to 0:05, where both were seen before and are seen after
        page.keyboard.press("Shift+ArrowLeft")
    eventually(lambda: abs(film_time(page) - 5) < 0.2 and not seeking(page))
    eventually(lambda: drawn(page) > 1000)
    page.keyboard.press("s")
    expect(page.get_by_role("group", name="From here it is someone else")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("on viewer 1 is viewer 3.")).to_be_visible()
    expect(page.get_by_text("3 viewers")).to_be_visible()
    with open_store(server.home) as store:
        assert len(store.timeline.viewers(session)) == 3
    page.locator(".undo button").click()
    expect(page.get_by_text("2 viewers")).to_be_visible()

    # what lies over the faces can be switched off
    eventually(lambda: drawn(page) > 1000)
    for layer in ("Boxes", "Names", "Expressions"):
        page.get_by_role("button", name=layer, exact=True).click()
    eventually(lambda: drawn(page) == 0)
    page.get_by_role("button", name="Blur faces").click()
    eventually(lambda: drawn(page) > 1000)
    assert not broken


def test_two_numbers_of_one_person_become_one_and_two_again(
    page: Page, server: Server, session: str
) -> None:
    page.goto(f"/session?id={session}")
    lanes = page.get_by_text("Leading expression by viewer")
    expect(lanes).to_be_visible()
    before = mean_engagement(page).inner_text()
    page.get_by_role("button", name="Viewers", exact=True).click()
    page.get_by_role("radio", name="Merge").click()
    expect(page.get_by_text("Both are seen together for")).to_be_visible()
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(lanes).to_have_count(0)
    expect(page.get_by_text("0:20 · 1 viewer")).to_be_visible()
    with open_store(server.home) as store:
        assert len(store.timeline.viewers(session)) == 1
        assert store.timeline.rows(session)["viewer"].nunique() == 2
    expect(mean_engagement(page)).not_to_have_text(before)

    # the popover may have closed while the page was drawn anew
    corrected = page.get_by_text("Viewer 2 is viewer 1")
    page.keyboard.press("Escape")
    expect(corrected).to_be_hidden()
    page.get_by_role("button", name="Viewers", exact=True).click()
    expect(corrected).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(lanes).to_be_visible()
    expect(page.get_by_text("0:20 · 2 viewers")).to_be_visible()
    expect(mean_engagement(page)).to_have_text(before)
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(page).to_have_url(re.compile(rf"/replay\?session={session}"))
    page.locator(".chart").wait_for()


def mean_engagement(page: Page) -> Locator:
    return page.get_by_test_id("stMetricValue").first
