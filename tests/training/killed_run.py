"""A training that is killed in the middle of an epoch: started by test_resume."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from fer_core.training.loop import train
from tests.training.sets import some_faces
from tests.training.settings import SHORT

if __name__ == "__main__":

    def die(done: int, total: int) -> None:
        if done == 6:  # four batches an epoch: in the middle of the second
            os.kill(os.getpid(), signal.SIGKILL)

    train(SHORT, some_faces(70), some_faces(21, seed=1), Path(sys.argv[1]), on_batch=die)
