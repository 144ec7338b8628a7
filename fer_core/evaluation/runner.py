"""A model on labelled faces: which output is scored against what, and how fast it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from fer_core.errors import DataError, ModelError
from fer_core.evaluation.metrics import Scores, score
from fer_core.inference.outputs import SERVED, own_probabilities, served, to_seven
from fer_core.labels import EMOTIONS
from fer_core.types import Bool, Bytes, CropSpec, Float, Int, ScoresJson
from fer_core.zoo.card import Card


class LogitModel(Protocol):
    """What the runner needs of a classifier."""

    card: Card

    @property
    def crop(self) -> CropSpec:
        """How faces are cut out for it."""

    def logits(self, crops: Bytes) -> Float:
        """(n, k) of crops (n, size, size), uint8."""

    def probabilities(self, crops: Bytes, output: str | None = None) -> Float:
        """(n, classes) of crops (n, size, size), uint8."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores with the probabilities behind them."""

    output: str
    scores: Scores
    probabilities: Float
    truth: Int
    rows: Int  # which of the given faces were scored

    def as_dict(self) -> ScoresJson:
        """For JSON: the output's name and its scores."""
        return {"output": self.output, **self.scores.as_dict()}


def sized(images: Bytes | Sequence[Bytes], size: int) -> Bytes:
    """Grey pictures brought to the side that a model takes."""
    rows = [
        image
        if image.shape == (size, size)
        else cv2.resize(
            image,
            (size, size),
            interpolation=cv2.INTER_AREA if min(image.shape) > size else cv2.INTER_LINEAR,
        )
        for image in images
    ]
    return np.stack(rows) if rows else np.zeros((0, size, size), np.uint8)


def run_model(
    network: LogitModel,
    images: Bytes | Sequence[Bytes],
    *,
    mirror: bool | None = None,
    on_face: Callable[[int, int], None] | None = None,
) -> Float:
    """Logits of every face; with ``mirror`` the mean of the face and its mirror image.

    Where nothing is said, as the model's card says that it serves.
    """
    mirror = network.card.mirror if mirror is None else mirror
    faces = sized(images, network.crop.size)
    rows = []
    for start in range(0, len(faces), 64):
        part = faces[start : start + 64]
        logits = network.logits(part)
        if mirror:
            other = network.logits(np.ascontiguousarray(part[:, :, ::-1]))
            logits = ((logits + other) / 2).astype(np.float32)
        rows.append(logits)
        if on_face is not None:
            on_face(min(start + 64, len(faces)), len(faces))
    return np.concatenate(rows) if rows else np.zeros((0, 0), np.float32)


def output_for_labels(card: Card) -> str:
    """FER2013's own labels are scored with the output that learned them, where there is one."""
    return "fer2013" if "fer2013" in card.outputs else card.serves


def score_labels(card: Card, logits: Float, labels: Int, output: str | None = None) -> Evaluation:
    """Against labels in the order of labels.EMOTIONS, over the emotions the model knows.

    ``output`` is one of the model's, or SERVED: what timelines come from.
    """
    output = output or output_for_labels(card)
    for name, other in card.counts_as.items():
        labels = np.where(labels == EMOTIONS.index(name), EMOTIONS.index(other), labels)
    outputs = card.served if output == SERVED else (output,)
    known = sorted({EMOTIONS.index(e) for one in outputs for e in card.mapping(one).values()})
    rows = np.flatnonzero(np.isin(labels, known)).astype(np.int32)
    if not len(rows):
        raise DataError(
            f"None of the faces shows an emotion that {card.name} knows.",
            f"It knows {', '.join(EMOTIONS[k] for k in known)}.",
        )
    if output == SERVED:
        seven = served(card, logits[rows])[:, known]
    else:
        seven = to_seven(card, own_probabilities(card, logits[rows], output), output)[:, known]
    place = {emotion: column for column, emotion in enumerate(known)}
    truth = np.array([place[int(label)] for label in labels[rows]], np.int32)
    names = tuple(EMOTIONS[k] for k in known)
    return Evaluation(output, score(seven, truth, names), seven, truth, rows)


#: FER+ asked ten people about each face; votes that name no emotion are what is left of them.
ASKED = 10


def agreed(votes: Int) -> Bool:
    """The faces on which there is a majority by the rule of FER+'s authors.

    An answer that one person alone gave is a slip. Of what is left, «unknown» and «no face»
    included, one emotion has more than half.
    """
    kept = np.where(votes > 1, votes, 0)
    none = np.maximum(ASKED - votes.sum(axis=1), 0)
    said = kept.sum(axis=1) + np.where(none > 1, none, 0)
    found: Bool = (kept.max(axis=1) > said / 2) & (kept.max(axis=1) > 0)
    return found


def score_votes(
    card: Card, logits: Float, votes: Int, output: str = "ferplus", *, clear: bool = False
) -> Evaluation:
    """Against what most of FER+'s voters said, the first of equals, over its eight classes.

    Faces without votes are left out; with ``clear`` also those on which they do not agree:
    published figures are measured on the rest.
    """
    if output not in card.outputs or len(card.outputs[output]) != votes.shape[1]:
        raise ModelError(
            f"{card.name} has no output for the {votes.shape[1]} classes of the votes.",
            f"It has: {', '.join(card.outputs)}.",
        )
    there = agreed(votes) if clear else votes.sum(axis=1) > 0
    rows = np.flatnonzero(there).astype(np.int32)
    if not len(rows):
        raise DataError("None of the faces has votes.", "Score the labels instead.")
    truth = votes[rows].argmax(axis=1).astype(np.int32)
    own = own_probabilities(card, logits[rows], output)
    return Evaluation(output, score(own, truth, card.outputs[output]), own, truth, rows)


def milliseconds_per_face(network: LogitModel, *, seconds: float = 1.0) -> dict[str, float]:
    """Median time a face, one and eight at a time, with whatever threads the network has."""
    size = network.crop.size
    faces = np.random.default_rng(0).integers(0, 256, (8, size, size)).astype(np.uint8)
    found = {}
    for batch in (1, 8):
        network.probabilities(faces[:batch])
        times: list[float] = []
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or len(times) < 5:
            start = time.perf_counter()
            network.probabilities(faces[:batch])
            times.append(time.perf_counter() - start)
        found[str(batch)] = round(float(np.median(times)) * 1000 / batch, 4)
    return found
