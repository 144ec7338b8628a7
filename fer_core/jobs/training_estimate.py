"""Estimates how long a training will take here, by a few batches in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

from fer_core.errors import JobError, RaptError
from fer_core.home import Home
from fer_core.jobs.training_sources import TrainSpec, base_of, data_of, prepared_of
from fer_core.training.batches import epoch_order
from fer_core.training.datasets import DataSet
from fer_core.training.estimate import Estimate

#: Measuring takes about ten seconds; a machine that needs this long is busy with other work.
WAIT_S = 300.0


def estimated(
    home: Home, spec: TrainSpec, own: Callable[[Home], DataSet] | None = None
) -> Estimate:
    """What the run and those of its teachers will take."""
    each = [estimated_one(home, run, own) for run in spec.in_turn()]
    epochs = [seconds for one in each for seconds in one.epochs_s]
    return Estimate(sum(one.start_s for one in each), tuple(epochs))


def estimated_one(
    home: Home, spec: TrainSpec, own: Callable[[Home], DataSet] | None = None
) -> Estimate:
    """Read the data, then measure a few batches in a process of their own.

    The time is that of the machine as it is now: what else runs, slows it as it will slow
    the training.
    """
    base_of(home, spec)
    prepared = prepared_of(data_of(home, spec, own), spec.settings)
    asked = {
        "settings": spec.settings.as_dict(),
        "faces": len(epoch_order(spec.settings, prepared.training, 0)),
        "validation": len(prepared.validation),
    }
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "fer_core.training.estimate"],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            check=True,
            env={"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ},
        )
    except subprocess.TimeoutExpired as error:
        raise JobError(
            "The time cannot be estimated: this machine is too busy.", "Try again later."
        ) from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:]
        raise RaptError(
            f"The time cannot be estimated: {last[0] if last else 'measuring ended early'}",
            "Check the settings.",
        ) from error
    found = json.loads(answer.stdout.strip().splitlines()[-1])
    return Estimate(found["start_s"], tuple(found["epochs_s"]))
