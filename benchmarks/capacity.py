"""What an hour of film costs: core-seconds of its analysis, and bytes that it leaves in the store.

    python -m benchmarks.capacity [--seconds 10]

A command that analyses a short film and one that is longer by so many seconds differ by the cost of
those seconds: starting and loading cancel out. Time is that of the processor, of all threads, so
that waiting for other work counts little; still a busy machine's caches make every second longer.
The rows of these films are then copied into a store until it has a million. Writes
docs/benchmarks/capacity.md; docs/capacity.md calculates with it.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.batch import FILMS, RATE, answer, pictures, rapt
from fer_core.home import Home
from fer_core.machine import stamp
from fer_core.storage import open_store

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "benchmarks" / "capacity.md"
SHORT_S = 3
ROWS = 1_000_000


@dataclass(frozen=True)
class Case:
    film: str
    width: int
    height: int
    beside: int  # how often the picture stands beside itself
    options: tuple[str, ...]
    said: str


CASES = (
    Case(FILMS[0], 640, 360, 1, (), "640×360, every frame, eyes"),
    Case(FILMS[0], 640, 360, 1, ("--no-eyes",), "640×360, every frame, no eyes"),
    Case(FILMS[0], 640, 360, 1, ("--fps", "10"), "640×360, 10 a second, eyes"),
    Case(FILMS[1], 640, 360, 1, (), "640×360, every frame, eyes"),
    Case(FILMS[1], 1280, 360, 2, (), "1280×360, every frame, eyes"),
    Case(FILMS[0], 1920, 1080, 1, (), "1920×1080, every frame, eyes"),
    Case(FILMS[0], 1920, 1080, 1, ("--fps", "10"), "1920×1080, 10 a second, eyes"),
)


def shown(case: Case, seconds: int) -> Iterator[np.ndarray]:
    for picture in pictures(case.film, seconds * RATE):
        wide = np.concatenate([picture] * case.beside, axis=1)
        size = (case.width, case.height)
        yield wide if wide.shape[1::-1] == size else cv2.resize(wide, size)


def encode(path: Path, case: Case, seconds: int) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = case.width, case.height, "yuv420p"
        for n, picture in enumerate(shown(case, seconds)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def spent(home: Path, film: Path, options: tuple[str, ...]) -> tuple[float, dict[str, object]]:
    """Processor seconds of `rapt analyze`, and what it answered."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = answer(rapt(home, "analyze", film, *options))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, found


def store_bytes(home: Path) -> tuple[int, int, int]:
    """Rows, frames and bytes of the store, once its rows are copied to a million."""
    with open_store(Home(home)) as store:
        store.sync()
        rows = int(store.frame("SELECT count(*) AS n FROM timeline")["n"][0])
        before = Home(home).database.stat().st_size
        copies = max(1, ROWS // rows)
        for n in range(copies):
            with store.transaction() as cursor:
                for table in ("timeline", "frames", "seconds"):
                    cursor.execute(
                        f"INSERT INTO {table} SELECT * REPLACE (session_id || '-' || ? "
                        f"AS session_id) FROM {table} WHERE session_id NOT LIKE '%-%'",
                        [str(n)],
                    )
        frames = int(store.frame("SELECT count(*) AS n FROM frames")["n"][0])
    return rows * copies, frames, Home(home).database.stat().st_size - before


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    args = parser.parse_args(argv)
    lines = [
        "| faces | film | core-seconds an hour | of a core at that pace | rows an hour |",
        "| ---: | --- | ---: | ---: | ---: |",
    ]
    with tempfile.TemporaryDirectory(prefix="rapt-capacity-") as name:
        folder = Path(name)
        spent(folder / "home", encode(folder / "first.mp4", CASES[0], 1), ())  # exports networks
        for n, case in enumerate(CASES):
            short, _ = spent(folder / "home", encode(folder / f"{n}-s.mp4", case, SHORT_S),
                             case.options)  # fmt: skip
            seconds = SHORT_S + args.seconds
            full, said = spent(folder / "home", encode(folder / f"{n}-l.mp4", case, seconds),
                               case.options)  # fmt: skip
            each = (full - short) / args.seconds
            faces = int(str(said["faces"])) / int(str(said["frames"]))
            rows = int(str(said["faces"])) / seconds * 3600
            lines.append(f"| {faces:.1f} | {case.said} | {3600 * each:,.0f} | {each:.2f} | "
                         f"{rows:,.0f} |")  # fmt: skip
        rows_copied, frames, size = store_bytes(folder / "home")
    lines += [
        "",
        f"{rows_copied:,} rows copied ({frames:,} frames, with their seconds): "
        f"{size / 1e6:.0f} MB on the disk, **{size / rows_copied:.0f} bytes a row**.",
    ]
    about = "Faces are the mean of a frame; a core-second is one second of one core."
    command = f"python -m benchmarks.capacity --seconds {args.seconds}"
    text = ["# What an hour of film costs", "", about, "", *lines, "", stamp(command), ""]
    REPORT.write_text("\n".join(text))
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
