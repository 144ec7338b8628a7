"""A worker whose jobs cost nothing, to see how the queue treats good and bad ones."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from fer_core.errors import Cancelled, VideoError
from fer_core.home import Home
from fer_core.jobs import kinds, worker


def run_job(home: Home, spec: dict[str, Any], progress: kinds.Progress) -> dict[str, Any]:
    """Count to ``count``, and do at the end, or all the while, what ``then`` says."""
    then = spec.get("then", "")
    for n in range(1, spec.get("count", 5) + 1):
        progress(n, spec.get("count", 5), "Counting")
        if progress.should_stop() and then != "deaf":
            raise Cancelled
        time.sleep(spec.get("pause_s", 0.01))
    if then == "refuse":
        raise VideoError("The file is no video.", "Choose another one.")
    if then == "break":
        raise ZeroDivisionError("a bug")
    if then == "no-memory":
        raise MemoryError
    if then == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if then == "vanish":
        print("about to vanish", flush=True)  # noqa: T201 - what a job prints goes to its log
        os.kill(os.getpid(), signal.SIGKILL)
    return {"counted": spec.get("count", 5)}


def analyse_trial_film(
    home: Home, spec: dict[str, Any], progress: kinds.Progress
) -> dict[str, Any]:
    """The real job ``analyze``, with a stand-in for the pipeline and many small shards."""
    from fer_core.jobs import analysis
    from tests.jobs.trial_film import TrialAnalysis

    analysis.pipeline = lambda: TrialAnalysis
    analysis.kept_networks = lambda home: None
    return analysis.run_job(home, {**spec, "shard_every_s": 0}, progress)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    worker.NICE = 0  # tests share the machine with nobody who should come first
    kinds.KINDS["analyze"] = "__main__:analyse_trial_film"
    kinds.KINDS["trial"] = kinds.KINDS["train"] = "__main__:run_job"
    sys.exit(worker.main())
