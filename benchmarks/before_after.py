"""An older version and this one, in turn: is anything slower?

    python -m benchmarks.before_after --before REV [--pairs 7] [WORKLOAD …]

Every workload runs in both trees, old and new in turn (new first in every other pair), with the
same Python and the same input. The ratio new / old is taken within each pair; the interval is
Student's over the logarithms of the ratios. Writes docs/benchmarks/before_after.md with the
workloads that were asked for, or all.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scipy import stats

from benchmarks.films import repeat
from benchmarks.house import tree_of
from fer_core.machine import stamp
from fer_core.video import sample_clip

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "benchmarks" / "before_after.md"
MOST_LOSS = 1.05


@dataclass(frozen=True, slots=True)
class Tree:
    """One version of the program, and a folder for what it makes."""

    root: Path
    work: Path

    def call(self, *command: str) -> str:
        """Run a Python command in this tree; what it prints."""
        done = subprocess.run(
            [sys.executable, *command], cwd=self.root, env=self.environment,
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{self.root}: {' '.join(command)}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.root)}


@dataclass(frozen=True, slots=True)
class Workload:
    about: str
    unit: str
    run: Callable[[Tree, Path], dict[str, float]]  # the tree and what both share; named times


def rapt_help(tree: Tree, _shared: Path) -> dict[str, float]:
    """Five in a row: one alone is a fifth of a second."""
    begun = time.perf_counter()
    for _ in range(5):
        tree.call("-m", "fer_core.cli.main", "--help")
    return {"rapt --help": 1000 * (time.perf_counter() - begun) / 5}


def server_start(tree: Tree, shared: Path) -> dict[str, float]:
    """From the command to the address that answers, over a home with the demo study."""
    home = tree.work / "served"
    if not home.exists():
        tree.call("-m", "fer_core.cli.main", "--home", str(home), "demo", "--study")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    begun = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "fer_core.cli.main", "--home", str(home), "--json", "serve",
         "--no-browser", "--port", str(port)],
        cwd=tree.root, env=tree.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        json.loads(server.stdout.readline())
        taken = time.perf_counter() - begun
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)
    return {"start of the server": 1000 * taken}


def perception(tree: Tree, shared: Path) -> dict[str, float]:
    """`rapt analyze` of a film of one minute, every picture."""
    return {"analysis of a minute": _analysis(tree, shared)}


def bare(tree: Tree, shared: Path) -> dict[str, float]:
    """As ``perception``, with `--no-eyes` where the version reads eyes."""
    reads = (tree.root / "fer_core" / "faces" / "eyes.py").exists()
    taken = _analysis(tree, shared, *(["--no-eyes"] if reads else []))
    return {"analysis of a minute without eyes": taken}


def _analysis(tree: Tree, shared: Path, *options: str) -> float:
    film = shared / "minute.mp4"
    if not film.exists():
        repeat(sample_clip(shared / "sample.mp4"), film, 1500, 25)
    home = tree.work / "analysed"
    shutil.rmtree(home / "sessions", ignore_errors=True)
    begun = time.perf_counter()
    tree.call("-m", "fer_core.cli.main", "--home", str(home), "analyze", str(film), *options)
    return 1000 * (time.perf_counter() - begun)


def pages(tree: Tree, _shared: Path) -> dict[str, float]:
    """First and second visits in Chromium over ten million rows, one study."""
    home = tree.work / "pages"  # an older version does not open a newer store
    said = tree.call("-m", "benchmarks.pages_at_scale", "--quick", "--home", str(home))
    found: dict[str, float] = {}
    for line in said.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        times = [cell.removesuffix(" ms") for cell in cells if re.fullmatch(r"[\d.]+ ms", cell)]
        for when, value in zip(("first visit", "again", "by a link"), times):
            found[f"{cells[0]}, {when}"] = float(value)
    return found


def live(tree: Tree, _shared: Path) -> dict[str, float]:
    """From the camera to the drawn picture, one face, in Chromium."""
    said = tree.call(
        "-m", "benchmarks.live_browser", "--only", "one face", "--seconds", "12", "--no-page"
    )
    cells = [cell.strip() for cell in said.strip().splitlines()[-1].strip("|").split("|")]
    return {"camera to drawn picture": float(cells[2])}


WORKLOADS: dict[str, Workload] = {
    "help": Workload("`rapt --help`", "ms", rapt_help),
    "start": Workload("`rapt serve` until it answers", "ms", server_start),
    "perception": Workload("`rapt analyze`, one minute, one face", "ms", perception),
    "bare": Workload("`rapt analyze --no-eyes`, one minute, one face", "ms", bare),
    "pages": Workload("pages over ten million rows", "ms", pages),
    "live": Workload("live in a browser", "ms", live),
}


def interval(ratios: list[float]) -> tuple[float, float, float]:
    """The geometric mean of the ratios with its 95 % interval."""
    logs = [math.log(one) for one in ratios]
    middle, error = statistics.mean(logs), statistics.stdev(logs) / math.sqrt(len(logs))
    reach = float(stats.t.ppf(0.975, len(logs) - 1)) * error
    return math.exp(middle), math.exp(middle - reach), math.exp(middle + reach)


def pairs_of(workload: Workload, old: Tree, new: Tree, shared: Path, pairs: int) -> list[str]:
    """A row of the table for each time that the workload names."""
    for tree in (old, new):
        workload.run(tree, shared)  # caches, the store, what the system keeps of files
    found: dict[str, list[tuple[float, float]]] = {}
    for turn in range(pairs):
        order = (old, new) if turn % 2 == 0 else (new, old)
        times = {tree.root: workload.run(tree, shared) for tree in order}
        for name, value in times[new.root].items():
            found.setdefault(name, []).append((times[old.root][name], value))
    rows = []
    for name, both in found.items():
        ratio, low, high = interval([b / a for a, b in both])
        before, after = (statistics.median(one) for one in zip(*both))
        said = "no" if high < MOST_LOSS else "not excluded" if low < MOST_LOSS else "yes"
        rows.append(
            f"| {name} | {before:,.0f} {workload.unit} | {after:,.0f} {workload.unit} "
            f"| {ratio:.3f} | {low:.3f} to {high:.3f} | {said} |"
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="WORKLOAD", help=", ".join(WORKLOADS))
    parser.add_argument("--before", required=True, help="the revision to compare with")
    parser.add_argument("--pairs", type=int, default=7)
    given = parser.parse_args()
    unknown = set(given.names) - set(WORKLOADS)
    if unknown:
        parser.error(f"no workload {', '.join(sorted(unknown))}; there are {', '.join(WORKLOADS)}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in ("old", "new", "shared"):
            (folder / name).mkdir()
        old = Tree(tree_of(given.before, folder / "before"), folder / "old")
        new = Tree(PROJECT, folder / "new")
        rows = []
        for name in given.names or WORKLOADS:
            rows += pairs_of(WORKLOADS[name], old, new, folder / "shared", given.pairs)
    command = " ".join(["python -m benchmarks.before_after --before", given.before, *given.names])
    text = "\n".join(
        [
            "# Before and after the inner rebuild",
            "",
            f"{stamp(command)}. {given.pairs} pairs each, in turn.",
            "",
            "| what | before | after | ratio | 95 % interval | slower by 5 % or more? |",
            "| --- | ---: | ---: | ---: | --- | --- |",
            *rows,
            "",
        ]
    )
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
