"""Compares a fine-tuned model with its base, on faces that neither was trained on."""

from __future__ import annotations

import numpy as np

from fer_core.evaluation.paired import DRAWN, Paired, compare
from fer_core.evaluation.runner import (
    Evaluation,
    output_for_labels,
    run_model,
    score_labels,
    score_votes,
)
from fer_core.inference.classifier import Classifier
from fer_core.inference.outputs import SERVED
from fer_core.training.prepare import Prepared
from fer_core.training.samples import Samples
from fer_core.zoo.card import Card
from fer_core.zoo.model_store import StoredModel


def compared(base: StoredModel, candidate: StoredModel, prepared: Prepared) -> list[Paired]:
    """On public labels, public votes and one's own labels: whatever there is of them.

    Own labels are read by the output that serves, as in a recording. Models that know
    different emotions cannot be compared face by face: nothing is said of them.
    """
    if emotions(base.card) != emotions(candidate.card):
        return []
    pair = (Classifier(base), Classifier(candidate))
    found = []
    if prepared.public:
        faces = prepared.validation
        logits = [run_model(network, faces.images) for network in pair]
        found.append(
            _compare(
                DRAWN if prepared.practice else "public labels",
                [score_labels(n.card, rows, faces.labels) for n, rows in zip(pair, logits)],
            )
        )
        with_votes = all("ferplus" in one.card.outputs for one in (base, candidate))
        if with_votes and faces.votes is not None and faces.voted.any():
            votes = [score_votes(n.card, rows, faces.votes) for n, rows in zip(pair, logits)]
            found.append(_compare("public votes", votes))
    if prepared.held_out is not None:
        own: Samples = prepared.held_out
        found.append(
            _compare(
                "own labels",
                [score_labels(n.card, run_model(n, own.images), own.labels, SERVED) for n in pair],
            )
        )
    return found


def emotions(card: Card) -> set[str]:
    """What both the output that is judged and the one that serves can answer."""
    judged = set(card.mapping(output_for_labels(card)).values())
    serving = {emotion for name in card.served for emotion in card.mapping(name).values()}
    return judged & serving - set(card.counts_as)


def _compare(on: str, scored: list[Evaluation]) -> Paired:
    before, after = scored
    guesses = [one.probabilities.argmax(axis=1).astype(np.int32) for one in scored]
    assert np.array_equal(before.rows, after.rows)  # both have the same outputs
    return compare(on, before.truth, *guesses)
