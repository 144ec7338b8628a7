"""The one loop: any architecture of the zoo, any backend of Keras.

It reads top to bottom: build, resume, then epochs of batches, each epoch measured on the
moving average of the weights, written as a checkpoint and reported.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fer_core.errors import Cancelled, DataError, SettingsError
from fer_core.evaluation.metrics import confusion, macro_f1
from fer_core.labels import EMOTIONS
from fer_core.training import targets
from fer_core.training.batches import epoch_batches, epoch_order, prefetch
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.distillation import distill
from fer_core.training.networks import logits_of, new_model, restore
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings
from fer_core.types import Float

Epoch = dict[str, float]
LAST, BEST = "last.npz", "best.npz"


def train(
    settings: TrainSettings,
    training: Samples,
    validation: Samples,
    folder: Path,
    *,
    resume: bool = False,
    on_epoch: Callable[[Epoch], None] | None = None,
    on_batch: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    enough: Callable[[], bool] | None = None,
    on_answers: Callable[[Float, int], None] | None = None,
) -> Checkpoint:
    """Train and leave ``last.npz`` and ``best.npz`` in ``folder``; the last one is returned.

    ``on_epoch`` gets each epoch's numbers as it ends, ``on_batch`` the batches done and in
    all. ``cancelled`` is asked before every batch; the checkpoint of the last whole epoch
    stays, and Cancelled is raised. ``enough`` is asked after every epoch and ends the run
    there as if it had been its last. ``on_answers`` gets the logits of the validation faces
    and the epoch, before its numbers are told.
    """
    network = NetworkInTraining(settings, batches_of_this_loop(settings, training))
    wanted = wanted_targets(settings, training)
    if settings.distill_weight:
        distill(wanted, settings, training)
    course, over = Course(settings.rate), False
    if resume and (folder / LAST).exists():
        found = Checkpoint.load(folder / LAST)
        network.take_up(found)
        course = Course.of(found)
    while not over and not course.over(settings):
        started = time.perf_counter()
        size = settings.size_at(course.epoch)
        seed_epoch(settings, course.epoch)
        batches = epoch_batches(settings, training, wanted, course.epoch, size)
        loss, rate = network.epoch(batches, course.rate, on_batch, cancelled)
        course.epoch += 1
        logits = network.logits(validation, size)
        numbers = scored(targets.labels_of(settings.outputs), validation, logits)
        if on_answers is not None:
            on_answers(logits, course.epoch)
        numbers |= {"epoch": course.epoch, "loss": loss, "rate": rate, "size": size}
        numbers["seconds"] = time.perf_counter() - started
        course.history.append(numbers)
        better = course.judge(settings, numbers["accuracy"])
        network.save(course, folder, better)
        if on_epoch is not None:
            on_epoch(numbers)
        over = enough is not None and enough()
    return Checkpoint.load(folder / LAST)


def batches_of_this_loop(settings: TrainSettings, training: Samples) -> int:
    """As ``batches_an_epoch``; SettingsError for what this loop does not do."""
    if settings.sharpness:
        raise SettingsError(
            "Sharpness-aware steps are not made by this loop.",
            "Train with python -m fer_core.rental train, or set sharpness to 0.",
        )
    return batches_an_epoch(settings, training)


def batches_an_epoch(settings: TrainSettings, training: Samples) -> int:
    """How many batches the faces of an epoch fill; DataError where not one."""
    shown = len(epoch_order(settings, training, 0))
    if shown < settings.batch:
        raise DataError(
            f"{shown} training faces do not fill one batch of {settings.batch}.",
            "Choose a smaller --batch or give more faces.",
        )
    return shown // settings.batch


@dataclass
class Course:
    """How far a run has come."""

    rate: float
    epoch: int = 0  # epochs that are done
    best: float = -1.0  # the best epoch's accuracy
    waited: int = 0  # epochs since the best one
    history: list[Epoch] = field(default_factory=list)

    @classmethod
    def of(cls, found: Checkpoint) -> Course:
        return cls(found.rate, found.epoch, found.best, found.waited, list(found.history))

    def over(self, settings: TrainSettings) -> bool:
        return self.epoch >= settings.epochs or stalled(settings, self.waited)

    def judge(self, settings: TrainSettings, accuracy: float) -> bool:
        """Take an epoch's accuracy into account; whether it is the best so far."""
        better = accuracy > self.best
        self.best = max(self.best, accuracy)
        self.waited = 0 if better else self.waited + 1
        self.rate = rate_after(settings, self.rate, self.waited)
        return better


class NetworkInTraining:
    """The network under training: its weights, their moving average, the batches it has seen."""

    def __init__(self, settings: TrainSettings, per_epoch: int) -> None:
        self.model, self.settings, self.per_epoch = new_model(settings), settings, per_epoch
        self.step = 0  # batches that are done
        self.average: list[Float] = []
        if settings.ema:
            self.average = [v.astype(np.float32) for v in self.model.get_weights()]

    def take_up(self, found: Checkpoint) -> None:
        restore(self.model.variables, found.model)
        restore(self.model.optimizer.variables, found.optimizer)
        self.average, self.step = list(found.average), found.step

    def epoch(
        self,
        batches: Iterator[tuple[Float, Float]],
        rate: float,
        on_batch: Callable[[int, int], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> tuple[float, float]:
        """Learn from every batch; the mean loss and the last learning rate."""
        model, settings = self.model, self.settings
        total = self.per_epoch * settings.epochs
        loss, done, now = 0.0, 0, rate
        with closing(prefetch(batches)) as ahead:
            for pictures, answers in ahead:
                if cancelled is not None and cancelled():
                    raise Cancelled()
                now = rate_at(settings, rate, self.step, self.per_epoch, total)
                model.optimizer.learning_rate.assign(now)
                model.reset_metrics()
                loss += float(np.asarray(model.train_on_batch(pictures, answers)))
                self.step, done = self.step + 1, done + 1
                if self.average and self.step % settings.ema_every == 0:
                    blend(self.average, model.get_weights(), settings, self.step)
                if on_batch is not None:
                    on_batch(self.step, total)
                if not math.isfinite(loss):
                    raise SettingsError(
                        f"The loss is {loss} after {self.step} batches.",
                        "Choose a lower learning rate.",
                    )
        return loss / done, now

    def logits(self, samples: Samples, size: int) -> Float:
        """Logits (n, labels of all outputs) of the moving average, or of the weights themselves."""
        if not self.average:
            return logits_of(self.model, self.settings, samples, size)
        own = [np.array(v) for v in self.model.get_weights()]  # torch gives views
        self.model.set_weights(self.average)
        logits = logits_of(self.model, self.settings, samples, size)
        self.model.set_weights(own)
        return logits

    def save(self, course: Course, folder: Path, better: bool) -> None:
        """Write ``last.npz``, and ``best.npz`` where this epoch is the best so far."""
        state = Checkpoint(
            settings=self.settings,
            epoch=course.epoch,
            step=self.step,
            rate=course.rate,
            history=tuple(course.history),
            best=course.best,
            waited=course.waited,
            model=tuple(np.asarray(v) for v in self.model.variables),
            optimizer=tuple(np.asarray(v) for v in self.model.optimizer.variables),
            average=tuple(self.average),
        )
        state.save(folder / LAST)
        if better:
            state.save(folder / BEST)


def wanted_targets(settings: TrainSettings, training: Samples) -> Float:
    """Targets (n, labels of all outputs) from labels and votes, weighed as the settings say."""
    weights = None
    if settings.balance in ("weights", "roots"):
        power = 0.5 if settings.balance == "roots" else 1.0
        weights = targets.class_weights(training.labels, len(EMOTIONS), power)
    return targets.build(
        training,
        settings.outputs,
        smoothing=settings.smoothing,
        vote_weight=settings.vote_weight,
        weights=weights,
    )


def seed_epoch(settings: TrainSettings, epoch: int) -> None:
    """Give torch the epoch's own random state: its dropout draws from one that no variable
    holds, so that a checkpoint cannot. The other backends' seeds are variables of the model."""
    import keras

    if keras.backend.backend() == "torch":
        import torch

        state = np.random.SeedSequence((settings.seed, epoch)).generate_state(1)
        torch.manual_seed(int(state[0]))


def stalled(settings: TrainSettings, waited: int) -> bool:
    return settings.patience > 0 and waited >= settings.patience


def rate_at(settings: TrainSettings, rate: float, step: int, per_epoch: int, total: int) -> float:
    """The learning rate of a step: a linear warm-up, then the schedule."""
    warm = settings.warmup * per_epoch
    if step < warm:
        return rate * (step + 1) / (warm + 1)
    if settings.schedule == "cosine":
        along = (step - warm) / max(1.0, total - warm)
        return rate * (settings.floor + (1 - settings.floor) * (1 + math.cos(math.pi * along)) / 2)
    return rate


def rate_after(settings: TrainSettings, rate: float, waited: int) -> float:
    """The rate after an epoch: halved on a plateau, where the schedule says so.

    ``waited`` counts the epochs since the best one.
    """
    if settings.schedule == "plateau" and waited and waited % settings.plateau == 0:
        return rate / 2
    return rate


def blend(average: list[Float], now: list[Float], settings: TrainSettings, step: int) -> None:
    """Move the average towards the weights; fast at first, so that the start is forgotten."""
    keep = min(settings.ema**settings.ema_every, step / (step + 10 * settings.ema_every))
    for old, new in zip(average, now):
        old *= keep
        old += (1 - keep) * new.astype(np.float32)


def scored(labels: dict[str, tuple[str, ...]], samples: Samples, logits: Float) -> Epoch:
    """Accuracy and macro-F1 of each output on the validation faces.

    The first output's numbers have bare names, the others' carry the output's name.
    """
    numbers: Epoch = {}
    start = 0
    for name, names in labels.items():
        guess = logits[:, start : start + len(names)].argmax(axis=1)
        start += len(names)
        truth = samples.majority() if name == "ferplus" else targets.columns(name)[samples.labels]
        known = truth >= 0
        if not known.any():
            continue
        prefix = "" if not numbers else f"{name}_"
        numbers[f"{prefix}accuracy"] = float((guess[known] == truth[known]).mean())
        numbers[f"{prefix}macro_f1"] = macro_f1(confusion(truth[known], guess[known], len(names)))
    return numbers
