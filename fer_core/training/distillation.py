"""Distillation: a part of each target is what teachers, trained before, answer for the face."""

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


def distill(wanted: Float, settings: TrainSettings, training: Samples) -> None:
    """Mix the teachers' answers into the targets of the public faces, in place.

    Where no teachers are named, the network that the run begins from is the teacher. One's own
    labels (``training.own``) stay as they are.
    """
    paths = [Path(path) for path in settings.teachers or (settings.start,) if path]
    if not paths:
        return
    shown = [epoch_order(settings, training, epoch) for epoch in range(settings.epochs)]
    rows = np.unique(np.concatenate(shown))
    if training.own is not None:
        rows = rows[~training.own[rows]]
    logits = teacher_logits(paths, settings, training[rows])
    wanted[rows] = mixed_targets(wanted[rows], logits, settings)


def mixed_targets(wanted: Float, logits: Float, settings: TrainSettings) -> Float:
    """Targets of which ``settings.distill_weight`` is what the teachers' logits say.

    Args:
        wanted: Targets (n, labels of all outputs) from labels and votes.
        logits: The teachers' mean logits, as many rows and columns.

    A face counts as much as before; one without votes gets the teachers' answer alone.
    """
    mixed = np.empty_like(wanted)
    start = 0
    for names in targets.labels_of(settings.outputs).values():
        part = slice(start, start + len(names))
        start += len(names)
        answer = logits[:, part].astype(np.float64)
        if settings.loss == "sigmoid":
            answer = 1 / (1 + np.exp(-answer))
        else:
            answer = np.exp(answer - answer.max(axis=1, keepdims=True))
            answer /= answer.sum(axis=1, keepdims=True)
            weight = wanted[:, part].sum(axis=1, keepdims=True)
            answer *= np.where(weight > 0, weight, 1.0)
        share = settings.distill_weight
        mixed[:, part] = (1 - share) * wanted[:, part] + share * answer
    return mixed


def teacher_logits(paths: list[Path], settings: TrainSettings, faces: Samples) -> Float:
    """The mean logits (n, labels of all outputs) of the teachers over every view of a face.

    One that is named twice counts twice.
    """
    networks = [(saved_model(path, settings), n) for path, n in Counter(paths).items()]
    width = sum(len(names) for names in targets.labels_of(settings.outputs).values())
    total, asked = np.zeros((len(faces), width), np.float32), 0
    for images in views(settings, faces.images):
        for network, times in networks:
            size = network.input_shape[1] or settings.sizes[-1][1]
            said = logits_of(network, settings, replace(faces, images=images), size)
            total += np.float32(times) * said
            asked += times
    return total / np.float32(asked)


def views(settings: TrainSettings, images: Bytes) -> Iterator[Bytes]:
    """The faces, their mirror images, and as many augmented ones as the settings say."""
    yield images
    yield images[:, :, ::-1]
    how = settings.augmentation.halved()
    rng = np.random.default_rng((settings.seed, settings.distill_views))
    for _ in range(settings.distill_views):
        yield np.rint(augment(images, images.shape[1], how, rng)).astype(np.uint8)
