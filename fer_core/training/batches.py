"""What an epoch shows: which faces in which order, changed how, prepared ahead of the network."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator

import numpy as np

from fer_core.labels import EMOTIONS
from fer_core.training.augment import augment, mix
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings
from fer_core.types import Float, Int

Batch = tuple[Float, Float]


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
