"""From a study by its replay to a label by the keyboard alone; every stop on the way is seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
import cv2
from playwright.sync_api import Browser, Page, expect

from fer_core.storage import open_store
from tests.demo import copy_of
from tests.e2e.conftest import PATIENCE_MS, Server, serve
from tests.e2e.looks import LOOKS, still
from tests.e2e.page_scripts import FOCUSED
from tests.long import ONLY_LONG
from tests.storage.kept import seen, write
from tests.storage.rows import record
from tests.waiting import eventually

pytestmark = [*ONLY_LONG]

#: Takes the focus from it (true) or gives it back (false), as the keyboard would.
BLUR: Final = """
(away) => {
  if (!away) return window.kept?.focus({focusVisible: true, preventScroll: true});
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  window.kept = one;
  one?.blur();
}
"""
AROUND: Final = 6  # pixels: a ring may lie outside


@pytest.fixture(scope="module")
def furnished(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory, browser: object
) -> Iterator[Server]:
    """The demo study, and a session with twelve faces that wait for a label."""
    folder = tmp_path_factory.mktemp("keyboard")
    with copy_of(demo_template, folder) as store:
        home = store.home
    record(home, "skept", frames=300, name="Kept faces")
    write(home, [seen(25 * n, 0.9 - 0.05 * n) for n in range(12)], session_id="skept")
    running = serve(home, folder / "server.log")
    yield running
    running.stop()


@pytest.fixture
def person(browser: Browser, furnished: Server) -> Iterator[Page]:
    """Someone without a mouse, who asked for less motion."""
    context = browser.new_context(
        **LOOKS[0].context(base_url=furnished.url, storage_state=furnished.let_in()),
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


def picture(page: Page, stop: dict[str, Any]) -> np.ndarray:
    size = page.viewport_size
    assert size is not None
    left, top = max(0.0, stop["x"] - AROUND), max(0.0, stop["y"] - AROUND)
    clip = {
        "x": left, "y": top,
        "width": max(1.0, min(stop["width"] + 2 * AROUND, size["width"] - left)),
        "height": max(1.0, min(stop["height"] + 2 * AROUND, size["height"] - top)),
    }  # fmt: skip
    content = np.frombuffer(page.screenshot(clip=clip, animations="disabled"), np.uint8)
    return cv2.imdecode(content, cv2.IMREAD_GRAYSCALE).astype(int)


def is_seen(page: Page, stop: dict[str, Any]) -> bool:
    """Whether at least 30 pixels of it look another way than without the focus."""
    page.wait_for_timeout(250)  # a colour that changes slowly
    with_it = picture(page, stop)
    page.evaluate(BLUR, True)
    page.wait_for_timeout(250)
    without = picture(page, stop)
    page.evaluate(BLUR, False)
    return with_it.shape == without.shape and int((abs(with_it - without) > 20).sum()) >= 30


def tab_to(page: Page, wanted: str, stops: list[str], *, most: int = 90) -> None:
    """Press Tab until what is called so has the focus; fails where a stop cannot be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            continue
        stops.append(f"{stop['tag']} «{stop['name']}»")
        assert is_seen(page, stop), f"the focus cannot be seen on {stops[-1]}"
        if re.search(wanted, stop["name"]):
            return
    raise AssertionError(f"Tab does not reach {wanted!r}, only {stops[-most:]}")


def test_study_replay_and_label_by_the_keyboard_alone(
    person: Page, furnished: Server, record_property: Callable[[str, object], None]
) -> None:
    page, stops = person, list[str]()
    page.goto("/studies")
    page.get_by_role("link", name="Demo: one ad").wait_for()
    still(page)
    tab_to(page, "Demo: one ad", stops)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Demo: one ad").wait_for()
    page.locator(".rapt-ties").wait_for()
    still(page)

    tab_to(page, r"at 0:\d\d: replay of", stops)
    page.keyboard.press("Enter")
    page.locator(".chart").wait_for()
    session = parse_qs(urlsplit(page.url).query)["session"][0]
    still(page)

    tab_to(page, r"^Play", stops)
    marks = page.locator(".marks li:not(.waiting)")  # the film's own scenes are among them
    there = marks.count()
    page.keyboard.press("m")
    expect(page.get_by_label("Name of the new marker")).to_be_focused()
    page.keyboard.type("Product")
    page.keyboard.press("Enter")
    expect(marks).to_have_count(there + 1)
    before = page.locator(".now").inner_text()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".now")).not_to_have_text(before)

    tab_to(page, r"(^|\s)Label$", stops)  # its icon has a name too
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_have_text("0 labelled here, 12 to go")
    page.keyboard.press("4")
    expect(page.locator(".count")).to_have_text("1 labelled here, 11 to go")
    page.keyboard.press("ArrowLeft")  # takes it back
    expect(page.locator(".count")).to_have_text("0 labelled here, 12 to go")
    page.keyboard.press("1")
    expect(page.locator(".count")).to_have_text("1 labelled here, 11 to go")
    with open_store(furnished.home) as store:
        eventually(lambda: [label.said for label in store.labels.list()] == ["happy"])
        assert [mark.name for mark in store.markers.list(session_id=session)] == ["Product"]
    record_property("stops", len(stops))
