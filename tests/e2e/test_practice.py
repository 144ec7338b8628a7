"""One button leads from an empty home to a practice model, in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Page, expect

from tests.long import only_long

PATIENT_MS = 600_000


@only_long  # two minutes: a model is trained
def test_one_button_leads_to_mistakes_and_a_practice_model(
    page: Page, record_property: Callable[[str, object], None]
) -> None:
    page.goto("/mistakes")
    begun = time.monotonic()
    page.get_by_role("button", name="Practise on drawn faces").click()
    about = page.get_by_text("say nothing about people").first
    expect(about).to_be_visible(timeout=PATIENT_MS)
    took = time.monotonic() - begun
    record_property("seconds until a practice model stands", round(took))
    assert page.get_by_role("button", name="Promote").count() == 0
    expect(page.get_by_text("Drawn faces").first).to_be_visible()
    page.get_by_role("button", name="See the mistakes on drawn faces").click()
    expect(page.get_by_text("read as something other than their label").first).to_be_visible()
    expect(page.get_by_text("Drawn faces: they show how this works").first).to_be_visible()
    page.goto("/models")
    expect(page.get_by_text("practice model").first).to_be_visible()
