"""From the camera to the drawn picture, in a real browser: `python -m benchmarks.live_browser`.

Chromium's camera is a film whose frames carry their number as a pattern. The page reads the
number where the camera gives a picture and where the drawn one is shown: the time between is
the delay, all of it: coding, network, analysis, drawing, coding, decoding, the screen's turn.
Browser and server share this machine. Writes docs/benchmarks/live_browser.md.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import BrowserType, Page, sync_playwright

from fer_core.faces import make_detector
from fer_core.home import Home
from fer_core.machine import stamp
from tests.e2e.conftest import Server, serve
from tests.e2e.live_films import Person, camera_film
from tests.e2e.live_rig import SPY, WATCH, camera_browser, changes, faces, start, stop, visit

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "live_browser.md"
SETTLE_S = 5.0
ROOM_RATE = 15
#: In the room of a loop of six seconds: one person from 0.5 s to 5.5 s, another from 2 s to 4 s.
ROOM = [Person(60, 60, 220, 0.5, 5.5), Person(360, 60, 200, 2, 4, mirrored=True)]


@dataclass
class Seen:
    """One page's stretch of a run."""

    delays: list[float]  # ms, a drawn picture each
    shown: float  # drawn pictures a second on the screen
    rate: float  # analysed pictures a second, of the store
    dropped: int
    told: list[float]  # ms, the page's own figure
    size: str
    curve: float  # ms between two drawings of the curves, the median


def crowd(columns: int, rows: int, width: int, height: int) -> list[Person]:
    step_x, step_y = width // columns, (height - 40) // rows
    side = min(step_x, step_y) - 10
    return [
        Person(5 + x * step_x, 5 + y * step_y, side, 0, 1e9, mirrored=(x + y) % 2 == 1)
        for x, y in itertools.product(range(columns), range(rows))
    ]


def open_page(kind: BrowserType, server: Server, film: Path, name: str, size: str) -> Page:
    page = visit(camera_browser(kind, film), server, script=SPY)
    page.locator("[name=size]").select_option(size)
    start(page, name=name)
    page.evaluate(WATCH)
    return page


def watch(pages: list[Page], seconds: float) -> list[dict[str, Any]]:
    """Let them run, then what each page saw."""
    pages[0].wait_for_timeout(1000 * SETTLE_S)
    for page in pages:
        page.evaluate("window.given.length = window.shown.length = window.drawn.length = 0")
    told: list[list[float]] = [[] for _ in pages]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pages[0].wait_for_timeout(2000)
        for page, figures in zip(pages, told):
            text = page.locator(".delay").inner_text().split()[0]
            figures += [float(text)] if text.isdigit() else []
    found = []
    for page, figures in zip(pages, told):
        found.append(
            page.evaluate(
                "({given: window.given, shown: window.shown, drawn: window.drawn, size: "
                "window.film().videoWidth + ' × ' + window.film().videoHeight})"
            )
            | {"told": figures, "dropped": int(page.locator(".dropped").inner_text())}
        )
    return found


def delays(given: list[list[float]], shown: list[list[float]]) -> list[float]:
    """For each shown picture, how long ago the camera gave it; numbers come again in a loop."""
    when: dict[int, list[float]] = {}
    for at, number in given:
        when.setdefault(int(number), []).append(at)
    found = []
    for (_, before), (at, number) in itertools.pairwise(shown):
        known = [one for one in when.get(int(number), []) if one <= at]
        if number != before and known:
            found.append(at - known[-1])
    return found


def measured(server: Server, page: Page, saw: dict[str, Any]) -> Seen:
    session = stop(page)
    page.context.browser.close()
    times = [t for t, _ in faces(server.home, session) if t > 1000 * SETTLE_S]
    span = (saw["shown"][-1][0] - saw["shown"][0][0]) / 1000
    return Seen(
        delays=delays(saw["given"], saw["shown"]),
        shown=len(saw["shown"]) / span,
        rate=1000 * (len(times) - 1) / (times[-1] - times[0]),
        dropped=saw["dropped"],
        told=saw["told"],
        size=saw["size"],
        curve=statistics.median(b - a for a, b in itertools.pairwise(saw["drawn"])),
    )


def people(number: int) -> int:
    return sum(one.from_s <= number / ROOM_RATE < one.to_s for one in ROOM)


def truth(kind: BrowserType, server: Server, film: Path, seconds: float) -> list[float]:
    """How far the store's comings and goings are from the camera's, in ms."""
    page = open_page(kind, server, film, "Room", "640x360")
    page.wait_for_timeout(1000 * seconds)
    page.locator(".live .how").click()
    page.evaluate("addEventListener('keydown', () => window.pressed = performance.now(), true)")
    page.keyboard.press("m")
    page.locator(".marks li").wait_for()
    pressed, given = page.evaluate("[window.pressed, window.given]")
    session = stop(page)
    page.context.browser.close()
    from fer_core.storage import open_store

    with open_store(server.home) as store:
        zero = pressed - store.markers.list(session_id=session)[0].from_ms
    seen = faces(server.home, session)
    events = changes(seen)
    counts = [(at - zero, people(int(number))) for at, number in given]
    off = []
    for (_, before), (t, now) in itertools.pairwise(counts):
        if now != before and 800 < t < seen[-1][0] - 800:
            off.append(min((e - t for e, n in events if n == now), key=abs))
    return off


def row(name: str, seen: list[Seen]) -> str:
    every = [d for one in seen for d in one.delays]
    told = [d for one in seen for d in one.told]
    half, most = np.percentile(every, [50, 95])
    rates = ", ".join(f"{one.rate:.1f}" for one in seen)
    return (
        f"| {name} | {seen[0].size} | {half:.0f} | {most:.0f} | {statistics.median(told):.0f} | "
        f"{rates} | {', '.join(f'{one.shown:.1f}' for one in seen)} | "
        f"{sum(one.dropped for one in seen)} | {max(one.curve for one in seen):.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=40.0, help="of each run")
    parser.add_argument("--only", default="", help="films whose name holds this; writes no page")
    parser.add_argument("--no-page", action="store_true", help="print only")
    asked = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as play:
        folder, kind = Path(temporary), play.chromium
        home = Home(folder / "home")
        make_detector("mtcnn", cache=home.cache)
        one = camera_film(folder / "one.y4m", [Person(210, 60, 220, 0, 1e9)], 12, rate=25,
                          numbered=True)  # fmt: skip
        twenty = camera_film(folder / "twenty.y4m", crowd(5, 4, 1280, 720), 4, width=1280,
                             height=720, numbered=True)  # fmt: skip
        room = camera_film(folder / "room.y4m", ROOM, 6, rate=ROOM_RATE, numbered=True)
        server = serve(home, folder / "server.log")
        try:
            for name, film, size, browsers in (
                ("one face", one, "640x360", 1),
                ("twenty faces", twenty, "1280x720", 1),
                ("three browsers, a face each", one, "640x360", 3),
            ):
                if asked.only not in name:
                    continue
                copies = [film]
                for turn in range(1, browsers):
                    copies.append(Path(shutil.copy(film, folder / f"copy-{turn}.y4m")))
                pages = [
                    open_page(kind, server, path, f"{name} {turn}", size)
                    for turn, path in enumerate(copies)
                ]
                saw = watch(pages, asked.seconds)
                rows.append(row(name, [measured(server, p, s) for p, s in zip(pages, saw)]))
                print(rows[-1], flush=True)
            off = [] if asked.only else truth(kind, server, room, asked.seconds)
        finally:
            server.stop()
    if not asked.only:
        text = page_of(rows, off, asked.seconds)
        print(text)
        if not asked.no_page:
            PAGE.write_text(text)


def page_of(rows: list[str], off: list[float], seconds: float) -> str:
    sizes = sorted(abs(one) for one in off)
    lines = [
        "# Live: from the camera to the drawn picture",
        "",
        "Written by a command; do not edit. Chromium's camera is a film whose frames carry their",
        "number as a pattern; the page reads it where the camera gives a picture and where the",
        "drawn one is shown. Browser and server share the machine: on two of them, each has more.",
        f"Each run {seconds:.0f} s after {SETTLE_S:.0f} s to settle. The boxes are drawn on the",
        "frame that was analysed, so they lag behind the picture that they lie on by nothing.",
        "",
        stamp("python -m benchmarks.live_browser"),
        "",
        "| film | size | delay, median ms | 95 % under, ms | delay that the page says, ms "
        "| analysed a second | shown a second | dropped | curves drawn every, ms |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
        f"People who come and go at known times: {len(off)} events, the store's time off by "
        f"{statistics.median(sizes):.0f} ms at the median, {sizes[-1]:.0f} ms at most.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
