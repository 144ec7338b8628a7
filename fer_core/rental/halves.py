"""Checkpoints in 16 bits: what comes back of a finished run, and of one that goes on later.

Weights and averages are stored as float16, a relative error of at most 0.0005. An optimizer's
second moments are too small for it: its state is stored as bfloat16, the upper half of a
float32. A run that goes on from here is not the undisturbed one, only close to it; on the same
machine it goes on from its full checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fer_core.training.checkpoint import Checkpoint

Arrays = tuple[np.ndarray, ...]
Conversion = Callable[[Arrays], Arrays]


def finished(checkpoint: Checkpoint, weights: Arrays) -> Checkpoint:
    """A checkpoint of the weights that serve alone, in the order of model.weights."""
    return replace(checkpoint, model=(), optimizer=(), average=to_float16(weights))


def unfinished(checkpoint: Checkpoint) -> Checkpoint:
    """A run that is to go on, in 16 bits."""
    return _converted(checkpoint, to_float16, to_bfloat16)


def whole(checkpoint: Checkpoint) -> Checkpoint:
    """A checkpoint of ``unfinished`` in 32 bits again."""
    return _converted(checkpoint, from_float16, from_bfloat16)


def _converted(checkpoint: Checkpoint, weights: Conversion, optimizer: Conversion) -> Checkpoint:
    return replace(
        checkpoint,
        model=weights(checkpoint.model),
        optimizer=optimizer(checkpoint.optimizer),
        average=weights(checkpoint.average),
    )


def to_float16(values: Arrays) -> Arrays:
    """Floating-point arrays in 16 bits, within their range; others as they are."""
    limit = np.finfo(np.float16).max
    return tuple(
        np.clip(value, -limit, limit).astype(np.float16) if value.dtype.kind == "f" else value
        for value in values
    )


def from_float16(values: Arrays) -> Arrays:
    return tuple(v.astype(np.float32) if v.dtype == np.float16 else v for v in values)


def to_bfloat16(values: Arrays) -> Arrays:
    """The upper halves of float32 numbers as int16, rounded; other arrays as they are."""
    found = []
    for value in values:
        if value.dtype == np.float32:
            bits = np.asarray(value).view(np.uint32).astype(np.uint64)
            value = ((bits + 0x8000) >> 16).astype(np.uint16).view(np.int16)
        found.append(value)
    return tuple(found)


def from_bfloat16(values: Arrays) -> Arrays:
    return tuple(
        (v.view(np.uint16).astype(np.uint32) << 16).view(np.float32) if v.dtype == np.int16 else v
        for v in values
    )
