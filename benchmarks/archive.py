"""What moving old timelines into files costs and saves, and how fast a session is read from
them.

    python -m benchmarks.archive [--sessions 400] [--frames 5000] [--out docs/benchmarks/archive.md]

A store is filled by SQL; every session but one study of 200 is archived. Writes rows a second,
sizes, and the time to read a session's rows, its corrected seconds and its count from table and
file.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.large_store import A_STUDY, FPS, fill, make_studies
from fer_core.home import Home
from fer_core.machine import stamp
from fer_core.storage import Store, open_store
from fer_core.storage.timeline.archiving import ArchiveTimeline, UnarchiveTimeline

OUT = Path(__file__).parents[1] / "docs" / "benchmarks" / "archive.md"
ROUNDS = 7


def median_ms(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        ask()
        times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times)


def ways(store: Store, session_id: str) -> dict[str, float]:
    rules = {"reference": [1 / 7] * 7, "smallest": 0.01, "pre_roll_ms": 3000}
    columns = ("session_id", "viewer", "second", "p_happy")
    return {
        "all rows of a session": median_ms(lambda: store.timeline.rows(session_id)),
        "its rows, corrected by hand": median_ms(
            lambda: store.timeline.rows(session_id, edited=True)
        ),
        "its seconds, baseline corrected": median_ms(
            lambda: store.timeline.corrected_seconds([session_id], columns=columns, **rules)
        ),
        "how many rows it has": median_ms(lambda: store.timeline.count(session_id)),
    }


def measure(home: Home, sessions: int, frames: int) -> list[str]:
    with open_store(home, look_after=False) as store:
        make_studies(store, frames * 1000 // FPS)
        fill(store, 0, sessions, frames, studies=True)
        store.checkpoint()
        before = home.database.stat().st_size
        old = [f"s{n:07d}" for n in range(A_STUDY, sessions)]
        beside, moved = "s0000000", old[0]
        in_table = ways(store, moved)
        begun = time.perf_counter()
        rows = sum(store.run(ArchiveTimeline(session_id=one)) for one in old)
        taken = time.perf_counter() - begun
        begun = time.perf_counter()
        store.erase()
        rewritten = time.perf_counter() - begun
        after = home.database.stat().st_size
        size = sum(one.bytes for one in store.archive.all())
        in_file, others = ways(store, moved), ways(store, beside)
        back = old[len(old) // 2]
        begun = time.perf_counter()
        store.run(UnarchiveTimeline(session_id=back))
        taken_back = 1000 * (time.perf_counter() - begun)
    lines = [
        "| what | figure |",
        "| --- | ---: |",
        f"| rows in the store | {sessions * frames:,} |",
        f"| the store's file before | {before / 1e6:.0f} MB |",
        f"| rows archived | {rows:,} of {len(old):,} sessions |",
        f"| rows a second | {rows / taken:,.0f} ({1000 * taken / len(old):.0f} ms a session) |",
        f"| writing the store anew | {rewritten:.1f} s |",
        f"| the store's file after | {after / 1e6:.0f} MB |",
        f"| the archive | {size / 1e6:.0f} MB, {size / rows:.1f} bytes a row |",
        f"| taking one session back | {taken_back:.0f} ms |",
        "",
        "| read, median ms of seven | in the table before | in its file | another, in the table |",
        "| --- | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {name} | {ms:.1f} | {in_file[name]:.1f} | {others[name]:.1f} |"
        for name, ms in in_table.items()
    ]
    return lines


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=400)
    parser.add_argument("--frames", type=int, default=5000)
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="rapt-archive-") as folder:
        lines = measure(Home(Path(folder)), args.sessions, args.frames)
    command = f"python -m benchmarks.archive --sessions {args.sessions} --frames {args.frames}"
    about = "Timelines of old sessions in files beside the store (`rapt sessions archive`)."
    args.out.write_text("\n".join(["# The archive", "", about, "", *lines, "", stamp(command), ""]))
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
