"""Live: delay, rate, memory and what a kill costs.

    python -m benchmarks.live            about three minutes; writes docs/benchmarks/live.md
    python -m benchmarks.live --hour     also an hour of a looped film, some minutes more

Pictures are rendered beforehand (tests/live/rendered.py) and offered at 25 a second. Each one
carries its number as a pattern; when a result comes, the number is read from the very picture
that it was made of, and the delay is the time since that number was offered.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

from fer_core.home import Home
from fer_core.live import Engines, LiveSession, LiveSpec, LiveView, close_live_orphans
from fer_core.machine import stamp
from fer_core.storage import open_store, read_frames
from fer_core.types import AnalysisSettings
from tests.live.rendered import (
    Person,
    crowd,
    picture,
    read_number,
    write_number,
    wrong_counts,
)

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "benchmarks" / "live.md"
FPS = 25
PERIOD = 4 * FPS  # pictures rendered beforehand; people sway to and fro within them
WARM_S = 2.0  # the first results open interpreters: a person has not looked yet


@dataclass
class Run:
    """What came of offering numbered pictures to one session."""

    session: LiveSession
    pictures: Sequence[np.ndarray]
    first: int = 0
    fps: float = FPS
    offered: dict[int, float] = field(default_factory=dict)
    results: list[tuple[int, float, int]] = field(default_factory=list)  # number, when, people
    strange: int = 0

    def __post_init__(self) -> None:
        self.session.on_result = self.came

    def came(self, rgb: np.ndarray, view: LiveView) -> None:
        number = read_number(rgb)
        if number in self.offered:
            self.results.append((number, time.monotonic(), view.people))
        else:
            self.strange += 1  # another session's picture

    def play(self, seconds: float) -> None:
        begun = time.monotonic()
        for count in range(round(seconds * self.fps)):
            due = begun + count / self.fps
            time.sleep(max(0.0, due - time.monotonic()))
            rgb = self.pictures[_to_and_fro(count, len(self.pictures))].copy()
            write_number(rgb, self.first + count)
            self.offered[self.first + count] = time.monotonic()
            self.session.offer(rgb, round(1000 * count / self.fps))

    def _warm(self) -> list[tuple[int, float, int]]:
        begun = min(self.offered.values()) + WARM_S
        return [one for one in self.results if one[1] >= begun]

    @property
    def rate(self) -> float:
        found = self._warm()
        return (len(found) - 1) / (found[-1][1] - found[0][1]) if len(found) > 1 else 0.0

    @property
    def delays(self) -> np.ndarray:
        return np.array([1000 * (when - self.offered[number]) for number, when, _ in self._warm()])

    @property
    def people(self) -> float:
        return float(np.median([people for *_, people in self._warm()] or [0]))

    def row(self, name: str, wanted: str) -> str:
        delays = self.delays if len(self.delays) else np.array([np.nan])
        return (
            f"| {name} | {self.people:.0f} | {self.rate:.1f} | {np.median(delays):.0f} | "
            f"{np.percentile(delays, 95):.0f} | {self.session.view().dropped} of "
            f"{len(self.offered)} | {wanted} |"
        )


def _to_and_fro(count: int, length: int) -> int:
    at = count % (2 * length - 2) if length > 1 else 0
    return at if at < length else 2 * length - 2 - at


def render(people: Sequence[Person], size: tuple[int, int], count: int, shade: int = 0) -> list:
    return [picture(people, 1000 * n // FPS, n, size, shade) for n in range(count)]


def together(home: Home, engines: Engines, shown: list, seconds: float, fps: float) -> list[Run]:
    """Offer each list of pictures to a session of its own, all at the same time."""
    runs = [
        Run(LiveSession(home, LiveSpec(f"Room {n}"), engines), pictures, 100_000 * (n + 1), fps)
        for n, pictures in enumerate(shown)
    ]
    players = [threading.Thread(target=run.play, args=(seconds,)) for run in runs]
    for player in players:
        player.start()
    for player in players:
        player.join()
    time.sleep(0.3)
    return runs


def stop(runs: list[Run]) -> list[Run]:
    for run in runs:
        run.session.stop()
    return runs


def speeds(home: Home) -> list[str]:
    """A row for each kind of room."""
    engines = Engines.open(home)
    one = [Person(300, 180, 110)]
    table = []
    cases = [
        ("640×360, one face", (640, 360), one, 20.0, FPS, "≥ 12 a second, < 200, < 400"),
        ("640×360, twenty faces", (640, 360), crowd(5, 4, (640, 360)), 14.0, FPS, "≥ 5 a second"),
        ("1280×720, twenty faces", (1280, 720), crowd(5, 4, (1280, 720)), 14.0, FPS, ""),
        ("1920×1080, one face", (1920, 1080), [Person(900, 540, 300)], 10.0, FPS, ""),
        ("3840×2160 at 5 a second, one face", (3840, 2160), [Person(1800, 1080, 600)], 10.0, 5.0,
         ""),
        ("360×640 (upright), one face", (360, 640), [Person(180, 300, 110)], 8.0, FPS, ""),
    ]  # fmt: skip
    for name, size, people, seconds, fps, wanted in cases:
        count = PERIOD if size[0] < 1000 else 20 if size[0] < 3000 else 6
        runs = stop(together(home, engines, [render(people, size, count)], seconds, fps))
        table.append(runs[0].row(name, wanted))
        print(table[-1], flush=True)
    return table


def three(home: Home) -> tuple[list[str], str]:
    """Three sessions in one process, with a pool of engines and with a single one."""
    rooms = [[Person(150 + 170 * k, 180, 100, look=k) for k in range(count)] for count in (1, 2, 3)]
    shown = [render(room, (640, 360), PERIOD, shade) for shade, room in enumerate(rooms)]
    runs = stop(together(home, Engines.open(home), shown, 15.0, FPS))
    table = [run.row(f"room {n + 1} of three", "≥ 5 a second") for n, run in enumerate(runs)]
    mixed = sum(run.strange for run in runs)
    alone = Engines(home, AnalysisSettings(), size=1)
    single = stop(together(home, alone, shown, 15.0, FPS))
    for line in table:
        print(line, flush=True)
    said = (
        f"Pictures that came out of another session than they went into: {mixed}. "
        f"With one detector and one classifier behind a lock instead of one for each core the "
        f"three ran at {', '.join(f'{run.rate:.1f}' for run in single)} pictures a second "
        f"(with the pool {', '.join(f'{run.rate:.1f}' for run in runs)}), the 95th percentile of "
        f"the delay at {max(np.percentile(run.delays, 95) for run in single):.0f} ms "
        f"({max(np.percentile(run.delays, 95) for run in runs):.0f} ms)."
    )
    print(said, flush=True)
    return table, said


def truth(home: Home) -> str:
    """People come and go at known times, at full speed; what the store says."""
    people = [
        Person(140, 180, 110, 1000, 14_000, look=0),
        Person(330, 190, 90, 4000, 9000, look=1),
        Person(520, 170, 100, 6500, 12_000, look=2),
    ]
    seconds = 16.0
    shown = [picture(people, 1000 * n // FPS, n) for n in range(round(seconds * FPS))]
    session = LiveSession(home, LiveSpec("Known times"), Engines.open(home))
    begun = time.monotonic()
    for number, rgb in enumerate(shown):
        time.sleep(max(0.0, begun + number / FPS - time.monotonic()))
        session.offer(rgb, 1000 * number // FPS)
    summary = session.stop()
    with open_store(home) as store:
        store.sync()
        rows, frames = (
            store.timeline.rows(session.session_id),
            store.timeline.frames(session.session_id),
        )
    late, gone = [], []
    for person in people:
        mine = rows[(rows["x"] + rows["w"] / 2 - person.x).abs() < 60]
        late.append(int(mine["t_ms"].min()) - person.from_ms)
        gone.append(int(mine["t_ms"].max()) - person.to_ms)
    wrong = wrong_counts(people, rows, frames)
    said = (
        f"Three people come and go in {seconds:.0f} s of film; {summary.frames} of "
        f"{summary.offered} pictures were analysed. They were first seen {late} ms after they "
        f"came and last seen {gone} ms after they went (a picture lasts 40 ms). Wrong counts more "
        f"than 0.3 s from a change: {len(wrong)} of {len(frames)} pictures."
    )
    print(said, flush=True)
    return said


def kills(home: Home, times: int = 5) -> str:
    """kill -9 at some moment of a live session; how much of it is lost."""
    lost, marks = [], 0
    for turn in range(times):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.live.endless", str(home.root)],
            cwd=PROJECT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert child.stdout is not None
        session_id = json.loads(child.stdout.readline())["session_id"]
        last, end = {"t_ms": 0, "marks": 0}, time.monotonic() + 3 + 0.37 * turn
        while time.monotonic() < end:
            last = json.loads(child.stdout.readline())
        os.kill(child.pid, signal.SIGKILL)
        for line in child.stdout:
            last = json.loads(line) if line.endswith("}\n") else last
        child.wait()
        with open_store(home) as store:
            assert close_live_orphans(home, store) == [session_id]
            assert store.sessions.get(session_id).status == "done"
            marks += last["marks"] - len(store.markers.list(session_id=session_id))
        lost.append(int(last["t_ms"] - read_frames(home, session_id)["t_ms"][-1].as_py()))
    said = (
        f"{times} times `kill -9` of a process with a live session: {lost} ms of the timeline "
        f"lost, {marks} markers lost; each session was closed at the next start."
    )
    print(said, flush=True)
    return said


def hour(home: Home, folder: Path, seconds: int = 3600) -> str:
    """`rapt live` over an hour of a looped film, faster than real time; its memory."""
    film = folder / "room.mp4"
    with av.open(str(film), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        people = [Person(150, 180, 110, 0, 30_000), Person(420, 170, 100, 8000, 50_000, 1)]
        for n in range(60 * FPS):
            rgb = picture(people, 1000 * n // FPS, n)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        out.mux(stream.encode(None))
    begun = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "fer_core.cli.main", "live", str(film), "--home", str(home.root),
         "--fast", "--loop", "--fps", "5", "--seconds", str(seconds)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stderr is not None
    sizes: list[tuple[int, float]] = []  # film time, MB
    for line in child.stderr:
        at = re.match(r"(?:(\d+):)?(\d+):(\d\d)  ", line)
        if at and child.poll() is None:
            hours, minutes, rest = (int(part or 0) for part in at.groups())
            sizes.append((3600 * hours + 60 * minutes + rest, _megabytes(child.pid)))
    if child.wait() != 0:
        raise SystemExit("rapt live did not end well")
    first = next(size for at, size in sizes if at >= 120)
    later = [size for at, size in sizes if at >= 120]
    said = (
        f"`rapt live` on a film of a minute, {seconds // 60} minutes of it in a loop at 5 pictures "
        f"a second, in {time.monotonic() - begun:.0f} s: {first:.0f} MB after two minutes of film, "
        f"at most {max(later):.0f} MB afterwards, {later[-1]:.0f} MB at the end "
        f"(**{max(later) - first:+.0f} MB**; allowed: 80)."
    )
    print(said, flush=True)
    return said


def _megabytes(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hour", action="store_true", help="also an hour of a looped film")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        table = speeds(home)
        three_rows, three_said = three(home)
        true = truth(home)
        killed = kills(home)
        memory = hour(home, Path(folder)) if args.hour else _kept_hour()
    command = "python -m benchmarks.live" + (" --hour" if args.hour else "")
    PAGE.write_text(
        f"# Live\n\nWritten by a command; do not edit.\n\n{stamp(command)}\n\n"
        "Rendered rooms, their pictures offered at 25 a second unless it says otherwise. Each\n"
        "picture carries its number as a pattern; the delay is from offering that number to the\n"
        "result that was made of it, in milliseconds. The first two seconds are left out.\n\n"
        "| room | people counted | analysed a second | delay, median | delay, 95 % | "
        "left out for newer ones | wanted |\n| --- | --- | --- | --- | --- | --- | --- |\n"
        + "\n".join([*table, *three_rows])
        + f"\n\n## Several at once\n\n{three_said}\n\n## Known times\n\n{true}\n\n"
        f"## Killed\n\n{killed}\n\n## Memory\n\n{memory}\n",
        encoding="utf-8",
    )
    print(f"written to {PAGE}")


def _kept_hour() -> str:
    """What the last run with --hour found."""
    if PAGE.exists() and "## Memory\n\n" in (text := PAGE.read_text(encoding="utf-8")):
        return text.split("## Memory\n\n")[1].strip()
    return "Not measured yet: run with --hour."


if __name__ == "__main__":
    main()
