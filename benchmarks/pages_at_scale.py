"""How fast pages show with ten million timeline rows: a real server, a real Chromium.

    python -m benchmarks.pages_at_scale [--rows 10000000] [--out docs/benchmarks/pages.md]

The store is filled by SQL: 2,000 sessions of one viewer, 30 frames a second, as ten studies
of 200. The server has run for a moment and has shown a small study, so that nothing is
imported while the clock runs. A first visit is a page that nobody has asked for since the
server started, opened by its address. A second visit is the same again: by its address, which
loads the app anew, and by links within the app, from the page to the studies and back. The
clock stops when everything that the page draws is there. Then a million rows more are added,
and first visits to other studies are timed again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.machine import stamp
from fer_core.storage import Store, open_store
from fer_core.storage.markers import AddMarkers
from fer_core.storage.studies import AddStimulus, AddStudy
from tests.e2e.entry import cookie

PROJECT = Path(__file__).resolve().parents[1]
OUT = PROJECT / "docs" / "benchmarks" / "pages.md"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip
STUDIES, A_STUDY = 10, 200
FPS = 30
#: Studies whose first visit is timed before and after the store has grown.
BEFORE, AFTER = range(4), range(4, 8)
WANTED_FIRST, WANTED_SECOND, WANTED_GROWTH = 1500, 400, 10
SCENES = (("Opening", 0, 40), ("Story", 40, 90), ("Product", 90, 130), ("End", 130, 160))

STUDIES_LINK = "a[href$='/studies']"  # in the side bar of every page

#: Plotly's name for what is in the figure of all viewers' means.
SPREAD = ".st-key-spread .violin, .st-key-spread .box"

_T = "(i / 30.0)"
_NOISE = "(hash(s, i, {}) % 1000 / 1000.0)"


def fill(store: Store, first: int, sessions: int, frames: int, *, studies: bool) -> None:
    """Sessions with rows as an analysis leaves them: smiles that come and go, heads that turn."""
    level = "(hash(s, 1) % 100 / 500.0)"
    happy = (
        f"least(0.9, greatest(0.02, 0.1 + {level} + 0.45 * sin({_T} / 9 + s // {A_STUDY})"
        f" + 0.15 * {_NOISE.format(2)}))"
    )
    turned = f"(s % 2 = 0 AND {_T} BETWEEN 60 AND 75 AND hash(s, 3) % 10 < 5)"
    attention = f"(CASE WHEN {turned} THEN 0.3 ELSE 0.85 END + 0.15 * {_NOISE.format(4)})"
    others = [name for name in EMOTIONS if name not in ("happy", "neutral")]
    # Beside the smile: mostly neutral, and an equal part of the rest for each of the five.
    p = dict.fromkeys(others, "(1 - p_happy) * 0.04") | {"neutral": "(1 - p_happy) * 0.8"}
    columns = ", ".join(f"({p[name]})::FLOAT AS p_{name}" for name in EMOTIONS if name != "happy")
    medians = ", ".join(f"median(p_{name}) AS p_{name}" for name in EMOTIONS)
    for start in range(first, first + sessions, A_STUDY):
        bound = {"frames": frames, "a": start, "b": min(start + A_STUDY, first + sessions)}
        with store.transaction() as cursor:
            cursor.execute(
                f"""
                INSERT INTO timeline BY NAME
                WITH drawn AS (
                    SELECT s, i, {happy}::FLOAT AS p_happy, ({attention})::FLOAT AS attention
                    FROM range($a, $b) a(s), range($frames) b(i))
                SELECT printf('s%07d', s) AS session_id, (i * 100 // 3)::INTEGER AS t_ms,
                       i::INTEGER AS frame, 1 AS viewer, 10.0 AS x, 10.0 AS y, 80.0 AS w,
                       80.0 AS h, 0.9 AS score, (40 * (1 - attention))::FLOAT AS yaw,
                       0.0 AS pitch, 0.0 AS roll, hash(i, 12) % 20 > 0 AS usable,
                       '' AS why_not, p_happy, {columns},
                       CASE WHEN p_happy > 0.444 THEN 'happy' ELSE 'neutral' END AS emotion,
                       greatest(p_happy, 0.8 * (1 - p_happy)) AS confidence,
                       (p_happy - 0.04 * (1 - p_happy))::FLOAT AS valence,
                       (0.6 * p_happy)::FLOAT AS activation,
                       (1 - 0.8 * (1 - p_happy))::FLOAT AS expressiveness, attention,
                       (100 * attention * (0.4 + 0.6 * (1 - 0.8 * (1 - p_happy))))::FLOAT
                           AS engagement
                FROM drawn ORDER BY s, i
                """,
                bound,
            )
            cursor.execute(
                "INSERT INTO frames SELECT printf('s%07d', s), i::INTEGER, "
                "(i * 100 // 3)::INTEGER, 1 FROM range($a, $b) a(s), range($frames) b(i) "
                "ORDER BY s, i",
                bound,
            )
            cursor.execute(
                f"""
                INSERT INTO seconds BY NAME
                SELECT session_id, viewer, (t_ms // 1000)::INTEGER AS second,
                       count(*)::INTEGER AS n, count(*)::INTEGER AS seen, 0 AS away, {medians},
                       mode(emotion) AS emotion, median(confidence) AS confidence,
                       median(valence) AS valence, median(activation) AS activation,
                       median(expressiveness) AS expressiveness,
                       median(attention) AS attention, median(engagement) AS engagement
                FROM timeline
                WHERE session_id >= printf('s%07d', $a) AND session_id < printf('s%07d', $b)
                  AND usable
                GROUP BY ALL ORDER BY session_id, second
                """,
                {"a": bound["a"], "b": bound["b"]},
            )
            cursor.execute(
                f"""
                INSERT INTO sessions (session_id, name, kind, created, status, study_id,
                    stimulus_id, condition, respondent, frames, faces, viewers, duration_s,
                    quality, engagement, attention, valence, updated)
                WITH means AS (
                    SELECT session_id, avg(engagement) AS engagement,
                           avg(attention) AS attention, avg(valence) AS valence
                    FROM seconds
                    WHERE session_id >= printf('s%07d', $a) AND session_id < printf('s%07d', $b)
                    GROUP BY session_id)
                SELECT session_id, 'Spot, respondent ' || s, 'file',
                       TIMESTAMP '2026-01-01' + INTERVAL 1 MINUTE * s, 'done',
                       {f"'study' || (s // {A_STUDY})" if studies else "NULL"},
                       {f"'film' || (s // {A_STUDY})" if studies else "NULL"},
                       {"CASE WHEN s % 2 = 0 THEN 'A' ELSE 'B' END" if studies else "NULL"},
                       'R' || s, $frames, $frames, 1, $frames / {FPS}, 0.95, engagement,
                       attention, valence, now()::TIMESTAMP
                FROM range($a, $b) a(s) JOIN means ON session_id = printf('s%07d', s)
                """,
                bound,
            )


def make_studies(store: Store, length_ms: int) -> None:
    for number in range(STUDIES):
        store.run(AddStudy(name=f"Spot {number}", kind="ad", conditions=("A", "B"),
                    question="Does B hold attention?", study_id=f"study{number}"))  # fmt: skip
        store.run(AddStimulus(title=f"Film {number}", study_id=f"study{number}",
                    length_ms=length_ms, stimulus_id=f"film{number}"))  # fmt: skip
        marks = [{"name": n, "from_ms": 1000 * a, "to_ms": 1000 * b} for n, a, b in SCENES]
        store.run(AddMarkers(stimulus_id=f"film{number}", markers=marks))


@contextmanager
def served(home: Home, log: Path) -> Iterator[tuple[str, int]]:
    """A dashboard on a free port: its address and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(PROJECT / "dashboard" / "server.py"),
               "--server.address=127.0.0.1", f"--server.port={port}",
               "--server.headless=true"]  # fmt: skip
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=PROJECT, env={**os.environ, "RAPT_HOME": str(home.root)},
            stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while True:
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"The dashboard did not start:\n{log.read_text()}")
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                    break
            except OSError:
                time.sleep(0.2)
        yield address, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def cpu_s(pid: int) -> float:
    """Processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family_s(of: int, without: int) -> dict[int, float]:
    """Processor time of every process below one, but for one of them: here, the browser's."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            parents[int(folder.name)] = int(fields[1])
    found: dict[int, float] = {}
    level = {of}
    while level:
        level = {pid for pid, parent in parents.items() if parent in level and pid != without}
        for pid in level:
            with suppress(OSError):
                found[pid] = cpu_s(pid)
    return found


@dataclass(frozen=True)
class View:
    """One page: its address, what must be there, and the way back to it within the app."""

    name: str
    address: str
    drawn: tuple[str, ...]  # selectors, all visible when the page is whole
    back: tuple[
        str, ...
    ] = ()  # what is clicked, one after another, to come back; the last is timed


def views(study: int) -> list[View]:
    curve = ".st-key-audience .nsewdrag"
    return [
        View("Overview", "/", (".st-key-totals", "text=All sessions", "img.rapt-spark >> nth=7"),
             (STUDIES_LINK, "a[href$='/']")),
        View("Sessions", "/sessions", ("text=Page 1 of", "img.rapt-spark >> nth=19"),
             (STUDIES_LINK, "a[href$='/sessions']")),
        View("Study", f"/study?id=study{study}",
             (f"{curve} >> nth=0", ".st-key-viewers-map .times span >> nth=1", ".rapt-ties"),
             (STUDIES_LINK, f"a[href*='id=study{study}']")),
        View("Study, baseline corrected", f"/study?id=study{study}&baseline=true",
             (f"{curve} >> nth=0", ".st-key-viewers-map .times span >> nth=1", ".rapt-ties")),
        View("Compare", f"/compare?study=study{study}",
             (".rapt-sentence", ".st-key-compare .nsewdrag >> nth=0", SPREAD),
             (STUDIES_LINK, f"a[href*='id=study{study}']", "button:has-text('Compare')")),
    ]  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """How long a page took, and the processor time of server and browser meanwhile, in ms."""

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

    def stop(self) -> Shown:
        taken = time.perf_counter() - self._begun
        server = cpu_s(self._server) - self._server_s
        browser = sum(
            used - self._browser_s.get(pid, 0.0)
            for pid, used in family_s(os.getpid(), self._server).items()
        )
        return Shown(1000 * taken, 1000 * server, 1000 * browser)


def wait(page: Page, view: View) -> None:
    for selector in view.drawn:
        page.locator(selector).first.wait_for(timeout=60_000)


def visit(page: Page, view: View, pid: int) -> Shown:
    """Open a page by its address, as from a bookmark."""
    page.goto("about:blank")
    watch = Watch(pid)
    page.goto(view.address, wait_until="commit")
    wait(page, view)
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
    wait(page, view)
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
        "| again, by a link | server, browser |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, kinds in times.items():
        cells = [name]
        for found in kinds.values():
            cells += [f"{middle(found, 'wall'):.0f} ms", work(found)] if found else ["–", "–"]
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


def browser_path() -> str:
    path = os.environ.get("RAPT_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise SystemExit("There is no Chromium here. Install one, or set RAPT_CHROMIUM.")
    return path


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
        "nobody made since it started. Again: by address loads the app anew; by a link is coming "
        "back from the page «Studies» to what was open before. The times of server and browser "
        "are processor time.",
        "",
        f"Wanted: first {WANTED_FIRST} ms, again {WANTED_SECOND} ms, "
        f"growth under {WANTED_GROWTH} %.",
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
