"""From a row of logits to probabilities: calibrated, and brought to the seven emotions."""

from __future__ import annotations

import numpy as np

from fer_core.labels import EMOTIONS
from fer_core.types import Float
from fer_core.zoo.card import Card

#: Asked for by this name, the answer that timelines come from: of all outputs that serve.
SERVED = "served"

#: What stands for impossible where logarithms are taken.
LEAST = 1e-9


def softmax(logits: np.ndarray) -> Float:
    wide = logits.astype(np.float64)
    wide = np.exp(wide - wide.max(axis=1, keepdims=True))
    return np.asarray(wide / wide.sum(axis=1, keepdims=True), np.float32)


def own_probabilities(card: Card, logits: Float, output: str | None = None) -> Float:
    """Calibrated probabilities of one output, over that output's own labels."""
    output = output or card.serves
    part = logits[:, card.part(output)] / np.float32(card.temperature.get(output, 1.0))
    if card.activation == "sigmoid":
        each = 1 / (1 + np.exp(-part.astype(np.float64)))
        return np.asarray(each / each.sum(axis=1, keepdims=True), np.float32)
    return softmax(part)


def to_seven(card: Card, probabilities: Float, output: str | None = None) -> Float:
    """The seven emotions in labels.EMOTIONS' order; labels that are none of them drop out."""
    output = output or card.serves
    mapping = card.mapping(output)
    seven = np.zeros((len(probabilities), len(EMOTIONS)), np.float64)
    for column, label in enumerate(card.outputs[output]):
        if label in mapping:
            seven[:, EMOTIONS.index(mapping[label])] += probabilities[:, column]
    total = seven.sum(axis=1, keepdims=True)
    # All on a label that is none of the seven: nothing is known of the seven.
    even = np.full_like(seven, 1 / len(EMOTIONS))
    return np.where(total > 1e-9, seven / np.maximum(total, 1e-9), even).astype(np.float32)


def served(card: Card, logits: Float) -> Float:
    """The seven emotions as timelines have them: what the serving outputs say together.

    Logarithms are averaged, not probabilities: what one output rules out stays unlikely.
    """
    total = np.zeros((len(logits), len(EMOTIONS)))
    for one in card.served:
        seven = to_seven(card, own_probabilities(card, logits, one), one)
        total += card.share(one) * np.log(np.maximum(seven, LEAST, dtype=np.float64))
    return softmax(total + [card.log_prior.get(emotion, 0.0) for emotion in EMOTIONS])
