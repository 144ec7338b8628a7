"""The one loop: any architecture of the zoo, any backend of Keras.

It reads top to bottom: build, resume, then epochs of batches, each epoch measured on the
moving average of the weights, written as a checkpoint and reported.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
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
    if settings.sharpness:
        raise SettingsError(
            "Sharpness-aware steps are not made by this loop.",
            "Train with python -m fer_core.rental train, or set sharpness to 0.",
        )
    shown = len(epoch_order(settings, training, 0))
    if shown < settings.batch:
        raise DataError(
            f"{shown} training faces do not fill one batch of {settings.batch}.",
            "Choose a smaller --batch or give more faces.",
        )
    labels = targets.labels_of(settings.outputs)
    model = new_model(settings)
    optimizer = model.optimizer

    wanted = wanted_targets(settings, training)
    if settings.distill_weight:
        distill(wanted, settings, training)
    per_epoch = shown // settings.batch
    total = per_epoch * settings.epochs

    epoch, step, rate, history, best, waited = 0, 0, settings.rate, [], -1.0, 0
    average = [v.astype(np.float32) for v in model.get_weights()] if settings.ema else []
    last = folder / "last.npz"
    if resume and last.exists():
        found = Checkpoint.load(last)
        restore(model.variables, found.model)
        restore(optimizer.variables, found.optimizer)
        average = list(found.average)
        epoch, step, rate = found.epoch, found.step, found.rate
        history, best, waited = list(found.history), found.best, found.waited

    over = False
    while not over and epoch < settings.epochs and not stalled(settings, waited):
        started = time.perf_counter()
        size = settings.size_at(epoch)
        loss, done = 0.0, 0
        seed_epoch(settings, epoch)
        batches = prefetch(epoch_batches(settings, training, wanted, epoch, size))
        try:
            for pictures, answers in batches:
                if cancelled is not None and cancelled():
                    raise Cancelled()
                now = rate_at(settings, rate, step, per_epoch, total)
                optimizer.learning_rate.assign(now)
                model.reset_metrics()
                loss += float(np.asarray(model.train_on_batch(pictures, answers)))
                step, done = step + 1, done + 1
                if average and step % settings.ema_every == 0:
                    blend(average, model.get_weights(), settings, step)
                if on_batch is not None:
                    on_batch(step, total)
                if not math.isfinite(loss):
                    raise SettingsError(
                        f"The loss is {loss} after {step} batches.",
                        "Choose a lower learning rate.",
                    )
        finally:
            batches.close()
        epoch += 1

        own = [np.array(v) for v in model.get_weights()]  # torch gives views of what follows
        if average:
            model.set_weights(average)
        logits = logits_of(model, settings, validation, size)
        numbers = scored(labels, validation, logits)
        if average:
            model.set_weights(own)
        if on_answers is not None:
            on_answers(logits, epoch)
        numbers |= {
            "epoch": epoch,
            "loss": loss / done,
            "rate": now,
            "size": size,
            "seconds": time.perf_counter() - started,
        }
        history.append(numbers)
        better = numbers["accuracy"] > best
        best, waited = max(best, numbers["accuracy"]), 0 if better else waited + 1
        rate = rate_after(settings, rate, waited)
        state = Checkpoint(
            settings=settings,
            epoch=epoch,
            step=step,
            rate=rate,
            history=tuple(history),
            best=best,
            waited=waited,
            model=tuple(np.asarray(v) for v in model.variables),
            optimizer=tuple(np.asarray(v) for v in optimizer.variables),
            average=tuple(average),
        )
        state.save(last)
        if better:
            state.save(folder / "best.npz")
        if on_epoch is not None:
            on_epoch(numbers)
        over = enough is not None and enough()
    return Checkpoint.load(last)


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
