"""A model's figures on a set of faces: from its card, or from an evaluation kept here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeGuard

import numpy as np

from fer_core.analytics.methods.bands import share_interval
from fer_core.evaluation.metrics import Scores
from fer_core.storage import Store
from fer_core.text import percent
from fer_core.types import ReportJson
from fer_core.zoo.card import Card

SPLITS: Final = {"train": "Training", "publictest": "PublicTest", "privatetest": "PrivateTest"}


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The faces that a model was about equally sure of; all but ``n`` are shares, 0 to 1."""

    low: float
    high: float
    confidence: float  # mean
    right: float
    n: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A face of the test that training holds too, pixel for pixel, and its name there."""

    item: str
    twin: str


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is known of a model on one set of faces."""

    title: str
    scores: Scores
    ranks: tuple[float, ...]  # shares of truths that are the first, second, third … guess
    reliability: tuple[ReliabilityBin, ...] = ()
    without_copies: float | None = None  # accuracy without faces that training holds as well
    leaked: tuple[Copy, ...] | None = None  # None where nobody looked
    evaluation_id: str | None = None  # where every face's answer is kept
    model: str = ""
    output: str | None = None  # the model's output that was measured
    data: str = ""
    split: str = ""


def with_range(share: float, n: int) -> str:
    """A share of so many faces with its 95 % interval: «73 % (68 to 78)»."""
    low, high = share_interval(np.array([share * n]), np.array([float(n)]))
    return f"{percent(share)} ({100 * low[0]:.0f} to {100 * high[0]:.0f})"


def of_card(card: Card) -> list[Figures]:
    """What the card itself says; no data set is needed for it."""
    serving = card.metrics.get("validation", {}).get(card.default, {})
    known = (
        ("Held-out faces", serving.get("labels")),
        ("FER+ votes", serving.get("votes")),
        ("Photographs", card.metrics.get("real_faces")),
    )
    return [
        _figures(f"{title}, from the card", report) for title, report in known if _is_report(report)
    ]


def evaluations(store: Store, model: str | None = None) -> list[Figures]:
    """Evaluations whose every answer is kept, the newest first."""
    found = []
    for one in store.evaluations.list(model=model):
        report = one.report
        if not _is_report(report) or "split" not in report:
            continue
        name = one.data.rstrip("/").rpartition("/")[2]
        split = SPLITS.get(report["split"], report["split"])
        title = f"{name}, {split}: {report['n']:,} faces"
        found.append(_figures(title, report, one.evaluation_id, one.data))
    return found


def _is_report(value: object) -> TypeGuard[ReportJson]:
    return isinstance(value, dict) and {"n", "accuracy", "confusion", "per_class"} <= set(value)


def _figures(
    title: str, report: ReportJson, evaluation_id: str | None = None, data: str = ""
) -> Figures:
    scores, leaked = Scores.from_dict(report), report.get("leaked")
    known = (scores.accuracy, scores.top2 - scores.accuracy, scores.top3 - scores.top2)
    return Figures(
        title=title,
        scores=scores,
        ranks=tuple(report.get("ranks") or known),
        reliability=tuple(
            ReliabilityBin(row["from"], row["to"], row["confidence"], row["right"], int(row["n"]))
            for row in report.get("reliability") or ()
        ),
        without_copies=report.get("accuracy_without_copies"),
        leaked=tuple(Copy(**one) for one in leaked) if isinstance(leaked, list) else None,
        evaluation_id=evaluation_id,
        model=str(report.get("model", "")),
        output=report.get("output"),
        data=data,
        split=str(report.get("split", "")),
    )
