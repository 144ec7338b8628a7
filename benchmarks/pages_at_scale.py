"""How fast pages show with ten million timeline rows: a real server, a real Chromium.

    python -m benchmarks.pages_at_scale [--rows 10000000] [--out docs/benchmarks/pages.md]
    python -m benchmarks.pages_at_scale --home DIR --archived 90000000 [--fill-only SECONDS]

The store is filled by SQL: 2,000 sessions of one viewer, 30 frames a second, as ten studies
of 200. The server has run for a moment and has shown a small study, so that nothing is
imported while the clock runs. A first visit is a page that nobody has asked for since the
server started, opened by its address. A second visit is the same again: by its address, which
loads the app anew, and by links within the app, from the page to the studies and back. The
clock is read when the answer stands (of Study its sentence and the main curve, both drawn), and
stops when everything that the page draws is there. Then a million rows more are added, and first
visits to other studies are timed again.

With --archived there are so many rows more in the archive, in sessions of no study, and one study's
are moved there; then first visits to a study in the table and to that one are timed. Filling may be
done in pieces.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.large_store import A_STUDY, FPS, STUDIES, fill, fill_archive, make_studies
from benchmarks.served import FLAGS, PROJECT, browser_path, cpu_s, family_s, served
from fer_core.home import Home
from fer_core.machine import stamp
from fer_core.storage import open_store
from fer_core.storage.timeline.archiving import ArchiveTimeline
from tests.e2e.entry import cookie

OUT = PROJECT / "docs" / "benchmarks" / "pages.md"
ARCHIVED_OUT = OUT.with_name("pages-archive.md")
#: Studies whose first visit is timed before and after the store has grown.
BEFORE, AFTER = range(4), range(4, 8)
WANTED_ANSWER, WANTED_FIRST, WANTED_SECOND, WANTED_GROWTH = 900, 1500, 400, 10

STUDIES_LINK = "a[href$='/studies']"  # in the side bar of every page

#: Plotly's name for what is in the figure of all viewers' means.
SPREAD = ".st-key-spread .violin, .st-key-spread .box"


@dataclass(frozen=True)
class View:
    """One page: its address, what must be there, and the way back to it within the app."""

    name: str
    address: str
    drawn: tuple[str, ...]  # selectors, all visible when the page is whole
    back: tuple[
        str, ...
    ] = ()  # what is clicked, one after another, to come back; the last is timed
    answer: tuple[str, ...] = ()  # selectors of the answer, where that stands before the rest


def views(study: int) -> list[View]:
    curve = ".st-key-audience .nsewdrag"
    answer = (".rapt-sentence", f"{curve} >> nth=0")
    return [
        View("Overview", "/", (".st-key-totals", "text=All sessions", "img.rapt-spark >> nth=7"),
             (STUDIES_LINK, "a[href$='/']")),
        View("Sessions", "/sessions", ("text=Page 1 of", "img.rapt-spark >> nth=19"),
             (STUDIES_LINK, "a[href$='/sessions']")),
        View("Study", f"/study?id=study{study}",
             (f"{curve} >> nth=0", ".st-key-viewers-map .times span >> nth=1", ".rapt-ties"),
             (STUDIES_LINK, f"a[href*='id=study{study}']"), answer),
        View("Study, baseline corrected", f"/study?id=study{study}&baseline=true",
             (f"{curve} >> nth=0", ".st-key-viewers-map .times span >> nth=1", ".rapt-ties"),
             answer=answer),
        View("Compare", f"/compare?study=study{study}",
             (".rapt-sentence", ".st-key-compare .nsewdrag >> nth=0", SPREAD),
             (STUDIES_LINK, f"a[href*='id=study{study}']", "button:has-text('Compare')")),
    ]  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """How long a page took, and the processor time of server and browser meanwhile, in ms.

    answer: until its answer stood.
    """

    answer: float
    wall: float
    server: float
    browser: float


class Watch:
    """A clock and the processor time used since it was made."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._browser_s = family_s(os.getpid(), server)
        self._server_s = cpu_s(server)
        self._begun = time.perf_counter()
        self._answered: float | None = None

    def answered(self) -> None:
        self._answered = time.perf_counter() - self._begun

    def stop(self) -> Shown:
        taken = time.perf_counter() - self._begun
        answer = taken if self._answered is None else self._answered
        server = cpu_s(self._server) - self._server_s
        browser = sum(
            used - self._browser_s.get(pid, 0.0)
            for pid, used in family_s(os.getpid(), self._server).items()
        )
        return Shown(1000 * answer, 1000 * taken, 1000 * server, 1000 * browser)


def wait(page: Page, view: View, watch: Watch | None = None) -> None:
    for selector in view.answer:
        page.locator(selector).first.wait_for(timeout=60_000)
    if watch is not None and view.answer:
        watch.answered()
    for selector in view.drawn:
        page.locator(selector).first.wait_for(timeout=60_000)


def visit(page: Page, view: View, pid: int) -> Shown:
    """Open a page by its address, as from a bookmark."""
    page.goto("about:blank")
    watch = Watch(pid)
    page.goto(view.address, wait_until="commit")
    wait(page, view, watch)
    return watch.stop()


def follow(page: Page, view: View, pid: int) -> Shown:
    """Come back to it by links within the app, having seen it and then another page."""
    *way, last = view.back
    for selector in way:
        page.locator(selector).first.click(timeout=60_000)
    link = page.locator(last).first
    link.wait_for(timeout=60_000)
    page.wait_for_timeout(1000)
    watch = Watch(pid)
    link.click()
    wait(page, view, watch)
    return watch.stop()


Times = dict[str, dict[str, list[Shown]]]


def measure(context: BrowserContext, pid: int, studies: range, *, again: bool) -> Times:
    """First visits, a study each, and second ones; Overview and Sessions have one first."""
    times: Times = {}
    for study in studies:
        for view in views(study):
            kept = times.setdefault(view.name, {"first": [], "second": [], "link": []})
            page = context.pages[0]
            seen_before = view.name in ("Overview", "Sessions") and study != studies[0]
            kept["second" if seen_before else "first"].append(visit(page, view, pid))
            if again:
                kept["second"].append(visit(page, view, pid))
                if view.back:
                    kept["link"].append(follow(page, view, pid))
    return times


def warm(context: BrowserContext, study: int) -> None:
    page = context.pages[0]
    for view in [*views(study), *views(study)]:  # a browser keeps what it compiled the second time
        if view.name in ("Overview", "Sessions"):
            continue  # theirs are the store's numbers: their first visit comes once
        page.goto(view.address)
        wait(page, view)


def middle(found: list[Shown], name: str) -> float:
    return statistics.median(getattr(one, name) for one in found)


def least(found: list[Shown], name: str) -> float:
    """The quickest: what else the machine does only adds, and not the same to both."""
    return min(getattr(one, name) for one in found)


def table(times: Times) -> list[str]:
    lines = [
        "| page | first visit | of it server, browser | again, by address | server, browser "
        "| again, by a link | server, browser | first visit until the answer, ms |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, kinds in times.items():
        cells = [name]
        for found in kinds.values():
            cells += [f"{middle(found, 'wall'):.0f} ms", work(found)] if found else ["–", "–"]
        cells.append(f"{middle(kinds['first'], 'answer'):.0f}")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def work(found: list[Shown]) -> str:
    return f"{middle(found, 'server'):.0f}, {middle(found, 'browser'):.0f} ms"


def growth(before: Times, after: Times) -> list[str]:
    lines = ["| page | before | with a million more | change | server before | server after |",
             "| --- | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
    for name in before:
        if name in ("Overview", "Sessions"):
            continue
        a, b = before[name]["first"], after[name]["first"]
        change = 100 * (least(b, "wall") / least(a, "wall") - 1)
        lines.append(
            f"| {name} | {least(a, 'wall'):.0f} ms | {least(b, 'wall'):.0f} ms "
            f"| {change:+.0f} % | {least(a, 'server'):.0f} ms | {least(b, 'server'):.0f} ms |"
        )
    return lines


def run(home: Home, folder: Path, studies: range, *, again: bool) -> Times:
    with (
        served(home, folder / "server.log") as (address, pid),
        sync_playwright() as play,
    ):
        context = play.chromium.launch_persistent_context(
            str(folder / "profile"), executable_path=browser_path(), args=FLAGS, headless=True,
            viewport={"width": 1440, "height": 900}, base_url=address,
        )  # fmt: skip
        context.add_cookies([cookie(home, address)])
        warm(context, STUDIES - 1)
        times = measure(context, pid, studies, again=again)
        context.close()
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--home", type=Path, help="keep the store here, and use it again")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--archived", type=int, default=0, help="so many rows more in the archive")
    parser.add_argument("--fill-only", type=float, help="fill the archive for so many seconds")
    parser.add_argument("--quick", action="store_true", help="no growth, one study, no page")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rapt-pages-"))
    home = Home(given.home or folder / "home")
    frames = given.rows // (STUDIES * A_STUDY)
    if frames < 30 * FPS:
        raise SystemExit(f"{given.rows:,} rows are under 30 s a session: there is nothing to show.")
    try:
        if not home.database.exists():
            with open_store(home, look_after=False) as store:
                make_studies(store, 1000 * frames // FPS)
                fill(store, 0, STUDIES * A_STUDY, frames, studies=True)
                store.checkpoint()
        if given.archived:
            if fill_up(home, frames, given.archived, given.fill_only):
                lines = archived_page(home, folder, given.archived)
                print("\n".join(lines))
                ARCHIVED_OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
            return
        if given.quick:
            print("\n".join(table(run(home, folder, range(1), again=True))))
            return
        before = run(home, folder, BEFORE, again=True)
        with open_store(home, look_after=False) as store:
            fill(store, STUDIES * A_STUDY, STUDIES * A_STUDY // 10, frames, studies=False)
            store.checkpoint()
        after = run(home, folder, AFTER, again=False)
        lines = page_of(given.rows, home, before, after)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(lines))
    given.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def fill_up(home: Home, frames: int, rows: int, seconds: float | None) -> bool:
    """Fill the archive, for so many seconds; whether it is full and pages are to be timed."""
    until = None if seconds is None else time.monotonic() + seconds
    with open_store(home, look_after=False) as store:
        there = store.sessions.overview().sessions
        wanted = STUDIES * A_STUDY + rows // frames
        while there < wanted and (until is None or time.monotonic() < until):
            several = min(A_STUDY, wanted - there)
            fill_archive(store, there, several, frames)
            there += several
        if there == wanted:
            study = [f"s{n:07d}" for n in range(A_STUDY, 2 * A_STUDY)]
            for session_id in study if store.timeline.count(study[0]) else ():
                store.run(ArchiveTimeline(session_id=session_id))
            store.erase()
        print(f"{there:,} of {wanted:,} sessions")
    return there == wanted and seconds is None


def archived_page(home: Home, folder: Path, rows: int) -> list[str]:
    """First visits, to a study whose rows are in the table and to one that is archived."""
    with open_store(home, look_after=False) as store:
        files = store.archive.all()
    total = sum(one.rows for one in files)
    size = sum(one.bytes for one in files)
    found = [run(home, folder, range(n, n + 1), again=False) for n in (0, 1)]
    lines = [
        "# Pages over an archive", "",
        f"{stamp(f'python -m benchmarks.pages_at_scale --archived {rows}')}.", "",
        f"{total:,} rows in {len(files):,} archived timelines of {size / 1e6:,.0f} MB, the others "
        f"in a store of {home.database.stat().st_size / 1e6:,.0f} MB. First visits, one each.",
    ]  # fmt: skip
    for said, times in zip(("in the table", "archived"), found):
        lines += ["", f"A study that is {said}:", "", *table(times)]
    return lines


def page_of(rows: int, home: Home, before: Times, after: Times) -> list[str]:
    return [
        "# Pages over a large store",
        "",
        f"{stamp(f'python -m benchmarks.pages_at_scale --rows {rows}')}.",
        "",
        f"{rows:,} timeline rows in {STUDIES * A_STUDY:,} sessions, "
        f"{STUDIES} studies of {A_STUDY} viewers.",
        "",
        f"Medians of {len(BEFORE)} studies, from the click to everything drawn, in Chromium on "
        "the same machine. The server has shown another study before; a first visit is one that "
        "nobody made since it started. The answer of Study stands when its sentence and the main "
        "curve are drawn; of the other pages it is all that they draw. Again: by address loads "
        "the app anew; by a link is coming back from the page «Studies» to what was open before. "
        "The times of server and browser are processor time.",
        "",
        f"Wanted: Study's answer {WANTED_ANSWER} ms, first {WANTED_FIRST} ms, "
        f"again {WANTED_SECOND} ms, growth under {WANTED_GROWTH} %.",
        "",
        *table(before),
        "",
        f"First visits to other studies after {rows // 10:,} rows more in "
        f"{STUDIES * A_STUDY // 10} sessions, the quickest of {len(BEFORE)} each:",
        "",
        *growth(before, after),
    ]


if __name__ == "__main__":
    main()
