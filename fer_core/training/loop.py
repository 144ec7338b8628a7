"""The one loop: any architecture of the zoo, any backend of Keras.

It reads top to bottom: build, resume, then epochs of batches, each epoch measured on the
moving average of the weights, written as a checkpoint and reported.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.errors import Cancelled, DataError, SettingsError
from fer_core.labels import EMOTIONS
from fer_core.training import targets
from fer_core.training.augment import augment, mix, resize
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings
from fer_core.types import Float, Int

Epoch = dict[str, float]
Batch = tuple[Float, Float]


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
    shown = len(epoch_order(settings, training, 0))
    if shown < settings.batch:
        raise DataError(
            f"{shown} training faces do not fill one batch of {settings.batch}.",
            "Choose a smaller --batch or give more faces.",
        )
    labels = targets.labels_of(settings.outputs)
    model = new_model(settings)
    optimizer = model.optimizer

    weights = None
    if settings.balance in ("weights", "roots"):
        power = 0.5 if settings.balance == "roots" else 1.0
        weights = targets.class_weights(training.labels, len(EMOTIONS), power)
    wanted = targets.build(
        training,
        settings.outputs,
        smoothing=settings.smoothing,
        vote_weight=settings.vote_weight,
        weights=weights,
    )
    if settings.remind and settings.start:
        remind(wanted, model, settings, training)
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
        if settings.schedule == "plateau" and waited and waited % settings.plateau == 0:
            rate = rate / 2
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


def new_model(settings: TrainSettings) -> Any:
    """The network at the start of a run, with its optimizer."""
    import keras

    labels = targets.labels_of(settings.outputs)
    keras.utils.set_random_seed(settings.seed)
    model = build_model(settings, sum(len(names) for names in labels.values()))
    if settings.start:
        begin_from(model, Path(settings.start))
    if settings.freeze_norm:
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False
    optimizer = build_optimizer(settings)
    model.compile(optimizer=optimizer, loss=loss_of(settings, labels), jit_compile=False)
    optimizer.build(model.trainable_variables)
    return model


def build_model(settings: TrainSettings, classes: int, *, precision: str | None = None) -> Any:
    """The architecture with open height and width where it trains at several sizes."""
    import keras

    from fer_core.zoo.registry import create

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision or settings.precision)
    try:
        size = 0 if len(settings.sizes) > 1 else settings.sizes[0][1]
        return create(settings.arch, classes=classes, size=size, **settings.options)
    finally:
        keras.config.set_dtype_policy(before)


def begin_from(model: Any, path: Path) -> None:
    """Give the network the weights of a saved one, shape for shape."""
    import keras

    try:
        weights = keras.models.load_model(path, compile=False).get_weights()
        model.set_weights(weights)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path} does not fit this training: {str(error).splitlines()[0]}",
            "Begin from a model of the same architecture and outputs.",
        ) from error


def remind(wanted: Float, model: Any, settings: TrainSettings, training: Samples) -> None:
    """Replace a part of the public faces' targets by what the model says before it trains.

    A label that the model never agreed with would pull it elsewhere; its own answer keeps it
    where it is. One's own labels stay as they are: those it is to learn.
    """
    shown = [epoch_order(settings, training, epoch) for epoch in range(settings.epochs)]
    rows = np.unique(np.concatenate(shown))
    if training.own is not None:
        rows = rows[~training.own[rows]]
    size = settings.sizes[-1][1]
    logits = mean_logits(model, settings, training[rows], size).astype(np.float64)
    start = 0
    for names in targets.labels_of(settings.outputs).values():
        part = slice(start, start + len(names))
        start += len(names)
        answer = logits[:, part]
        if settings.loss == "sigmoid":
            answer = 1 / (1 + np.exp(-answer))
        else:
            answer = np.exp(answer - answer.max(axis=1, keepdims=True))
            answer /= answer.sum(axis=1, keepdims=True)
            # A face counts as much as before; one without votes gets the model's answer alone.
            weight = wanted[rows, part].sum(axis=1, keepdims=True)
            answer *= np.where(weight > 0, weight, 1.0)
        mixed = (1 - settings.remind) * wanted[rows, part] + settings.remind * answer
        wanted[rows, part] = mixed


def mean_logits(model: Any, settings: TrainSettings, samples: Samples, size: int) -> Float:
    """What the model says of each face and its mirror image, and of the face slightly changed."""
    mirrored = replace(samples, images=samples.images[:, :, ::-1])
    total = logits_of(model, settings, samples, size)
    total += logits_of(model, settings, mirrored, size)
    how = settings.augmentation.halved()
    rng = np.random.default_rng((settings.seed, settings.remind_looks))
    for _ in range(settings.remind_looks):
        changed = np.rint(augment(samples.images, size, how, rng)).astype(np.uint8)
        total += logits_of(model, settings, replace(samples, images=changed), size)
    return total / np.float32(2 + settings.remind_looks)


def build_optimizer(settings: TrainSettings) -> Any:
    import keras

    if settings.optimizer == "adam":
        return keras.optimizers.Adam(settings.rate)
    if settings.optimizer == "adamw":
        made = keras.optimizers.AdamW(settings.rate, weight_decay=settings.decay)
    else:
        made = keras.optimizers.SGD(
            settings.rate,
            momentum=settings.momentum,
            nesterov=True,
            weight_decay=settings.decay or None,
        )
    if settings.decay:
        made.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return made


def loss_of(settings: TrainSettings, labels: dict[str, tuple[str, ...]]) -> Callable[..., Any]:
    """Cross-entropy of every output, summed; a row's weights are already in its targets."""
    from keras import ops

    lengths = [len(names) for names in labels.values()]

    def loss(y_true: Any, y_pred: Any) -> Any:
        start, parts = 0, []
        for length in lengths:
            want, got = y_true[:, start : start + length], y_pred[:, start : start + length]
            if settings.loss == "sigmoid":
                part = ops.mean(ops.binary_crossentropy(want, got, from_logits=True), axis=-1)
            else:
                part = -ops.sum(want * ops.log_softmax(got, axis=-1), axis=-1)
            parts.append(part)
            start += length
        return sum(parts[1:], parts[0])

    return loss


def rate_at(settings: TrainSettings, rate: float, step: int, per_epoch: int, total: int) -> float:
    """The learning rate of a step: a linear warm-up, then the schedule."""
    warm = settings.warmup * per_epoch
    if step < warm:
        return rate * (step + 1) / (warm + 1)
    if settings.schedule == "cosine":
        along = (step - warm) / max(1.0, total - warm)
        return rate * (settings.floor + (1 - settings.floor) * (1 + math.cos(math.pi * along)) / 2)
    return rate


def epoch_order(settings: TrainSettings, samples: Samples, epoch: int) -> Int:
    """The faces of an epoch in their order, the same for the same seed and epoch."""
    rng = np.random.default_rng((settings.seed, epoch, 0))
    n = settings.faces_an_epoch or len(samples)
    if samples.weights is not None:
        return drawn(samples, settings.balance, n, rng)
    if settings.balance != "oversample":
        return rng.permutation(len(samples)).astype(np.int32)[:n]
    most = int(np.bincount(samples.labels).max())
    parts = []
    for label in np.unique(samples.labels):
        rows = np.flatnonzero(samples.labels == label)
        parts.append(np.resize(rng.permutation(rows), most))
    order = rng.permutation(np.concatenate(parts)).astype(np.int32)
    return order[: settings.faces_an_epoch or len(order)]


def drawn(samples: Samples, balance: str, n: int, rng: np.random.Generator) -> Int:
    """``n`` faces, each as often as its weight says: at most one time more or less."""
    assert samples.weights is not None
    weights = samples.weights.astype(np.float64)
    if balance == "oversample":
        size = np.bincount(samples.labels, weights, minlength=len(EMOTIONS))
        weights = weights / np.maximum(size, 1e-12)[samples.labels]
    rows = rng.permutation(len(samples))
    edges = np.cumsum(weights[rows])
    # A comb with equal gaps over the faces laid side by side, each as wide as its weight.
    comb = (rng.random() + np.arange(n)) * edges[-1] / n
    found = rows[np.minimum(np.searchsorted(edges, comb, side="right"), len(rows) - 1)]
    return rng.permutation(found).astype(np.int32)


def epoch_batches(
    settings: TrainSettings, samples: Samples, wanted: Float, epoch: int, size: int
) -> Iterator[Batch]:
    """One epoch's batches; the faces that do not fill the last one wait for another epoch."""
    order = epoch_order(settings, samples, epoch)
    how = settings.augmentation_at(epoch)
    for number in range(len(order) // settings.batch):
        rows = order[number * settings.batch : (number + 1) * settings.batch]
        rng = np.random.default_rng((settings.seed, epoch, 1 + number))
        pictures = augment(samples.images[rows], size, how, rng)
        pictures, answers = mix(pictures, wanted[rows], how, rng)
        yield scaled(pictures, settings), answers


def scaled(pictures: Float, settings: TrainSettings) -> Float:
    """Grey levels as the network takes them, repeated where it takes colours."""
    from fer_core.zoo.registry import architecture

    grey = ((pictures - settings.mean) / settings.scale).astype(np.float32)[..., None]
    channels = architecture(settings.arch).channels
    return grey if channels == 1 else np.repeat(grey, channels, axis=3)


def prefetch(batches: Iterator[Batch], ahead: int = 6) -> Generator[Batch, None, None]:
    """Prepare batches in a thread while the network works; errors come out here."""
    ready: queue.Queue[Batch | BaseException | None] = queue.Queue(ahead)
    stop = threading.Event()

    def offer(item: Batch | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for batch in batches:
                if not offer(batch):
                    return
            offer(None)
        except Exception as error:  # noqa: BLE001 - raised again where the batches are used
            offer(error)

    thread = threading.Thread(target=work, name="augment", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        thread.join()


def blend(average: list[Float], now: list[Float], settings: TrainSettings, step: int) -> None:
    """Move the average towards the weights; fast at first, so that the start is forgotten."""
    keep = min(settings.ema**settings.ema_every, step / (step + 10 * settings.ema_every))
    for old, new in zip(average, now):
        old *= keep
        old += (1 - keep) * new.astype(np.float32)


def restore(variables: list[Any], values: tuple[Any, ...]) -> None:
    if len(variables) != len(values):
        raise SettingsError(
            f"The checkpoint holds {len(values)} variables, this model {len(variables)}.",
            "Resume with the settings that the run was started with.",
        )
    for variable, value in zip(variables, values):
        variable.assign(value)


def logits_of(model: Any, settings: TrainSettings, samples: Samples, size: int) -> Float:
    rows = []
    for start in range(0, len(samples), 256):
        pictures = resize(samples.images[start : start + 256], size)
        rows.append(np.asarray(model.predict_on_batch(scaled(pictures, settings)), np.float32))
    return np.concatenate(rows)


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
        numbers[f"{prefix}macro_f1"] = macro_f1(truth[known], guess[known], len(names))
    return numbers


def macro_f1(truth: Int, guess: Int, classes: int) -> float:
    scores = []
    for label in range(classes):
        both = int(((truth == label) & (guess == label)).sum())
        either = int((truth == label).sum() + (guess == label).sum())
        scores.append(2 * both / either if either else 0.0)
    return float(np.mean(scores))
