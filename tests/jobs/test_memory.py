"""A worker that takes too much memory is stopped under the stated limit, with clear words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fer_core import memory
from fer_core.home import Home
from fer_core.jobs.folder import JobFolder, JobState

PROJECT = Path(__file__).resolve().parents[2]
#: A worker whose analysis takes ``grow`` bytes and then waits, with a limit of its own.
GREEDY = """
import sys, time
from pathlib import Path
sys.path.insert(0, {project!r})
from fer_core.jobs import kinds, worker
taken = []
def greedy(home, spec, progress):
    for _ in range(spec["blocks"]):
        taken.append(bytearray(b"x" * (1 << 20)))
    progress(1, 1, "")
    time.sleep(spec["wait_s"])
    return {{"blocks": len(taken)}}
kinds.KINDS["analyze"] = kinds.KINDS["train"] = "__main__:greedy"
worker.NICE = 0
worker.MOST_BYTES = worker.held() + {watched}
worker.limit_hard = lambda: None if not {hard} else __import__("fer_core.memory").memory.limit_hard(
    __import__("fer_core.memory").memory.held() + {hard})
sys.exit(worker.main([{folder!r}]))
"""


def run(home: Home, *, job: str = "analyze", watched: int, hard: int = 0, blocks: int) -> JobState:
    folder = JobFolder.of(home, "j1")
    folder.path.mkdir(parents=True)
    folder.write_spec(job, {"blocks": blocks, "wait_s": 20 if watched < blocks << 20 else 0})
    code = GREEDY.format(project=str(PROJECT), watched=watched, hard=hard, folder=str(folder.path))
    subprocess.run([sys.executable, "-c", code], timeout=60, check=False, capture_output=True)
    state = folder.state()
    assert state is not None
    return state


def test_what_grows_is_stopped_and_says_so(home: Home) -> None:
    state = run(home, watched=100 << 20, blocks=300)
    assert state.status == "failed"
    assert "GB of memory" in state.error
    assert "smaller copy" in state.hint


def test_what_stays_below_is_left_alone(home: Home) -> None:
    assert run(home, watched=400 << 20, blocks=100).result == {"blocks": 100}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what is written to")
def test_what_grows_faster_than_anybody_looks_meets_the_systems_limit(home: Home) -> None:
    state = run(home, watched=900 << 20, hard=200 << 20, blocks=800)
    assert (state.status, state.error) == ("failed", "There was no memory left for this job.")
    assert "smaller copy" in state.hint


def test_a_training_has_no_limit(home: Home) -> None:
    state = run(home, job="train", watched=10 << 20, blocks=5)
    assert state.status == "done"


def test_the_limit_is_what_the_docs_say() -> None:
    assert memory.MOST_BYTES == 3 << 30
    assert "3 GB" in (PROJECT / "docs" / "security.md").read_text("utf-8")
    assert memory.held() > 1 << 20
