"""From labels and votes to what the network should answer: rows of soft targets.

A model's row of logits holds its outputs one after another. A row of targets is as long;
each output's part sums to the weight that this face has for that output (0: unknown).
"""

from __future__ import annotations

import numpy as np

from fer_core.errors import SettingsError
from fer_core.labels import EMOTIONS
from fer_core.training.samples import FERPLUS, Samples
from fer_core.types import Float, Int

#: The labels of each kind of output that can be trained.
OUTPUTS: dict[str, tuple[str, ...]] = {
    "fer2013": EMOTIONS,
    "ferplus": FERPLUS,
    "six": tuple(name for name in EMOTIONS if name != "disgust"),
    "three": ("happy", "sad", "neutral"),
}
#: Emotions that an output counts as another one. What is in neither has no target there.
COUNTS_AS: dict[str, dict[str, str]] = {"six": {"disgust": "angry"}}


def labels_of(outputs: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    unknown = [name for name in outputs if name not in OUTPUTS]
    if unknown:
        raise SettingsError(
            f"There is no output {unknown[0]!r}.", f"These exist: {', '.join(OUTPUTS)}."
        )
    return {name: OUTPUTS[name] for name in outputs}


def columns(output: str) -> Int:
    """For each of the seven emotions its column in an output, -1 where it has none."""
    merged = COUNTS_AS.get(output, {})
    labels = OUTPUTS[output]
    names = [merged.get(name, name) for name in EMOTIONS]
    return np.array([labels.index(name) if name in labels else -1 for name in names], np.int32)


def class_weights(labels: np.ndarray, classes: int, power: float = 1.0) -> Float:
    """Weights that make every class count the same and average 1 over the faces.

    A power below 1 goes only part of that way: at 0.5 a class counts as the root of its size.
    """
    counts = np.bincount(labels, minlength=classes).astype(np.float64)
    present = counts > 0
    weights = np.zeros(classes)
    weights[present] = (counts.sum() / counts[present]) ** power
    weights *= counts.sum() / (weights * counts).sum()
    return weights.astype(np.float32)


def build(
    samples: Samples,
    outputs: tuple[str, ...],
    *,
    smoothing: float,
    vote_weight: float,
    weights: Float | None = None,
) -> Float:
    """Targets (n, labels of all outputs). A lone vote among many is taken for a slip."""
    parts = []
    for name, labels in labels_of(outputs).items():
        k = len(labels)
        if name == "ferplus":
            votes = np.zeros((len(samples), k), np.float32)
            if samples.votes is not None:
                votes[:] = samples.votes
            votes[(votes == 1) & (votes.max(axis=1, keepdims=True) > 2)] = 0
            total = votes.sum(axis=1, keepdims=True)
            part = vote_weight * np.divide(votes, total, out=np.zeros_like(votes), where=total > 0)
        else:
            place = columns(name)[samples.labels]
            part = np.full((len(samples), k), smoothing / k, np.float32)
            part[np.arange(len(samples)), place] += 1 - smoothing
            part[place < 0] = 0
        if weights is not None:
            part = part * weights[samples.labels][:, None]
        parts.append(part)
    return np.concatenate(parts, axis=1).astype(np.float32)
