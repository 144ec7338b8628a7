"""What a pupil learns beside labels and votes: what its teachers say of each face."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from fer_core.training import targets
from fer_core.training.augment import augment
from fer_core.training.batches import epoch_order
from fer_core.training.networks import logits_of, saved_model
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings
from fer_core.types import Bytes, Float


def teach(wanted: Float, settings: TrainSettings, training: Samples) -> None:
    """Replace a part of the public faces' targets by what the teachers say of them.

    Where none are named, the network that the run begins from is its own teacher: a label that
    it never agreed with would pull it elsewhere, its own answer keeps it where it is. One's own
    labels stay as they are: those it is to learn.
    """
    paths = [Path(path) for path in settings.teachers or (settings.start,) if path]
    if not paths:
        return
    shown = [epoch_order(settings, training, epoch) for epoch in range(settings.epochs)]
    rows = np.unique(np.concatenate(shown))
    if training.own is not None:
        rows = rows[~training.own[rows]]
    logits = answers(paths, settings, training[rows]).astype(np.float64)
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
            # A face counts as much as before; one without votes gets the answer alone.
            weight = wanted[rows, part].sum(axis=1, keepdims=True)
            answer *= np.where(weight > 0, weight, 1.0)
        mixed = (1 - settings.remind) * wanted[rows, part] + settings.remind * answer
        wanted[rows, part] = mixed


def answers(paths: list[Path], settings: TrainSettings, faces: Samples) -> Float:
    """The mean of what the teachers say of every look at a face, as logits.

    One that is named twice counts twice.
    """
    networks = [(saved_model(path, settings), n) for path, n in Counter(paths).items()]
    width = sum(len(names) for names in targets.labels_of(settings.outputs).values())
    total, asked = np.zeros((len(faces), width), np.float32), 0
    for images in looks(settings, faces.images):
        for network, times in networks:
            size = network.input_shape[1] or settings.sizes[-1][1]
            said = logits_of(network, settings, replace(faces, images=images), size)
            total += np.float32(times) * said
            asked += times
    return total / np.float32(asked)


def looks(settings: TrainSettings, images: Bytes) -> Iterator[Bytes]:
    """The faces, their mirror images, and the faces slightly changed a few times."""
    yield images
    yield images[:, :, ::-1]
    how = settings.augmentation.halved()
    rng = np.random.default_rng((settings.seed, settings.remind_looks))
    for _ in range(settings.remind_looks):
        yield np.rint(augment(images, images.shape[1], how, rng)).astype(np.uint8)
