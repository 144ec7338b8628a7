"""Evaluations of models and every single answer in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, TypedDict, Unpack

import pandas as pd
import pyarrow as pa

from fer_core.errors import StoreError
from fer_core.labels import PROBABILITY_COLUMNS
from fer_core.storage.codec import Row, TableRow
from fer_core.storage.commands import Change, command
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries
from fer_core.types import ReportJson

_SORTS: Final = {
    "surest": "confidence DESC, item", "least sure": "confidence, item", "item": "item",
}  # fmt: skip
_FILTER: Final = """
    evaluation_id = $id
    AND ($truth IS NULL OR truth = $truth) AND ($guess IS NULL OR guess = $guess)
    AND (NOT $wrong_only OR truth <> guess)
    AND (confidence IS NULL OR confidence BETWEEN $from_confidence AND $to_confidence)
"""


class Which(TypedDict, total=False):
    """Which predictions: all of them, unless a key narrows them down."""

    truth: str | None
    guess: str | None
    wrong_only: bool
    from_confidence: float
    to_confidence: float


_ANY: Final[Which] = {
    "truth": None, "guess": None, "wrong_only": False, "from_confidence": 0.0, "to_confidence": 1.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evaluation(TableRow):
    """One evaluation; ``report`` is the JSON of `rapt evaluate`."""

    TABLE: ClassVar[str] = "evaluations"
    KEY: ClassVar[str] = "evaluation_id"

    evaluation_id: str
    model: str
    data: str
    usage: str | None
    n: int
    accuracy: float | None
    macro_f1: float | None
    ece: float | None
    created: datetime
    report: ReportJson = field(default_factory=ReportJson)


@dataclass(frozen=True, slots=True)
class Prediction(Row):
    """What a model answered to one face."""

    evaluation_id: str
    item: str
    truth: str | None
    guess: str | None
    confidence: float | None
    probabilities: tuple[float | None, ...]  # in the order of labels.EMOTIONS


class Evaluations(Queries):
    """``store.evaluations``."""

    def get(self, evaluation_id: str) -> Evaluation | None:
        return self._first(
            Evaluation, "SELECT * FROM evaluations WHERE evaluation_id = $id", id=evaluation_id
        )

    def predictions(
        self,
        evaluation_id: str,
        *,
        sort: str = "surest",
        limit: int = 100,
        offset: int = 0,
        **which: Unpack[Which],
    ) -> pd.DataFrame:
        """Predictions of an evaluation, filtered; a cell of the confusion matrix and the like."""
        if sort not in _SORTS:
            raise StoreError(f"Predictions cannot be sorted by {sort!r}.",
                             f"Use {', '.join(_SORTS)}.")  # fmt: skip
        return self._frame(
            f"""
            SELECT * FROM predictions WHERE {_FILTER}
            ORDER BY {_SORTS[sort]} LIMIT $limit OFFSET $offset
            """,
            id=evaluation_id,
            limit=limit,
            offset=offset,
            **(_ANY | which),
        )

    def count_predictions(self, evaluation_id: str, **which: Unpack[Which]) -> int:
        """How many predictions a filter leaves."""
        found = self._value(
            f"SELECT count(*) FROM predictions WHERE {_FILTER}",
            id=evaluation_id,
            **(_ANY | which),
        )
        return int(found)

    def prediction(self, evaluation_id: str, item: str) -> Prediction | None:
        """One face's answer; None where the evaluation does not have it."""
        return self._first(
            Prediction,
            f"""
            SELECT evaluation_id, item, truth, guess, confidence,
                   to_json([{", ".join(PROBABILITY_COLUMNS)}]::DOUBLE[])::VARCHAR AS probabilities
            FROM predictions WHERE evaluation_id = $id AND item = $item
            """,
            id=evaluation_id,
            item=item,
        )

    def paired_answers(self, a: str, b: str) -> pd.DataFrame:
        """What two evaluations answered to the same faces: item, truth, guess_a, guess_b."""
        return self._frame(
            """
            SELECT a.item, a.truth, a.guess AS guess_a, b.guess AS guess_b
            FROM predictions a JOIN predictions b ON b.item = a.item
            WHERE a.evaluation_id = $a AND b.evaluation_id = $b AND a.truth = b.truth
            ORDER BY a.item
            """,
            a=a,
            b=b,
        )

    def list(self, *, model: str | None = None) -> list[Evaluation]:
        """Evaluations, of one model or of all, newest first."""
        return self._all(
            Evaluation,
            "SELECT * FROM evaluations WHERE $model IS NULL OR model = $model "
            "ORDER BY created DESC LIMIT 10000",
            model=model,
        )


@command
class AddEvaluation:
    """Keep an evaluation; returns its id. ``report`` is the JSON of `rapt evaluate`.

    ``predictions`` are columns: item, truth, guess, confidence and the probabilities.
    """

    model: str
    data: str
    report: ReportJson
    predictions: dict[str, list[Any]] | None = None
    usage: str | None = None
    evaluation_id: str | None = None

    def apply(self, change: Change) -> str:
        evaluation_id = self.evaluation_id or new_id("evaluation")
        change.insert(
            "evaluations", evaluation_id=evaluation_id, model=self.model, data=self.data,
            usage=self.usage, n=int(self.report.get("n") or 0),
            accuracy=self.report.get("accuracy"), macro_f1=self.report.get("macro_f1"),
            ece=self.report.get("ece"), report=self.report, created=now(),
        )  # fmt: skip
        if self.predictions:
            _insert_predictions(change, evaluation_id, self.predictions)
        return evaluation_id


def _insert_predictions(
    change: Change, evaluation_id: str, predictions: dict[str, list[Any]]
) -> None:
    known = {"item", "truth", "guess", "confidence", *PROBABILITY_COLUMNS}
    wrong = sorted(set(predictions) - known)
    if wrong or "item" not in predictions:
        raise StoreError(
            f"Predictions need a column item and know no {', '.join(wrong) or 'less'}."
        )
    columns = {**predictions, "item": [str(item) for item in predictions["item"]]}
    try:
        table = pa.table(columns)
    except pa.ArrowException as e:
        raise StoreError(f"The predictions' columns do not fit: {e}") from e
    table = table.append_column(
        "evaluation_id", pa.repeat(pa.scalar(evaluation_id), table.num_rows)
    )
    change.cursor.insert_arrow("predictions", table)


@command
class DeleteEvaluation:
    evaluation_id: str

    def apply(self, change: Change) -> None:
        change.get(Evaluation, self.evaluation_id)
        change.cursor.execute(
            "DELETE FROM predictions WHERE evaluation_id = ?", [self.evaluation_id]
        )
        change.delete(Evaluation, self.evaluation_id)
