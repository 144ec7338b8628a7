"""A catalogue of 50,000 titles in a browser: how soon its page stands, by the wall.

    python -m benchmarks.large_catalogue [--items 50000]

A real server and a real Chromium. The server has shown the page once with nothing timed, so that
no import is part of it; then each round is a new tab that opens the page by its address, and a
search typed there. Writes docs/benchmarks/large_catalogue.md.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.pages_at_scale import FLAGS, browser_path, served
from fer_core.home import Home
from fer_core.machine import stamp
from fer_core.recommend.catalogue import starter_catalogue
from fer_core.storage import open_store
from fer_core.storage.recommend.catalogue import SaveItems
from tests.e2e.entry import cookie

OUT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "large_catalogue.md"
ROUNDS = 7


def fill(home: Home, items: int) -> None:
    shipped = starter_catalogue()
    many = [
        replace(shipped[i % len(shipped)], item_id=f"x-{i}", title=f"Title {i}")
        for i in range(items)
    ]
    with open_store(home, look_after=False) as store:
        store.run(SaveItems(items=tuple(many)))


def opened(context: BrowserContext, url: str) -> tuple[Page, float]:
    """A new tab on the catalogue, and the seconds until its titles stand."""
    page = context.new_page()
    begun = time.monotonic()
    page.goto(f"{url}/recommend?view=Catalogue")
    page.get_by_text("titles", exact=False).filter(has_text=",").first.wait_for()
    page.get_by_role("button", name="Edit").first.wait_for()
    return page, time.monotonic() - begun


def searched(page: Page, title: str) -> float:
    """Seconds from the search's Enter until its one title stands alone."""
    page.get_by_label("Find a title").fill(title)
    begun = time.monotonic()
    page.keyboard.press("Enter")
    page.get_by_text("1 title", exact=True).wait_for()
    return time.monotonic() - begun


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--items", type=int, default=50_000)
    items = ask.parse_args().items
    first, found = [], []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        home = Home(Path(folder) / "home")
        fill(home, items)
        with served(home, Path(folder) / "log") as (url, _):
            browser = play.chromium.launch(executable_path=browser_path(), args=FLAGS)
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies([cookie(home, url)])
            opened(context, url)[0].close()
            for number in range(ROUNDS):
                page, seconds = opened(context, url)
                first.append(seconds)
                found.append(searched(page, f"Title {items - 1 - number}"))
                page.close()
            browser.close()
    OUT.write_text(
        f"""# A catalogue of {items:,} titles in a browser

{stamp("python -m benchmarks.large_catalogue")}.

By the wall, {ROUNDS} rounds, server and Chromium on the same cores: from a new tab's address until
the catalogue's page stands with its titles, median {statistics.median(first):.2f} s
({min(first):.2f} to {max(first):.2f}); from the search's Enter until its one title stands alone,
median {statistics.median(found):.2f} s ({min(found):.2f} to {max(found):.2f}).
""",
        encoding="utf-8",
    )
    print(OUT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
