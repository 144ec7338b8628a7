"""Kill the worker at random moments, resume it each time, compare with an undisturbed run.

    python -m benchmarks.kill_resume [--film FILE] [--kills 20] [--seed 7]

Real worker processes, real pipeline, `kill -9`. The timeline and the table of frames must
be the same, row for row and bit for bit. Writes docs/benchmarks/kill_resume.md.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from fer_core.home import Home
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.pool import start_worker
from fer_core.machine import stamp
from fer_core.storage import read_frames, read_shards
from fer_core.storage.timeline.session_file import read_session
from fer_core.types import AnalysisSettings
from fer_core.video import sample_clip

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "kill_resume.md"


def run_once(home: Home, spec: AnalysisSpec, kill_after_s: float | None) -> tuple[str, float]:
    """One worker on the session; how it ended and how long it lived."""
    folder = JobFolder.of(home, f"j{spec.session_id}")
    fd = folder.take_lock()
    assert fd is not None, "the last worker is dead and its lock is free"
    folder.clear()
    folder.write_spec("analyze", spec.to_json())
    begun = time.monotonic()
    child = start_worker(folder, fd)
    os.close(fd)
    while child.poll() is None:
        if kill_after_s is not None and time.monotonic() - begun >= kill_after_s:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return "killed", time.monotonic() - begun
        time.sleep(0.005)
    state = folder.state()
    assert state is not None
    if state.status != "done":
        sys.exit(f"The worker ended as {state.status}: {state.error}")
    return "done", time.monotonic() - begun


def rows(home: Home, spec: AnalysisSpec) -> tuple[pa.Table, pa.Table]:
    return (
        read_shards(home, spec.session_id).drop_columns("session_id").combine_chunks(),
        read_frames(home, spec.session_id).drop_columns("session_id").combine_chunks(),
    )


def differences(one: tuple[pa.Table, ...], other: tuple[pa.Table, ...]) -> list[str]:
    """Where two sessions' tables differ, column by column; nothing where they are equal."""
    found = []
    for a, b in zip(one, other):
        if a.num_rows != b.num_rows:
            found.append(f"  {a.num_rows} rows against {b.num_rows}")
            continue
        for name in a.column_names:
            pairs = list(zip(a[name].to_pylist(), b[name].to_pylist(), a["frame"].to_pylist()))
            wrong = [(x, y, frame) for x, y, frame in pairs if x != y]
            if wrong:
                found.append(f"  {name}: {len(wrong)} rows, first {wrong[0]}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--film", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory(prefix="rapt-kill-") as folder:
        home = Home(Path(folder))
        film = args.film or sample_clip(home.uploads / "sample-clip.mp4")
        settings = AnalysisSettings()
        whole = AnalysisSpec.new(film, settings)
        run_once(home, whole, None)  # fills the cache: networks are exported once
        whole = AnalysisSpec.new(film, settings)
        _, whole_s = run_once(home, whole, None)
        print(f"undisturbed: {whole_s:.1f} s")

        kills, sessions, equal, lived = 0, 0, 0, []
        while kills < args.kills:
            spec = AnalysisSpec.new(film, settings)
            sessions += 1
            for _ in range(200):
                # any moment: also while it loads, writes its last shard, or adds up
                moment = chance.uniform(0.05, whole_s) if kills < args.kills else None
                ended, seconds = run_once(home, spec, moment)
                if ended == "done":
                    break
                kills += 1
                lived.append(seconds)
                print(f"kill {kills}: after {seconds:.2f} s", flush=True)
            else:
                sys.exit("Two hundred runs brought no end: progress is lost at every kill.")
            unlike = differences(rows(home, whole), rows(home, spec))
            same = not unlike
            print("\n".join(unlike), end="\n" if unlike else "")
            equal += same
            first, second = (
                read_session(home, whole.session_id),
                read_session(home, spec.session_id),
            )
            assert first is not None
            assert second is not None
            same_summary = replace(first.summary, fps=0) == replace(second.summary, fps=0)
            print(
                f"session {sessions}: rows equal: {same}, summary equal: {same_summary}", flush=True
            )
            equal -= same and not same_summary
        timeline, frames = rows(home, whole)
    text = (
        f"# Killed and resumed\n\n{stamp('python -m benchmarks.kill_resume')}\n\n"
        f"{kills} times `kill -9` at a random moment (0.05 s to {max(lived):.1f} s after the "
        f"worker's start; an undisturbed run takes {whole_s:.1f} s), over {sessions} sessions of "
        f"{frames.num_rows} frames and {timeline.num_rows} rows each.\n\n"
        f"Sessions whose timeline, frames and summary equal the undisturbed run's, row for row: "
        f"**{equal} of {sessions}**.\n"
    )
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text)
    print(text)
    sys.exit(0 if equal == sessions else 1)


if __name__ == "__main__":
    main()
