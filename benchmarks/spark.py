"""A standalone Spark cluster on this machine against the pool of `rapt batch`: rows and pace.

    python -m benchmarks.spark [--clips 12] [--seconds 10] [--film 1.5] [--part 0.5] [--fps F]
    python -m benchmarks.spark --clips 60 --seconds 60 --film 20 --part 5

A master and two workers of one core each listen on loopback. The pool analyses clips of 640×360
and one film of so many minutes; then the cluster does, its session's start included; then once
more, with a worker and its executor killed in the middle of their first recordings. Every timeline
is compared with the pool's, row for row and with its viewers' numbers. The first sizes take five
minutes on two quiet cores, the second an hour. Writes docs/benchmarks/spark.md.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.batch import FILMS, RATE, answer, encode, join, pictures, rapt
from fer_core.batch.pieces import recordings_in_work
from fer_core.home import Home
from fer_core.machine import cores, stamp
from fer_core.storage import open_store
from fer_core.storage.reading import Query

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "benchmarks" / "spark.md"
PORT = 17077
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # they only start others
UNIT_S = 10


@dataclass(frozen=True)
class Standalone:
    """A running cluster: its address, and its two workers."""

    address: str
    workers: tuple[subprocess.Popen[bytes], ...]

    def kill_worker(self) -> int:
        """End one worker and its executor as a power cut would; how many processes that were."""
        lost = self.workers[0]
        doomed = [lost.pid, *children(lost.pid)]
        for pid in doomed:
            os.kill(pid, signal.SIGKILL)
        return len(doomed)


@contextmanager
def cluster(folder: Path) -> Iterator[Standalone]:
    """A master with two workers, all in processes of their own."""
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "SPARK_DAEMON_JAVA_OPTS": JAVA,
    }
    deploy = "org.apache.spark.deploy"
    address = f"spark://127.0.0.1:{PORT}"
    commands = [[f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(PORT)]] + [
        [f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "2g",
         "--work-dir", str(folder / f"worker-{n}"), address]
        for n in range(2)
    ]  # fmt: skip
    with (folder / "spark.log").open("w") as log:
        running = [
            subprocess.Popen(
                [str(home / "bin" / "spark-class"), *command, "--webui-port", "0"],
                stdout=log, stderr=log, env=environment,
            )
            for command in commands
        ]  # fmt: skip
        try:
            while (folder / "spark.log").read_text().count("Successfully registered") < 2:
                if any(one.poll() is not None for one in running):
                    sys.exit((folder / "spark.log").read_text()[-2000:])
                time.sleep(0.2)
            yield Standalone(address, tuple(running[1:]))
        finally:
            for one in running:
                one.terminate()
                one.wait()


def make_recordings(folder: Path, clips: int, seconds: int, minutes: float) -> int:
    """The clips and the film, each of a content of its own; all their frames."""
    units = [
        encode(folder / f"unit-{n}.mp4", pictures(name, UNIT_S * RATE))
        for n, name in enumerate(FILMS)
    ]
    (folder / "recordings").mkdir()
    each = max(1, seconds // UNIT_S)
    for n in range(clips):
        parts = [units[n % 2]] * each
        join(folder / "recordings" / f"clip-{n:03d}.mp4", parts, f"clip {n}")
    # the first unit for most of the film, so that some seams lie far from a cut
    shots = round(minutes * 60 / UNIT_S)
    film = [units[0] if n % 8 < 5 else units[1] for n in range(shots)]
    if shots:
        join(folder / "recordings" / "film.mp4", film, "film")
    return (clips * each + shots) * UNIT_S * RATE


def children(parent: int) -> list[int]:
    """The processes that a process started, and theirs."""
    threads = Path(f"/proc/{parent}/task").glob("*/children")  # each has those that it started
    found = [int(pid) for thread in threads for pid in thread.read_text().split()]
    return found + [pid for one in found for pid in children(one)]


def in_work(shared: Path) -> list[str]:
    """Pieces of which some frames are analysed, and not all."""
    return [
        f"{recording.path.name}/{piece.name}"
        for recording in recordings_in_work(shared)
        if (asked := recording.asked()) is not None
        for piece in asked.pieces
        if recording.progress(piece)[0] and not recording.is_done(piece)
    ]


def timed(home: Path, folder: Path, options: list[str]) -> tuple[float, dict[str, object]]:
    """Seconds of the whole command, and what it answered."""
    begun = time.monotonic()
    found = answer(rapt(home, "batch", folder / "recordings", *options))
    return time.monotonic() - begun, found


def killed_in_the_middle(
    home: Path, folder: Path, options: list[str], machines: Standalone
) -> tuple[float, int, int]:
    """Seconds of the whole command, pieces that were in work when a worker was lost, processes."""
    begun = time.monotonic()
    process = rapt(home, "batch", folder / "recordings", *options)
    with ThreadPoolExecutor(1) as pool:
        said = pool.submit(answer, process)  # reads what it prints meanwhile
        while len(begun_on := in_work(folder / "shared")) < len(machines.workers):
            if process.poll() is not None:
                sys.exit("All was done before a worker could be killed: take longer recordings.")
            time.sleep(0.2)
        lost = machines.kill_worker()
        said.result()
    return time.monotonic() - begun, len(begun_on), lost


def rows(home: Path) -> dict[str, pa.Table]:
    """Of each recording by its name, its timeline without the session's id."""
    with open_store(Home(home)) as store:
        store.sync()
        found = store.select(
            Query(
                "SELECT s.name AS of, t.* EXCLUDE (session_id) FROM timeline t "
                "JOIN sessions s USING (session_id) ORDER BY s.name, frame, viewer",
                cap=100_000_000,
            )
        )
    names = found["of"].unique().to_pylist()
    return {name: found.filter(pc.equal(found["of"], name)) for name in names}


def compared(home: Path, wanted: dict[str, pa.Table]) -> str:
    """Which timelines differ from the pool's."""
    found = rows(home)
    other = [name for name in wanted if name not in found or not found[name].equals(wanted[name])]
    total = sum(table.num_rows for table in wanted.values())
    if other or found.keys() - wanted.keys():
        return f"**{len(other)} of {len(wanted)} timelines differ**: {', '.join(other[:5])}"
    return f"all {len(wanted)} timelines equal: {total:,} rows, viewers' numbers among them"


def measure(folder: Path, args: argparse.Namespace) -> list[str]:
    """Lines of the report."""
    frames = make_recordings(folder, args.clips, args.seconds, args.film)
    options = [] if args.fps is None else ["--fps", str(args.fps)]
    answer(rapt(folder / "warm", "analyze", folder / "unit-0.mp4", "--fps", "1"))
    for home in ("pool", "cluster", "killed"):
        (folder / home).mkdir()
        (folder / home / "cache").symlink_to(folder / "warm" / "cache")
    pool, said = timed(folder / "pool", folder, options)
    analysed = int(str(said["frames"]))
    wanted = rows(folder / "pool")
    with cluster(folder) as machines:
        spark = [
            "--engine", "spark", "--master", machines.address, "--shared", str(folder / "shared"),
            "--part", str(args.part), "--conf", "spark.driver.host=127.0.0.1",
            "--conf", "spark.executor.memory=1g", "--conf", "spark.driver.memory=1g",
        ]  # fmt: skip
        taken, _ = timed(folder / "cluster", folder, [*options, *spark])
        lines = [
            "| what | figure |",
            "| --- | --- |",
            f"| recordings | {args.clips} clips of {args.seconds} s, a film of {args.film:g} min: "
            f"{frames:,} frames, {analysed:,} analysed |",
            f"| the pool, {cores()} workers | {pool:.0f} s, {analysed / pool:.0f} frames/s |",
            f"| master and two workers, session's start included | {taken:.0f} s, "
            f"{analysed / taken:.0f} frames/s |",
            f"| of the pool's throughput | **{100 * pool / taken:.0f} %** (at least 80 %) |",
            f"| rows of the cluster | {compared(folder / 'cluster', wanted)} |",
        ]
        taken, pieces, lost = killed_in_the_middle(
            folder / "killed", folder, [*options, *spark], machines
        )
        lines += [
            f"| a worker killed with its executor ({lost} processes), {pieces} pieces in work | "
            f"{taken:.0f} s |",
            f"| rows after that | {compared(folder / 'killed', wanted)} |",
        ]
    return lines


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--film", type=float, default=1.5)
    parser.add_argument("--part", type=float, default=0.5)
    parser.add_argument("--fps", type=float)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="rapt-spark-") as folder:
        lines = measure(Path(folder), args)
    given = [f"--clips {args.clips} --seconds {args.seconds} --film {args.film:g}"]
    given += [f"--part {args.part:g}"] + ([f"--fps {args.fps:g}"] if args.fps else [])
    about = "`rapt batch --engine spark` beside `rapt batch` on the same cores."
    written = ["# A batch on Spark", "", about, "", *lines, ""]
    REPORT.write_text(
        "\n".join([*written, stamp(f"python -m benchmarks.spark {' '.join(given)}"), ""])
    )
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
