"""Pictures of the demo's report, to be looked at: each page of the PDF, the page in four ways."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
from playwright.sync_api import Browser

from fer_core.home import Home
from fer_core.reports.build import written
from fer_core.reports.compose import compose
from fer_core.reports.content import gather
from fer_core.storage import open_store
from fer_core.studies.demo import plant_demo
from fer_core.studies.membership import load_study
from tests.e2e.looks import asked

REPORT = ("report", "report-pdf")


def report_shots(browser: Browser, folder: Path, out: Path) -> None:
    """Into ``out``: ``report-pdf-1.png`` and so on, ``report-light-1440.png`` and so on."""
    with open_store(Home(folder / "home"), look_after=False) as store:
        document = compose(gather(store, load_study(store, plant_demo(store)[0])))
    for at, page in enumerate(pypdfium2.PdfDocument(written(document, "pdf")), start=1):
        page.render(scale=1.6).to_pil().save(out / f"report-pdf-{at}.png")
    html = folder / "report.html"
    html.write_bytes(written(document, "html"))
    for look in asked():
        context = browser.new_context(**look.context(offline=True))
        page = context.new_page()
        page.goto(html.as_uri())
        page.screenshot(path=out / f"report-{look.tag}.png", full_page=True)
        context.close()
