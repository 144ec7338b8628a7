"""Many short clips against one long film of the same frames, and a batch that is killed.

    python -m benchmarks.batch [--clips 200] [--seconds 10] [--no-eyes] [--skip-kill]

Clips are made of the two films beside the project, 640×360 at 30 frames a second, each with a
content of its own. One command analyses one film of the same frames (its own pace is the
two-core rate), then `rapt batch` all clips; then once more, killed with its workers after a
third and started again. Writes docs/benchmarks/batch.md.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from fer_core.home import Home
from fer_core.machine import peak_mb, stamp
from fer_core.storage import open_store

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "benchmarks" / "batch.md"
VIDEOS = ROOT.parent / "shared" / "videos"
FILMS = ("single_face.mp4", "two_people_talking.mp4")
WIDTH, HEIGHT, RATE = 640, 360, 30
RAPT = (sys.executable, "-m", "fer_core.cli.main")


def pictures(name: str, frames: int) -> Iterator[np.ndarray]:
    """A film's pictures to and fro, (360, 640, 3), until there are enough: no cut in them."""
    with av.open(str(VIDEOS / name)) as film:
        found = [
            frame.reformat(WIDTH, HEIGHT, "rgb24").to_ndarray() for frame in film.decode(video=0)
        ]
    turn = [*found, *found[-2:0:-1]]
    for n in range(frames):
        yield turn[n % len(turn)]


def encode(path: Path, shown: Iterator[np.ndarray]) -> Path:
    with av.open(str(path), "w") as out:
        options = {"preset": "veryfast", "bf": "0"}
        stream = out.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for n, picture in enumerate(shown):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def join(path: Path, parts: Sequence[Path], note: str) -> Path:
    """The parts one after the other, not encoded again; ``note`` makes the content its own."""
    with av.open(str(path), "w") as out:
        out.metadata["comment"] = note
        target, begins = None, 0
        for part in parts:
            with av.open(str(part)) as source:
                stream = source.streams.video[0]
                target = target or out.add_stream_from_template(stream)
                length = 0
                for packet in source.demux(stream):
                    if packet.dts is None:
                        continue
                    length = max(length, packet.pts + packet.duration)
                    packet.pts, packet.dts = packet.pts + begins, packet.dts + begins
                    packet.stream = target
                    out.mux(packet)
                begins += length
    return path


def make_clips(folder: Path, clips: int, seconds: int) -> tuple[list[Path], Path]:
    """The clips, and one film of all their frames."""
    units = [
        encode(folder / f"unit-{n}.mp4", pictures(name, seconds * RATE))
        for n, name in enumerate(FILMS)
    ]
    order = [units[n % len(units)] for n in range(clips)]
    (folder / "clips").mkdir()
    made = [
        join(folder / "clips" / f"clip-{n:03d}.mp4", [unit], f"clip {n}")
        for n, unit in enumerate(order)
    ]
    return made, join(folder / "film.mp4", order, "all")


def rapt(home: Path, *args: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*RAPT, *map(str, args), "--home", str(home), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def answer(process: subprocess.Popen[str]) -> dict[str, object]:
    out, said = process.communicate()
    if process.returncode:
        sys.exit(f"rapt ended with {process.returncode}: {said[-800:]}")
    found = json.loads(out)
    return found[0] if isinstance(found, list) else found


def workers_of(home: Path) -> list[int]:
    """The processes that work on a home's jobs."""
    found = set()
    for lock in home.glob("jobs/*/alive.lock"):
        text = lock.read_text().strip()
        if text and Path(f"/proc/{text}/environ").exists():
            found.add(int(text))
    return sorted(found)


def kill_after(home: Path, process: subprocess.Popen[str], ended: int) -> None:
    """End the command and its workers as a power cut would, once ``ended`` clips are done."""
    assert process.stderr is not None
    for line in process.stderr:
        ended -= line.startswith("done")
        if not ended:
            break
    workers = workers_of(home)
    process.kill()
    for pid in workers:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


def stored(home: Path) -> list[tuple[str, int, int]]:
    """Name, frames and different frames of each session that is done."""
    with open_store(Home(home)) as store:
        store.sync()
        found = store.frame(
            "SELECT s.name, count(*) AS n, count(DISTINCT f.frame) AS m FROM sessions s "
            "JOIN frames f USING (session_id) WHERE s.status = 'done' GROUP BY s.session_id, s.name"
        )
    return sorted((str(a), int(b), int(c)) for a, b, c in found.itertuples(index=False))


def check_whole(home: Path, clips: int, frames: int) -> str:
    """What is wrong with the store after all, or nothing."""
    found = stored(home)
    wrong = []
    if len({name for name, *_ in found}) != clips:
        wrong.append(f"{clips - len({name for name, *_ in found})} clips are missing")
    if len(found) != len({name for name, *_ in found}):
        wrong.append("a clip is there twice")
    if any((n, m) != (frames, frames) for _, n, m in found):
        wrong.append("a clip has other frames than its film")
    return "; ".join(wrong)


def measure(folder: Path, clips: int, seconds: int, options: list[str], kill: bool) -> list[str]:
    """Lines of the report."""
    _, film = make_clips(folder, clips, seconds)
    frames = clips * seconds * RATE
    answer(rapt(folder / "warm", "analyze", folder / "unit-0.mp4", *options))  # exports networks
    cache = folder / "warm" / "cache"
    for home in ("one", "many", "killed"):
        (folder / home).mkdir()
        (folder / home / "cache").symlink_to(cache)
    begun = time.monotonic()
    one = answer(rapt(folder / "one", "analyze", film, *options))
    whole = time.monotonic() - begun
    rate = float(str(one["fps"]))
    begun = time.monotonic()
    many = rapt(folder / "many", "batch", folder / "clips", *options)
    with ThreadPoolExecutor(1) as pool:
        said = pool.submit(answer, many)  # reads what it prints meanwhile
        peak = 0.0
        while many.poll() is None:
            peak = max([peak, *map(peak_mb, workers_of(folder / "many"))])
            time.sleep(0.5)
        total = time.monotonic() - begun
        said.result()
    ideal = frames / rate
    wrong = check_whole(folder / "many", clips, seconds * RATE)
    lines = [
        "| what | figure |",
        "| --- | --- |",
        f"| one film of {frames:,} frames, its own pace | {rate:.0f} frames/s |",
        f"| the same film, the whole command | {whole:.1f} s |",
        f"| frames ÷ pace | {ideal:.1f} s |",
        f"| {clips} clips of {seconds} s, the whole of `rapt batch` | {total:.1f} s |",
        f"| more than frames ÷ pace | **{100 * (total / ideal - 1):+.1f} %** (at most 15 %) |",
        f"| most memory of a worker | {peak:.0f} MB |",
        f"| the store after that | {wrong or 'whole'} |",
    ]
    if kill:
        first = rapt(folder / "killed", "batch", folder / "clips", *options)
        kill_after(folder / "killed", first, clips // 3)
        before = len(stored(folder / "killed"))
        again = answer(rapt(folder / "killed", "batch", folder / "clips", *options))
        wrong = check_whole(folder / "killed", clips, seconds * RATE)
        lines += [
            f"| killed with its workers, done by then | {before} clips |",
            f"| the second command says | {again['counts']} |",
            f"| the store after that | {wrong or 'no clip twice, none missing'} |",
        ]
    return lines


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--no-eyes", action="store_true")
    parser.add_argument("--skip-kill", action="store_true")
    parser.add_argument("--out", type=Path, default=REPORT)
    args = parser.parse_args(argv)
    options = ["--no-eyes"] if args.no_eyes else []
    with tempfile.TemporaryDirectory(prefix="rapt-batch-") as folder:
        lines = measure(Path(folder), args.clips, args.seconds, options, not args.skip_kill)
    command = f"python -m benchmarks.batch --clips {args.clips} --seconds {args.seconds}"
    command += "".join(f" {option}" for option in options)
    about = "Many short recordings, analysed by `rapt batch` on all cores."
    args.out.write_text("\n".join(["# A batch", "", about, "", *lines, "", stamp(command), ""]))
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
