"""What an epoch shows: which faces in which order, augmented how, ahead of the network."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from fer_core.labels import EMOTIONS
from fer_core.training.augment import (
    Changes,
    Mixing,
    apply_changes,
    draw_changes,
    draw_mixing,
    mix,
)
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings
from fer_core.types import Float, Int

Batch = tuple[Float, Float]
Item = TypeVar("Item")


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


@dataclass(frozen=True, slots=True)
class Drawn:
    """What chance decides about one batch: its faces, their changes and how they are mixed."""

    rows: Int
    changes: Changes
    mixing: Mixing


def epoch_draws(
    settings: TrainSettings, samples: Samples, epoch: int, size: int
) -> Iterator[Drawn]:
    """Each batch of an epoch, the same for the same seed, epoch and size.

    The faces that do not fill the last batch wait for another epoch.
    """
    order = epoch_order(settings, samples, epoch)
    how = settings.augmentation_at(epoch)
    for number in range(len(order) // settings.batch):
        rows = order[number * settings.batch : (number + 1) * settings.batch]
        rng = np.random.default_rng((settings.seed, epoch, 1 + number))
        changes = draw_changes(how, len(rows), rng)
        yield Drawn(rows, changes, draw_mixing(how, len(rows), size, rng))


def epoch_batches(
    settings: TrainSettings, samples: Samples, wanted: Float, epoch: int, size: int
) -> Iterator[Batch]:
    """One epoch's batches as the network takes them."""
    erase_area = settings.augmentation.erase_area
    for one in epoch_draws(settings, samples, epoch, size):
        pictures = apply_changes(samples.images[one.rows], size, one.changes, erase_area)
        pictures, answers = mix(pictures, wanted[one.rows], one.mixing)
        yield scaled(pictures, settings), answers


def scaled(pictures: Float, settings: TrainSettings) -> Float:
    """Grey levels as the network takes them, repeated where it takes colours."""
    from fer_core.zoo.registry import architecture

    grey = ((pictures - settings.mean) / settings.scale).astype(np.float32)[..., None]
    channels = architecture(settings.arch).channels
    return grey if channels == 1 else np.repeat(grey, channels, axis=3)


def prefetch(items: Iterator[Item], ahead: int = 6) -> Generator[Item, None, None]:
    """Prepare items in a thread while the network works; errors come out here."""
    ready: queue.Queue[Item | BaseException | None] = queue.Queue(ahead)
    stop = threading.Event()

    def offer(item: Item | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not offer(item):
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
