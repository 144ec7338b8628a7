"""A batch at work: real worker processes, with a stand-in for the pipeline."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tests.jobs
from fer_core.batch.plan import make_plan, queue_steps
from fer_core.batch.run import Batch, Outcome, Progress
from fer_core.batch.sources import Recording
from fer_core.home import Home
from fer_core.jobs.folder import JobFolder
from fer_core.storage import Store, open_store
from fer_core.types import AnalysisSettings
from tests.jobs.trial_film import film
from tests.long import only_long

TRIAL = (sys.executable, str(Path(tests.jobs.__path__[0]) / "trial_worker.py"))
CLIPS = 5


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    with open_store(home) as opened:
        yield opened


@pytest.fixture
def clips(tmp_path: Path) -> list[Recording]:
    return [Recording(film(tmp_path / f"{n}.mp4", 40 + n, pause_ms=4)) for n in range(CLIPS)]


def analysed(store: Store) -> list[tuple[str, int]]:
    """Name and frames of each session that is done, from the timeline's own tables."""
    store.sync()
    return [
        (str(name), int(frames))
        for name, frames in store.frame(
            "SELECT s.name, count(*) AS n FROM sessions s JOIN frames f USING (session_id) "
            "WHERE s.status = 'done' GROUP BY ALL ORDER BY s.name"
        ).itertuples(index=False)
    ]


class Watcher:
    """Remembers what a batch says, and may interfere."""

    def __init__(self, interfere: Callable[[Watcher, Progress], object] | None = None) -> None:
        self.stop = threading.Event()
        self.outcomes: list[Outcome] = []
        self.most = 0
        self._interfere = interfere

    def run(self, store: Store, clips: list[Recording]) -> list[str]:
        steps = queue_steps(store, make_plan(store, clips, AnalysisSettings(model="trial")))
        Batch(store, steps, workers=2, worker=TRIAL).run(
            self.stop, self.on_progress, self.outcomes.append
        )
        return sorted(outcome.status for outcome in self.outcomes)

    def on_progress(self, now: Progress) -> None:
        self.most = max(self.most, len(now.running))
        if self._interfere is not None:
            self._interfere(self, now)


def test_two_processes_analyse_all_and_one_that_fails_stops_none(
    home: Home, store: Store, clips: list[Recording]
) -> None:
    clips[2].path.write_text("no film")
    watcher = Watcher()
    assert watcher.run(store, clips) == ["done"] * 4 + ["failed"]
    [failed] = [one for one in watcher.outcomes if one.status == "failed"]
    assert failed.step.recording.path.name == "2.mp4"
    assert "2.mp4 is not a video" in str(failed.error)
    assert watcher.most == 2
    assert analysed(store) == [(str(n), 40 + n) for n in range(CLIPS) if n != 2]
    pids = {JobFolder.of(home, job.job_id).pid() for job in store.jobs.list()}
    assert len(pids) == 2, "each process works on one recording after the other"


@only_long
def test_what_was_killed_and_stopped_is_gone_on_with_and_nothing_is_doubled(
    home: Home, store: Store, clips: list[Recording]
) -> None:
    film(clips[0].path, 150, pause_ms=10)
    killed: list[int] = []

    def interfere(watcher: Watcher, now: Progress) -> None:
        for step, state in now.running:
            if not killed and state.done and step.recording is clips[0]:
                killed.append(state.pid)
                os.killpg(state.pid, signal.SIGKILL)
        if killed and now.over >= 2:
            watcher.stop.set()

    first = Watcher(interfere)
    said = Counter(first.run(store, clips))
    assert said["failed"] == 1
    assert said["stopped"] >= 1
    [failed] = [one for one in first.outcomes if one.status == "failed"]
    assert "killed (SIGKILL)" in str(failed.error)
    assert len(analysed(store)) == said["done"]
    second = Watcher().run(store, clips)
    assert second == ["done"] * (CLIPS - said["done"]), "what was done is not done again"
    assert analysed(store) == [("0", 150), *((str(n), 40 + n) for n in range(1, CLIPS))]
    assert len(store.sessions.list()) == CLIPS
