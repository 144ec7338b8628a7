"""From a first visit to the answer, at full size, in a real browser: steps and time.

    python -m benchmarks.journeys [--out docs/benchmarks/journeys.md]

First a new store's first run: how soon a page answers after `rapt serve` begins, while the demo
study and the sample clip are still jobs. Then people's journeys, each with a server and a home of
its own. A person's time is the pages' and four seconds a step; what the computer takes to analyse
and to write a report is counted apart.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from fer_core.home import Home
from fer_core.machine import stamp
from fer_core.storage import open_store
from tests.e2e import journeys
from tests.e2e.conftest import FLAGS, PATIENCE_MS, find_browser, serve
from tests.e2e.journeys import Visit
from tests.ports import free_port

PROJECT = Path(__file__).resolve().parents[1]
OUT = PROJECT / "docs" / "benchmarks" / "journeys.md"
WANTED_S = 5.0
RAPT = (sys.executable, "-m", "fer_core.cli.main")

JOURNEYS: dict[str, Callable[[Page, Path], Visit]] = {
    "Ad tester: six recordings of 30 s, two conditions; the sentence and the PDF": (
        journeys.ad_tester
    ),
    "A folder of thirty of 2 s, one of them in another study; a CSV of respondents; the sentence": (
        journeys.thirty
    ),
}


def first_run(folder: Path) -> dict[str, float]:
    """Seconds: of the command that queues, until a page answers, until study and sample are there.

    The clock of all but the first begins with `rapt serve`.
    """
    home = Home(folder / "home")
    where = ["--home", str(home.root)]
    begun = time.monotonic()
    subprocess.run([*RAPT, "demo", "--queue", "--if-empty", *where], check=True)
    took = {"queued": time.monotonic() - begun}
    begun = time.monotonic()
    command = [*RAPT, "serve", "--no-browser", "--json", "--port", str(free_port()), *where]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        json.loads(server.stdout.readline())  # printed once the server answers
        took["answers"] = time.monotonic() - begun
        with open_store(home) as store:
            took["jobs left then"] = len(store.jobs.active())
            for job_id, what in (("first-run-study", "study"), ("first-run-sample", "sample")):
                while not store.jobs.get(job_id).status.over:
                    time.sleep(0.1)
                assert store.jobs.get(job_id).status == "done", store.jobs.get(job_id)
                took[what] = time.monotonic() - begun
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)
    return took


@contextmanager
def visitor(browser: Browser, folder: Path) -> Iterator[Page]:
    """A fresh visitor of a fresh server."""
    server = serve(Home(folder / "home"), folder / "server.log")
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        base_url=server.url,
        storage_state=server.let_in(),
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    try:
        yield page
    finally:
        context.close()
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    out = parser.parse_args().out
    expect.set_options(timeout=PATIENCE_MS)
    lines = ["# From a first visit to the answer", "", stamp("python -m benchmarks.journeys"), ""]
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as play:
        took = first_run(Path(temporary) / "first")
        lines += [
            f"**A new store.** `rapt demo --queue --if-empty` took {took['queued']:.1f} s. The "
            f"server answered {took['answers']:.1f} s after `rapt serve` began (wanted: "
            f"{WANTED_S:.0f} s), with {took['jobs left then']:.0f} of the two jobs still to come. "
            f"The demo study was there after {took['study']:.0f} s, the sample clip after "
            f"{took['sample']:.0f} s.",
            "",
            "**Journeys**, each in a home of its own. A person's time: the pages, and four seconds "
            "a step; wanted for the ad tester: under two minutes.",
            "",
            "| journey | steps | a person's time | computing |",
            "| --- | ---: | ---: | ---: |",
        ]
        browser = play.chromium.launch(executable_path=find_browser(), args=FLAGS)
        for at, (name, walk) in enumerate(JOURNEYS.items()):
            folder = Path(temporary) / str(at)
            folder.mkdir()
            with visitor(browser, folder) as page:
                visit = walk(page, folder)
            lines.append(
                f"| {name} | {visit.steps} | {visit.took_s:.0f} s | {visit.computing_s:.0f} s |"
            )
        browser.close()
    out.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
