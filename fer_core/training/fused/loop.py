"""A training on the device that fits into the time there is, and goes on after it was cut off."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fer_core.errors import SettingsError
from fer_core.training import targets
from fer_core.training.batches import prefetch
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.distillation import mixed_targets
from fer_core.training.fused.steps import TOGETHER, Draws, State, Steps
from fer_core.training.loop import (
    BEST,
    LAST,
    Course,
    Epoch,
    batches_an_epoch,
    rate_at,
    scored,
    wanted_targets,
)
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings
from fer_core.types import Bytes, Float

#: Share of the time left that the epochs are fitted to: not every epoch is as fast as the one
#: that was measured.
FITTED = 0.95
#: A checkpoint is written when this many seconds have passed since the last one, and at the end.
EVERY_S = 20.0


@dataclass(frozen=True, slots=True)
class Pace:
    """What was measured before the first epoch."""

    compile_s: float
    epoch_s: float  # mean over the sizes of pictures that the run uses
    pictures_per_s: float
    answers_per_s: float  # faces that the network answers


class Run:
    """One training on the device, new or taken up again from ``folder``/last.npz."""

    def __init__(
        self,
        settings: TrainSettings,
        training: Samples,
        folder: Path,
        *,
        validation: Samples | None = None,
        logits: Float | None = None,
        fuse: bool = True,
    ):
        """
        Args:
            validation: Faces that judge each epoch; without them the last epoch is the best.
            logits: The teachers' mean logits for the training faces, for distillation; NaN
                where they were not asked.
            fuse: An epoch is one call; see ``Steps``.
        """
        self.last, self.best = folder / LAST, folder / BEST
        found = Checkpoint.load(self.last) if self.last.exists() else None
        settings = found.settings if found is not None else settings
        self.per_epoch = batches_an_epoch(settings, training)
        if settings.distill_weight and logits is None:
            raise SettingsError(
                "There are no teachers' answers to distil.",
                "Give them, or set distill_weight to 0.",
            )
        wanted = wanted_targets(settings, training)
        if logits is not None and settings.distill_weight:
            known = np.isfinite(logits).all(axis=1)
            wanted[known] = mixed_targets(wanted[known], logits[known], settings)
        self.settings, self.training, self.validation = settings, training, validation
        self.steps = Steps(settings, training.images, wanted, fuse=fuse)
        self.found = found
        self.pace: Pace | None = None

    @property
    def done(self) -> bool:
        """Whether nothing is left to train."""
        found = self.found
        return found is not None and Course.of(found).over(self.settings)

    def measure(self) -> Pace:
        """Compile every size and time an epoch of it, whose results are thrown away."""
        settings, cost, compiled = self.settings, {}, 0.0
        sizes = [settings.size_at(epoch) for epoch in range(settings.epochs)]
        for size in sorted(set(sizes)):
            draws = Draws.of(settings, self.training, 0, size)
            started = time.perf_counter()
            self.steps.compile(self.steps.begin(), draws, size)
            compiled += time.perf_counter() - started
            state = self.steps.begin()
            started = time.perf_counter()
            self.steps.epoch(state, draws, np.zeros(self.per_epoch, np.float32), size)
            cost[size] = time.perf_counter() - started
        epoch_s = float(np.mean([cost[size] for size in sizes]))
        faces = self.per_epoch * settings.batch
        some = self.training.images[:TOGETHER]
        weights = self.steps.averaged(self.steps.begin())
        started = time.perf_counter()
        self.steps.logits(weights, some, sizes[-1])
        compiled += time.perf_counter() - started
        started = time.perf_counter()
        self.steps.logits(weights, some, sizes[-1])
        answers = len(some) / (time.perf_counter() - started)
        self.pace = Pace(compiled, epoch_s, faces / cost[sizes[-1]], answers)
        return self.pace

    def fit(self, seconds: float, least: int) -> int:
        """Set the epochs to what fits into ``seconds``, at most those of the settings.

        Where fewer than ``least`` fit, the run keeps all of its epochs: it is too short to be
        worth ending, and goes on another time. A run that was begun keeps its schedule.
        """
        pace = self.pace or self.measure()
        fits = int(seconds * FITTED / pace.epoch_s)
        if self.found is None and least <= fits < self.settings.epochs:
            self.settings = self.steps.settings = replace(self.settings, epochs=fits)
        return self.settings.epochs

    def train(
        self,
        left: Callable[[], float],
        *,
        on_epoch: Callable[[Epoch], None] | None = None,
        on_checkpoint: Callable[[Checkpoint], None] | None = None,
    ) -> Checkpoint:
        """Train until the last epoch, or until ``left`` (seconds) does not hold another one.

        A new run trains one epoch in any case.
        Checkpoints are written after whole epochs, to ``last.npz`` and, where validation faces
        judge them, ``best.npz``.
        """
        settings = self.settings
        state, course = self._begin()
        written = time.perf_counter()
        took = self.pace.epoch_s if self.pace else 0.0
        ahead = (
            Draws.of(settings, self.training, epoch, settings.size_at(epoch))
            for epoch in range(course.epoch, settings.epochs)
        )
        drawn = prefetch(ahead, 2)
        try:
            while not course.over(settings) and (self.found is None or left() > 1.2 * took):
                state, numbers, better = self._epoch(state, next(drawn), course)
                took = numbers["seconds"]
                if on_epoch is not None:
                    on_epoch(numbers)
                over = course.over(settings) or left() <= 1.2 * took
                if better or over or time.perf_counter() - written > EVERY_S:
                    written = time.perf_counter()
                    self.found = self._checkpoint(state, course)
                    self.found.save(self.last)
                    if better:
                        self.found.save(self.best)
                    if on_checkpoint is not None:
                        on_checkpoint(self.found)
                if over:
                    break
        finally:
            drawn.close()
        assert self.found is not None  # a new run trains one epoch whatever the time
        return self.found

    def _begin(self) -> tuple[State, Course]:
        found = self.found
        if found is None:
            return self.steps.begin(), Course(self.settings.rate)
        state = self.steps.restored(found.model, found.optimizer, found.average, found.step)
        return state, Course.of(found)

    def _epoch(self, state: State, draws: Draws, course: Course) -> tuple[State, Epoch, bool]:
        """One epoch, judged by the validation faces; whether it is the best so far."""
        settings = self.settings
        started = time.perf_counter()
        begin, total = course.epoch * self.per_epoch, self.per_epoch * settings.epochs
        rates = [
            rate_at(settings, course.rate, begin + number, self.per_epoch, total)
            for number in range(self.per_epoch)
        ]
        size = settings.size_at(course.epoch)
        state, loss = self.steps.epoch(state, draws, np.array(rates), size)
        if not math.isfinite(loss):
            raise SettingsError(
                f"The loss is {loss} in epoch {course.epoch + 1}.", "Choose a lower learning rate."
            )
        course.epoch += 1
        numbers: Epoch = {}
        better = False
        if self.validation is not None:
            answers = self.steps.logits(self.steps.averaged(state), self.validation.images, size)
            numbers = scored(targets.labels_of(settings.outputs), self.validation, answers)
            better = course.judge(settings, numbers["accuracy"])
        numbers |= {"epoch": course.epoch, "loss": loss, "rate": rates[-1], "size": size}
        numbers["seconds"] = time.perf_counter() - started
        course.history.append(numbers)
        return state, numbers, better

    def weights(self, checkpoint: Checkpoint) -> tuple[np.ndarray, ...]:
        """The weights that serve, in the order of model.weights: the average, if there is one."""
        if checkpoint.average:
            return checkpoint.average
        model = self.steps.model
        by_id = {id(v): value for v, value in zip(model.variables, checkpoint.model, strict=True)}
        return tuple(by_id[id(v)] for v in model.weights)

    def logits(self, weights: Sequence[np.ndarray], images: Bytes, views: int = 0) -> Float:
        """The mean logits over each face, its mirror image and ``views`` augmented pictures."""
        size = self.settings.sizes[-1][1]
        found = [self.steps.logits(weights, one, size) for one in (images, images[:, :, ::-1])]
        how = self.settings.augmentation.halved()
        found += [self.steps.logits(weights, images, size, how, k) for k in range(views)]
        return np.mean(found, axis=0).astype(np.float32)

    def _checkpoint(self, state: State, course: Course) -> Checkpoint:
        return Checkpoint(
            settings=self.settings,
            epoch=course.epoch,
            step=course.epoch * self.per_epoch,
            rate=course.rate,
            history=tuple(course.history),
            best=course.best,
            waited=course.waited,
            model=self.steps.variables(state),
            optimizer=tuple(np.asarray(value) for value in state.optimizer),
            average=tuple(np.asarray(value) for value in state.average),
        )
