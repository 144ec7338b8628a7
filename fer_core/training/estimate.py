"""How long a training will take on this machine: a few of its batches, measured.

``python -m fer_core.training.estimate`` answers a request on standard input, so that a
process that serves pages need not load TensorFlow.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np

from fer_core.files import JsonObject
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings

#: Time given to measuring one kind of step at one size of pictures.
SECONDS = 2.0
#: Faces that validation reads at a time here.
READ = 256


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds: to begin, for each epoch (its validation included), and in all."""

    start_s: float
    epochs_s: tuple[float, ...]

    @property
    def total_s(self) -> float:
        return self.start_s + sum(self.epochs_s)

    def as_dict(self) -> JsonObject:
        return {**asdict(self), "total_s": self.total_s}


def estimate(settings: TrainSettings, faces: int, validation: int = 0) -> Estimate:
    """Measure a few batches of each size that the settings use, with random pictures.

    ``faces`` are those that an epoch shows, ``validation`` those that are read after it.
    """
    from fer_core.training.batches import epoch_batches
    from fer_core.training.networks import logits_of, new_model
    from fer_core.training.targets import labels_of

    begin = time.perf_counter()
    model = new_model(replace(settings, start=""))
    start_s = time.perf_counter() - begin
    settings = replace(settings, faces_an_epoch=0, balance="none")
    width = sum(len(names) for names in labels_of(settings.outputs).values())
    rng = np.random.default_rng(0)
    n = max(settings.batch, READ)
    pictures = Samples(rng.integers(0, 256, (n, 48, 48)).astype(np.uint8), np.zeros(n, np.int32))
    targets = np.full((n, width), 1 / width, np.float32)
    sizes = [settings.size_at(epoch) for epoch in range(settings.epochs)]
    cost: dict[int, float] = {}
    for size in sorted(set(sizes)):

        def train_one(size: int = size) -> None:
            model.train_on_batch(*next(epoch_batches(settings, pictures, targets, 0, size)))

        def read(size: int = size) -> None:
            logits_of(model, settings, pictures[:READ], size)

        for work, times in ((train_one, faces // settings.batch), (read, validation / READ)):
            if times:
                begin = time.perf_counter()
                work()  # the first time builds a graph
                start_s += time.perf_counter() - begin
                cost[size] = cost.get(size, 0.0) + times * _usual(work)
    return Estimate(start_s, tuple(cost.get(size, 0.0) for size in sizes))


def _usual(work: Callable[[], None]) -> float:
    """The median time of at least two calls, which end after SECONDS."""
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(times) < 2 or (len(times) < 20 and time.perf_counter() < end):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return float(np.median(times))


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    wanted = TrainSettings.from_dict(asked["settings"])
    found = estimate(wanted, asked["faces"], asked["validation"])
    sys.stdout.write(json.dumps(found.as_dict()) + "\n")
