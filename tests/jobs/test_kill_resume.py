"""``kill -9`` at a random moment, again and again: the rows must not know of it.

benchmarks/kill_resume.py does the same twenty times on the sample clip.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from fer_core.home import Home
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.pool import WORKER, start_worker
from fer_core.storage import read_frames, read_shards
from fer_core.storage.timeline.kept_faces import KeptFaces, read_kept
from fer_core.storage.timeline.session_file import read_session
from fer_core.storage.timeline.shards import last_number
from fer_core.types import AnalysisSettings
from tests.films import portrait_film
from tests.jobs.trial_film import film
from tests.long import only_long

TRIAL = (sys.executable, str(Path(__file__).with_name("trial_worker.py")))
SEED = 20


def work(
    home: Home, spec: AnalysisSpec, worker: tuple[str, ...], kill_after_s: float | None = None
) -> bool:
    """One worker on the session; True where it came to its end before it was killed.

    The moment counts from the run's first shard, so that every run gets somewhere, also on
    a busy machine. A negative one kills at once.
    """
    folder = JobFolder.of(home, f"j{spec.session_id}")
    fd = folder.take_lock()
    assert fd is not None
    folder.clear()
    folder.write_spec("analyze", {**spec.to_json(), "shard_every_s": 0})
    child = start_worker(folder, fd, worker=worker)
    os.close(fd)
    begun = time.monotonic()
    before, since = last_number(home.shards(spec.session_id)), None
    while child.poll() is None:
        if since is None and last_number(home.shards(spec.session_id)) > before:
            since = time.monotonic()
        now = -1.0 if since is None else time.monotonic() - since
        if kill_after_s is not None and now >= kill_after_s:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return False
        assert time.monotonic() - begun < 60
        time.sleep(0.005)
    state = folder.state()
    assert state is not None
    assert state.status == "done", state.error
    return True


def rows(home: Home, spec: AnalysisSpec) -> tuple[pa.Table, pa.Table]:
    return (
        read_shards(home, spec.session_id).drop_columns("session_id"),
        read_frames(home, spec.session_id).drop_columns("session_id"),
    )


def same_after_kills(
    home: Home,
    path: Path,
    settings: AnalysisSettings,
    worker: tuple[str, ...],
    moments: list[float],
) -> None:
    whole, broken = AnalysisSpec.new(path, settings), AnalysisSpec.new(path, settings)
    work(home, whole, worker)
    killed = sum(not work(home, broken, worker, moment) for moment in moments)
    assert killed, "no kill came in time: the film is too short for this machine"
    work(home, broken, worker)
    for one, other in zip(rows(home, whole), rows(home, broken)):
        assert one.equals(other)
    kept = [read_kept(home, spec.session_id) for spec in (whole, broken)]
    assert bool(len(kept[0])) == settings.keep_faces
    for field in fields(KeptFaces):
        assert np.array_equal(getattr(kept[0], field.name), getattr(kept[1], field.name))
    first, second = read_session(home, whole.session_id), read_session(home, broken.session_id)
    assert first is not None
    assert second is not None
    assert replace(first.summary, fps=0) == replace(second.summary, fps=0)


@only_long
def test_after_five_kills_the_timeline_is_that_of_an_undisturbed_run(
    home: Home, tmp_path: Path
) -> None:
    """With a stand-in whose every row follows from the one before: nothing can hide."""
    chance = random.Random(SEED)
    path = film(tmp_path / "a.mp4", frames=400, pause_ms=4)
    moments = [chance.uniform(0.0, 0.2) for _ in range(5)]
    same_after_kills(home, path, AnalysisSettings(keep_faces=True), TRIAL, moments)


def test_the_real_pipeline_goes_on_after_a_kill_as_if_nothing_had_been(
    home: Home, tmp_path: Path
) -> None:
    path = portrait_film(tmp_path / "portrait.mp4", frames=150)
    settings = AnalysisSettings(detector="haar", min_face=60, keep_faces=True)
    same_after_kills(home, path, settings, WORKER, [0.0])


def test_a_worker_that_is_killed_at_once_leaves_nothing_that_hinders_the_next(
    home: Home, tmp_path: Path
) -> None:
    path = film(tmp_path / "a.mp4", frames=20)
    same_after_kills(home, path, AnalysisSettings(), TRIAL, [-1.0, -1.0])
