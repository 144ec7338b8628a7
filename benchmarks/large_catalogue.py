"""A catalogue of 50,000 titles in a browser: how soon its page stands, by the wall.

    python -m benchmarks.large_catalogue [--items 50000]

Two real servers and a real Chromium: one store has many titles, the other one title, which shows
what opening any page costs. Both have shown the page once with nothing timed, so that no import
is part of it. Each round: a new tab on either by the page's address, in turn; a search typed
there; and the way of somebody who is in the dashboard already, from Recommend's first view to
the catalogue. Writes docs/benchmarks/large_catalogue.md.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.served import FLAGS, browser_path, served
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
    page.get_by_role("button", name="Edit").first.wait_for()
    return page, time.monotonic() - begun


def turned(page: Page, url: str) -> float:
    """Seconds from a click on *Catalogue* in Recommend until its titles stand."""
    page.goto(f"{url}/recommend")
    view = page.get_by_role("radio", name="Catalogue", exact=True)
    view.wait_for()
    page.wait_for_load_state("networkidle")
    begun = time.monotonic()
    view.click()
    page.get_by_role("button", name="Edit").first.wait_for()
    return time.monotonic() - begun


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
    times: dict[str, list[float]] = {"many": [], "one": [], "click": [], "search": []}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        root = Path(folder)
        many, one = Home(root / "many"), Home(root / "one")
        fill(many, items)
        fill(one, 1)
        with (
            served(many, root / "many.log") as (url, _),
            served(one, root / "one.log") as (small, _),
        ):
            browser = play.chromium.launch(executable_path=browser_path(), args=FLAGS)
            context, beside = (
                browser.new_context(viewport={"width": 1440, "height": 900}) for _ in range(2)
            )
            context.add_cookies([cookie(many, url)])
            beside.add_cookies([cookie(one, small)])
            opened(context, url)[0].close()
            opened(beside, small)[0].close()
            for number in range(ROUNDS):
                page, seconds = opened(beside, small)
                times["one"].append(seconds)
                page.close()
                page, seconds = opened(context, url)
                times["many"].append(seconds)
                times["search"].append(searched(page, f"Title {items - 1 - number}"))
                times["click"].append(turned(page, url))
                page.close()
            browser.close()
    rows = "\n".join(
        f"| {what} | {statistics.median(times[key]):.2f} s | {min(times[key]):.2f} to"
        f" {max(times[key]):.2f} |"
        for what, key in (
            (f"a new tab's address, {items:,} titles", "many"),
            ("the same, one title", "one"),
            (f"a click from Recommend to its catalogue, {items:,} titles", "click"),
            (f"a search's Enter until one title of {items:,} stands alone", "search"),
        )
    )
    OUT.write_text(
        f"""# A catalogue of {items:,} titles in a browser

{stamp("python -m benchmarks.large_catalogue")}.

By the wall, {ROUNDS} rounds, servers and Chromium on the same cores, until the titles stand:

| from | median | least to most |
| --- | ---: | ---: |
{rows}

A new tab begins with Streamlit's own program, which the page with one title waits for as well.
""",
        encoding="utf-8",
    )
    print(OUT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
