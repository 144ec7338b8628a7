"""Recommend in a real browser: a photograph in, a list out, answered by keys."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Page, expect

from fer_core.storage import open_store
from fer_core.storage.recommend.feedback import Action
from tests.e2e.conftest import Server
from tests.long import only_long
from tests.waiting import eventually


@only_long
def test_a_photograph_brings_titles_that_are_liked_and_disliked_by_key(
    page: Page, server: Server
) -> None:
    page.goto("/recommend")
    photograph = cv2.imencode(".png", np.ascontiguousarray(astronaut()[..., ::-1]))[1].tobytes()
    page.locator("input[type=file]").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": photograph}
    )
    expect(page.get_by_text("A bright look: happy leads with")).to_be_visible()
    titles = page.locator("article.title")
    expect(titles).to_have_count(12)
    first, second = titles.nth(0), titles.nth(1)
    expect(first.locator(".reason")).to_contain_text("for a bright look", ignore_case=True)
    page.locator("body").press("l")
    expect(first.locator("button.liked")).to_have_attribute("aria-pressed", "true")
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(second).to_be_focused()
    page.keyboard.press("d")
    expect(second.locator("button.disliked")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("o")
    expect(second.locator(".more")).to_be_visible()

    def answers() -> int:
        with open_store(server.home) as store:
            given = [one for one in store.feedback.list() if one.action is not Action.SHOWN]
            return len({one.item_id for one in given})

    assert eventually(lambda: answers() == 2)
    page.get_by_role("button", name="Another list").click()
    expect(page.get_by_text("2 answers so far")).to_be_visible()
    page.get_by_role("button", name="Delete answers").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete answers").click()
    expect(page.get_by_role("button", name="Show a list")).to_be_visible()
    assert answers() == 0
