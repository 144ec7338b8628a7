"""Queries of the model lab: models, runs, evaluations, predictions, labels."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from fer_core.errors import StoreError
from fer_core.storage.reading import Reader

_PREDICTION_SORTS = {
    "surest": "confidence DESC, item", "least sure": "confidence, item", "item": "item",
}  # fmt: skip
_PREDICTION_FILTER = """
    evaluation_id = $id
    AND ($truth IS NULL OR truth = $truth) AND ($guess IS NULL OR guess = $guess)
    AND (NOT $wrong_only OR truth <> guess)
    AND (confidence IS NULL OR confidence BETWEEN $low AND $high)
"""


class LabQueries(Reader):
    def models(self) -> pd.DataFrame:
        """Models that were trained or pulled here, newest first; ``card`` is JSON."""
        return self.frame("SELECT * FROM models ORDER BY created DESC LIMIT 10000")

    def training_runs(self, *, limit: int = 100) -> pd.DataFrame:
        return self.frame(
            "SELECT * FROM training_runs ORDER BY created DESC LIMIT $limit", {"limit": limit}
        )

    def training_run(self, run_id: str) -> dict[str, Any]:
        row = self.one("SELECT * FROM training_runs WHERE run_id = $id", {"id": run_id})
        if row is None:
            raise StoreError(f"There is no training run {run_id!r}.")
        return {k: json.loads(v) if k in ("settings", "data", "metrics") else v
                for k, v in row.items()}  # fmt: skip

    def epochs(self, run_id: str) -> pd.DataFrame:
        return self.frame("SELECT * FROM epochs WHERE run_id = $id ORDER BY epoch", {"id": run_id})

    def evaluations(self, *, model: str | None = None) -> pd.DataFrame:
        """Evaluations, newest first; ``report`` is the evaluate command's JSON."""
        return self.frame(
            "SELECT * FROM evaluations WHERE $model IS NULL OR model = $model "
            "ORDER BY created DESC LIMIT 10000",
            {"model": model},
        )

    def predictions(
        self,
        evaluation_id: str,
        *,
        truth: str | None = None,
        guess: str | None = None,
        wrong_only: bool = False,
        from_confidence: float = 0.0,
        to_confidence: float = 1.0,
        sort: str = "surest",
        limit: int = 100,
        offset: int = 0,
    ) -> pd.DataFrame:
        """Predictions of an evaluation, filtered; a cell of the confusion matrix and the like."""
        if sort not in _PREDICTION_SORTS:
            raise StoreError(f"Predictions cannot be sorted by {sort!r}.",
                             f"Use {', '.join(_PREDICTION_SORTS)}.")  # fmt: skip
        return self.frame(
            f"""
            SELECT * FROM predictions WHERE {_PREDICTION_FILTER}
            ORDER BY {_PREDICTION_SORTS[sort]} LIMIT $limit OFFSET $offset
            """,
            {
                "id": evaluation_id, "truth": truth, "guess": guess, "wrong_only": wrong_only,
                "low": from_confidence, "high": to_confidence, "limit": limit, "offset": offset,
            },
        )  # fmt: skip

    def count_predictions(
        self,
        evaluation_id: str,
        *,
        truth: str | None = None,
        guess: str | None = None,
        wrong_only: bool = False,
        from_confidence: float = 0.0,
        to_confidence: float = 1.0,
    ) -> int:
        """How many predictions a filter leaves."""
        row = self.one(
            f"SELECT count(*) AS n FROM predictions WHERE {_PREDICTION_FILTER}",
            {
                "id": evaluation_id, "truth": truth, "guess": guess, "wrong_only": wrong_only,
                "low": from_confidence, "high": to_confidence,
            },
        )  # fmt: skip
        assert row is not None  # a count has always one row
        return int(row["n"])

    def prediction(self, evaluation_id: str, item: str) -> dict[str, Any] | None:
        """One face's answer; None where the evaluation does not have it."""
        return self.one(
            "SELECT * FROM predictions WHERE evaluation_id = $id AND item = $item",
            {"id": evaluation_id, "item": item},
        )

    def paired_answers(self, a: str, b: str) -> pd.DataFrame:
        """What two evaluations answered to the same faces: truth, guess_a, guess_b."""
        return self.frame(
            """
            SELECT a.item, a.truth, a.guess AS guess_a, b.guess AS guess_b
            FROM predictions a JOIN predictions b ON b.item = a.item
            WHERE a.evaluation_id = $a AND b.evaluation_id = $b AND a.truth = b.truth
            ORDER BY a.item
            """,
            {"a": a, "b": b},
        )

    def disagreements(self, a: str, b: str, *, limit: int = 100_000) -> pd.DataFrame:
        """Items on which two evaluations differ: item, truth, guess and confidence of each."""
        return self.frame(
            """
            SELECT a.item, a.truth, a.guess AS guess_a, b.guess AS guess_b,
                   a.confidence AS confidence_a, b.confidence AS confidence_b
            FROM predictions a JOIN predictions b ON b.item = a.item
            WHERE a.evaluation_id = $a AND b.evaluation_id = $b AND a.guess <> b.guess
            ORDER BY a.item LIMIT $limit
            """,
            {"a": a, "b": b, "limit": limit},
        )

    def labels(
        self, *, source: str | None = None, session_id: str | None = None, limit: int = 100_000
    ) -> pd.DataFrame:
        """Labels that stand, oldest first."""
        return self.frame(
            """
            SELECT * FROM labels
            WHERE NOT undone AND ($source IS NULL OR source = $source)
              AND ($session_id IS NULL OR session_id = $session_id)
            ORDER BY created, label_id LIMIT $limit
            """,
            {"source": source, "session_id": session_id, "limit": limit},
        )
