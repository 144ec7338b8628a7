"""How long a run will take here, found out before it starts and outside this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

from fer_core.errors import JobError, RaptError
from fer_core.home import Home
from fer_core.jobs.training_sources import TrainSpec, base_of, data_of, prepared_of
from fer_core.training.datasets import DataSet
from fer_core.training.estimate import Estimate
from fer_core.training.loop import epoch_order

#: Measuring takes about ten seconds; a machine that needs this long is busy with other work.
WAIT_S = 300.0


def estimated(
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
    own_time = Estimate(found["start_s"], tuple(found["epochs_s"]))
    if spec.teacher is None:
        return own_time
    first = estimated(home, spec.teacher, own)
    return Estimate(first.start_s + own_time.start_s, first.epochs_s + own_time.epochs_s)
