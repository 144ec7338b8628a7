"""Cross-validation of a recipe: how often its stages are right on faces that they left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_core.errors import DataError
from fer_core.evaluation.metrics import Scores, confusion, macro_f1, score
from fer_core.inference.outputs import served
from fer_core.labels import EMOTIONS
from fer_core.rental.pack import Packed, read_soft_targets, source_of
from fer_core.rental.stages import STAGES
from fer_core.types import Float, Int
from fer_core.zoo.card import Card

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Judged:
    """A recipe's scores on the faces of one source, with 95 % intervals over persons."""

    source: str
    scores: Scores
    persons: int
    accuracy: tuple[float, float]
    macro_f1: tuple[float, float]


def answers(packed: Packed, folder: Path, name: str) -> Float:
    """Logits (n, labels of all outputs) of every face by the training that was not shown it."""
    of = [one for one in STAGES if one.left_out and one.name.rsplit("-", 1)[0] == name]
    found = [read_soft_targets(folder, one.name, packed) for one in of]
    there = [one for one in found if one is not None]
    if not of or len(there) < len(of):
        raise DataError(
            f"{len(there)} of {len(of)} parts of {name} are in {folder}.", "Train the others first."
        )
    logits = np.where(np.isfinite(there), there, 0).sum(axis=0)
    if not np.isfinite(there).any(axis=0).all():
        raise DataError(f"{name} left some faces unanswered.", "Train its parts on this pack.")
    return logits.astype(np.float32)


def judged(packed: Packed, logits: Float, card: Card, seed: int = 0) -> Iterator[Judged]:
    """Each source's scores, served as the card says.

    Args:
        logits: For all packed faces, as ``answers`` gives them.
        card: A model of the same outputs; its shares, prior and temperatures serve.
    """
    probabilities, its = served(card, logits), source_of(packed)
    for number, name in enumerate(("FER2013, Training", *(packed.sources or ("photographs",)))):
        rows = np.flatnonzero(its == number - 1)
        if not len(rows):
            continue
        truth = packed.faces.labels[rows]
        # Each of FER2013's faces counts as a person: who is on it is not known.
        who = packed.person[rows] if number else np.arange(len(rows))
        low_high = intervals(probabilities[rows].argmax(axis=1), truth, who, seed)
        scores = score(probabilities[rows], truth, EMOTIONS)
        yield Judged(name, scores, len(np.unique(who)), *low_high)


def intervals(
    guess: Int | np.ndarray, truth: Int, who: Int | np.ndarray, seed: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """95 % intervals of accuracy and macro-F1: persons are drawn again, with all their faces."""
    rng = np.random.default_rng(seed)
    persons, person = np.unique(who, return_inverse=True)
    found = np.empty((DRAWS, 2))
    for draw in found:
        times = np.bincount(rng.integers(0, len(persons), len(persons)), minlength=len(persons))
        rows = np.repeat(np.arange(len(truth)), times[person])
        table = confusion(truth[rows], guess[rows], len(EMOTIONS))
        draw[:] = np.trace(table) / table.sum(), macro_f1(table)
    low, high = np.quantile(found, (0.025, 0.975), axis=0)
    return (low[0], high[0]), (low[1], high[1])


def lines(found: Judged) -> Iterator[str]:
    """What is printed of one source."""
    scores = found.scores
    yield (
        f"{found.source}: {scores.n:,} faces of {found.persons:,} persons: accuracy "
        f"{scores.accuracy:.3f} ({found.accuracy[0]:.3f} to {found.accuracy[1]:.3f}), macro-F1 "
        f"{scores.macro_f1:.3f} ({found.macro_f1[0]:.3f} to {found.macro_f1[1]:.3f}), "
        f"calibration error {scores.ece:.3f}"
    )
    for emotion, one in scores.per_class.items():
        if one["support"]:
            yield f"  {emotion}: {one['recall']:.3f} of {one['support']:.0f} found"
