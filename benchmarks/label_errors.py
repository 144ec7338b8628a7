"""Planted label errors: how many does the lab's doubt about labels find?

    python -m benchmarks.label_errors --data FER2013 [--write]

PublicTest trained no shipped model; its faces that also stand in Training are left out. In each
of twenty turns, 5 % of the faces get a wrong label, drawn towards its likely neighbours: by how
often FER+'s ten annotators chose the other expression on faces of that label, or by how often the
model itself answers it. The faces are then put in the order of doubt, and the planted errors
among the first tenth counted. The labels have errors of their own, which nobody planted: they
take places in that tenth too. The score was chosen among six on these same faces: the label's
probability alone finds as many, the plain margin and margins corrected by class 5 to 10 points
fewer.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from fer_core.evaluation.label_errors import label_doubts
from fer_core.evaluation.runner import run_model, score_labels
from fer_core.inference import open_classifier
from fer_core.labels import EMOTIONS
from fer_core.machine import stamp
from fer_core.training.datasets import AS_VOTES, load
from fer_core.training.samples import FERPLUS, exact_copies
from fer_core.types import Bool, Float, Int

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "label_errors.md"
WRONG, FIRST, TURNS = 0.05, 0.1, 20


def plant(labels: Int, towards: Float, rng: np.random.Generator) -> tuple[Int, Bool]:
    """Labels (n,) of which 5 % are wrong by ``towards`` (k, k), and which those are (n,)."""
    wrong = np.zeros(len(labels), bool)
    wrong[rng.permutation(len(labels))[: round(WRONG * len(labels))]] = True
    given = labels.copy()
    for row in np.flatnonzero(wrong):
        given[row] = rng.choice(len(towards), p=towards[labels[row]])
    return given, wrong


def neighbours(counts: Float) -> Float:
    """Rows of shares (k, k): what a label is mistaken for, never itself."""
    away = counts.astype(np.float64) * (1 - np.eye(len(counts)))
    return np.asarray(away / away.sum(axis=1, keepdims=True), np.float64)


def by_people(labels: Int, votes: Int) -> Float:
    """How often FER+'s annotators chose each emotion (k, k), by the face's label."""
    seven = votes[:, [FERPLUS.index(AS_VOTES[name]) for name in EMOTIONS]]
    return np.stack([seven[labels == k].sum(axis=0) for k in range(len(EMOTIONS))])


def measured(probabilities: Float, labels: Int, towards: Float) -> str:
    """One row of the table: shares over the turns."""
    found, random, suspected, precise = [], [], [], []
    for turn in range(TURNS):
        rng = np.random.default_rng(turn)
        given, wrong = plant(labels, towards, rng)
        doubts = label_doubts(probabilities, given)
        first = round(FIRST * len(labels))
        order = np.argsort(-doubts.score, kind="stable")[:first]
        found.append(wrong[order].sum() / wrong.sum())
        random.append(wrong[rng.permutation(len(labels))[:first]].sum() / wrong.sum())
        suspected.append(doubts.suspect[wrong].mean())
        precise.append(doubts.suspect.mean())
    cells = (
        f"**{100 * np.mean(found):.0f} %** ({100 * min(found):.0f} to {100 * max(found):.0f})",
        f"{100 * np.mean(random):.0f} %",
        f"{100 * np.mean(suspected):.0f} %",
        f"{100 * np.mean(precise):.0f} %",
    )
    return " | ".join(cells)


def page(rows: list[str], faces: int, accuracy: float, command: str) -> str:
    about = (__doc__ or "").split("\n\n")[-1].strip()
    return "\n".join(
        [
            "# Planted label errors", "", "Written by a command; do not edit.", "", about, "",
            stamp(command), "",
            f"{faces:,} faces, on which the model agrees with {100 * accuracy:.1f} % of the labels "
            f"as they came; {round(WRONG * faces)} errors a turn, {TURNS} turns, in brackets the "
            "worst and the best.", "",
            "| errors towards | planted errors in the first tenth | by chance | planted errors "
            "that are suspected | suspected of all faces |",
            "| --- | --- | --- | --- | --- |", *rows, "",
            "The order is the doubt of `fer_core/evaluation/label_errors.py` (confident learning, "
            "Northcutt et al. 2021), as on the page Mistakes under «Likely wrong labels» and by "
            "`rapt evaluate --label-errors`.", "",
        ]
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="FER2013 with FER+ votes")
    parser.add_argument("--model", default="rapt-1")
    parser.add_argument(
        "--write", action="store_true", help="write docs/benchmarks/label_errors.md"
    )
    args = parser.parse_args()
    found = load(args.data)
    public = found["publictest"]
    public = public[~exact_copies(public.images, found["train"].images)]
    network = open_classifier(args.model)
    result = score_labels(network.card, run_model(network, public.images), public.labels)
    towards = {"what the model answers": result.scores.confusion}
    if public.votes is not None:
        people = by_people(public.labels, public.votes)
        towards = {"what FER+'s annotators chose": people} | towards
    rows = [
        f"| {name} | {measured(result.probabilities, result.truth, neighbours(counts))} |"
        for name, counts in towards.items()
    ]
    text = page(
        rows, len(result.truth), result.scores.accuracy, "python -m benchmarks.label_errors"
    )
    print(text)
    if args.write:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
