"""The report and the exports as a person gets them: by buttons, opened where they are read."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser, Page, expect

from fer_core.home import Home
from tests.e2e.conftest import LONG_MS, Server, serve
from tests.long import only_long

SENTENCE = "B held attention better and engaged more from 0:12 to 0:19"


@pytest.fixture(scope="module")
def server(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory, browser: object
) -> Iterator[Server]:
    """The demo study."""
    folder = tmp_path_factory.mktemp("report")
    shutil.copytree(demo_template, folder / "home")
    running = serve(Home(folder / "home"), folder / "server.log")
    yield running
    running.stop()


def press(page: Page, name: str) -> bytes:
    """Press a button and take the file that it hands out."""
    with page.expect_download(timeout=LONG_MS) as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    return Path(waiting.value.path()).read_bytes()


def told(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


@only_long
def test_a_study_is_taken_along_by_buttons(page: Page, browser: Browser, tmp_path: Path) -> None:
    page.goto("/studies")
    page.get_by_role("link", name="Demo: one ad, two versions").click()
    expect(page.locator(".rapt-sentence")).to_contain_text(SENTENCE)
    pages = told(press(page, "Report"))
    assert SENTENCE in pages[0]
    assert all("SIMULATED" in one for one in pages)

    page.get_by_role("button", name="Export", exact=True).click()
    html = tmp_path / "report.html"
    html.write_bytes(press(page, "Report, HTML"))
    read_everywhere(browser, html)
    names = zipfile.ZipFile(io.BytesIO(press(page, "Figures as SVG"))).namelist()
    assert "compare-attention.svg" in names
    book = openpyxl.load_workbook(io.BytesIO(press(page, "Excel workbook")), read_only=True)
    assert {"seconds", "scenes", "viewers", "method"} <= set(book.sheetnames)
    assert b"<ANNOTATION_DOCUMENT" in press(page, "ELAN")[:400]
    page.keyboard.press("Escape")

    # on Compare the report is of what is compared there
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator(".rapt-sentence")).to_contain_text(SENTENCE)
    assert SENTENCE in told(press(page, "Report"))[0]

    page.goto("/sessions")
    page.get_by_role("link", name="Version B, viewer 24").click()
    page.get_by_role("button", name="Download", exact=True).click()
    assert press(page, "Figure as PNG").startswith(b"\x89PNG")
    assert b"Expression, " in press(page, "ELAN")


def read_everywhere(browser: Browser, html: Path) -> None:
    """Wide and on a phone, light and dark, without a network: it fits and asks for nothing."""
    for width, shown, hidden in ((1440, ".wide", ".narrow"), (390, ".narrow", ".wide")):
        papers = set()
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
            )
            page = context.new_page()
            wanted: list[str] = []
            errors: list[str] = []
            page.on("request", lambda request, into=wanted: into.append(request.url))
            page.on("console", lambda said, into=errors: into.append(said.text))
            page.goto(html.as_uri())
            expect(page.get_by_role("heading", level=1)).to_contain_text("two versions")
            expect(page.get_by_text(SENTENCE).first).to_be_visible()
            expect(page.locator(f"figure {shown}").first).to_be_visible()
            expect(page.locator(f"figure {hidden}").first).to_be_hidden()
            across = page.evaluate("document.documentElement.scrollWidth")
            assert across <= width, f"{across} px wide on a page of {width}"
            smallest = page.evaluate(
                "Math.min(...[...document.querySelectorAll('figure svg text')].filter("
                "one => one.getBoundingClientRect().width).map("
                "one => one.getBoundingClientRect().height))"
            )
            assert smallest >= 9.5, "words in figures stay readable"
            papers.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
            assert wanted == [html.as_uri()]
            assert errors == []
            context.close()
        assert papers == {"rgb(255, 255, 255)", "rgb(15, 18, 23)"}
