"""All that is measured of a model on one split: what `rapt evaluate`, the lab and cards say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fer_core.evaluation.runner import Evaluation, agreed, score_labels, score_votes
from fer_core.labels import VALIDATION
from fer_core.types import Bool, Float, Int, ReportJson
from fer_core.zoo.card import Card


def validation_split(splits: Iterable[str]) -> str:
    """The split to measure on: the validation split, or the first where there is none."""
    names = list(splits)
    return VALIDATION if VALIDATION in names else names[0]


@dataclass(frozen=True, slots=True)
class Report:
    """One evaluation: the scores on the labels, and those beside them where they apply."""

    labels: Evaluation
    without_copies: Evaluation | None = None  # without faces that training holds as well
    votes: Evaluation | None = None  # FER+: what most voters said
    votes_agreed: Evaluation | None = None  # FER+: only faces with a majority

    def as_dict(self) -> ReportJson:
        """The report's JSON, as the store keeps it and `rapt evaluate --json` prints it."""
        found: ReportJson = {**self.labels.as_dict()}
        if self.without_copies is not None:
            found["accuracy_without_copies"] = self.without_copies.scores.accuracy
        if self.votes is not None:
            found["ferplus"] = self.votes.as_dict()
        if self.votes_agreed is not None:
            found["ferplus_agreed"] = self.votes_agreed.as_dict()
        return found


def evaluate(
    card: Card,
    logits: Float,
    labels: Int,
    votes: Int | None = None,
    *,
    output: str | None = None,
    copies: Bool | None = None,
) -> Report:
    """Score a model's answers to some faces.

    Args:
        card: the model's.
        logits: (n, k) the model's, all outputs side by side.
        labels: (n,) in the order of labels.EMOTIONS.
        votes: (n, 8) FER+'s, where the data set has them.
        output: one of the model's, or SERVED; None: the output that learned these labels.
            Where it is the FER+ output and there are votes, the votes are the truth.
        copies: (n,) the faces that also stand, pixel for pixel, in training.
    """
    if votes is not None and not votes.any():
        votes = None
    if output == "ferplus" and votes is not None:
        result = score_votes(card, logits, votes)
    else:
        result = score_labels(card, logits, labels, output)
    without = None
    if copies is not None and copies.any() and not copies.all():
        without = score_labels(card, logits[~copies], labels[~copies], output)
    if output is not None or votes is None or "ferplus" not in card.outputs:
        return Report(result, without)
    clear = score_votes(card, logits, votes, clear=True) if agreed(votes).any() else None
    return Report(result, without, score_votes(card, logits, votes), clear)
