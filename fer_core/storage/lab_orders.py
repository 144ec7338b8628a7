"""Orders of the model lab: models, training runs, evaluations, labels."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from fer_core.errors import StoreError
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.storage.ids import check_id, new_id
from fer_core.storage.migrations import now
from fer_core.storage.orders import Change, order

VERDICTS = ("emotion", "skip", "not_a_face", "unusable")


@order
def add_model(
    change: Change,
    *,
    model: str,
    path: str,
    checksum: str,
    source: str,
    family: str | None = None,
    run_id: str | None = None,
    card: dict[str, Any] | None = None,
) -> None:
    """Remember a model file that Rapt itself wrote or pulled; a second time replaces it."""
    change.cursor.execute("DELETE FROM models WHERE model = ?", [model])
    change.insert(
        "models",
        {
            "model": model, "family": family, "path": path, "checksum": checksum,
            "source": source, "run_id": run_id, "card": json.dumps(card or {}), "created": now(),
        },
    )  # fmt: skip


@order
def add_training_run(
    change: Change,
    *,
    settings: dict[str, Any],
    data: dict[str, Any],
    architecture: str | None = None,
    base_model: str | None = None,
    model: str | None = None,
    run_id: str | None = None,
) -> str:
    """Begin a training run; returns its id."""
    run_id = run_id or new_id("training_run")
    change.insert(
        "training_runs",
        {
            "run_id": run_id, "model": model, "architecture": architecture,
            "base_model": base_model, "status": "queued", "settings": json.dumps(settings),
            "data": json.dumps(data), "created": now(),
        },
    )  # fmt: skip
    return run_id


@order
def update_training_run(
    change: Change,
    *,
    run_id: str,
    status: str | None = None,
    model: str | None = None,
    metrics: dict[str, Any] | None = None,
    error: str | None = None,
) -> None:
    over = status in ("done", "failed", "cancelled")
    change.update(
        "training_runs",
        "run_id",
        run_id,
        {
            "status": status, "model": model, "error": error,
            "metrics": None if metrics is None else json.dumps(metrics),
            "finished": now() if over else None,
        },
    )  # fmt: skip


_EPOCH_COLUMNS = ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds")


@order
def add_epochs(change: Change, *, run_id: str, epochs: list[dict[str, Any]]) -> None:
    """Add or replace epochs of a run; what has no column of its own is kept as metrics."""
    change.row("training_runs", "run_id", run_id)
    for given in epochs:
        number = int(given["epoch"])
        change.cursor.execute("DELETE FROM epochs WHERE run_id = ? AND epoch = ?", [run_id, number])
        rest = {k: v for k, v in given.items() if k not in (*_EPOCH_COLUMNS, "epoch")}
        change.insert(
            "epochs",
            {
                "run_id": run_id, "epoch": number,
                **{name: given.get(name) for name in _EPOCH_COLUMNS},
                "metrics": json.dumps(rest),
            },
        )  # fmt: skip


@order
def add_evaluation(
    change: Change,
    *,
    model: str,
    data: str,
    report: dict[str, Any],
    predictions: dict[str, list[Any]] | None = None,
    usage: str | None = None,
    evaluation_id: str | None = None,
) -> str:
    """Keep an evaluation; ``report`` is the evaluate command's JSON.

    ``predictions`` are columns: item, truth, guess, confidence and the probabilities.
    """
    evaluation_id = evaluation_id or new_id("evaluation")
    change.insert(
        "evaluations",
        {
            "evaluation_id": evaluation_id, "model": model, "data": data, "usage": usage,
            "n": int(report.get("n") or 0), "accuracy": report.get("accuracy"),
            "macro_f1": report.get("macro_f1"), "ece": report.get("ece"),
            "report": json.dumps(report), "created": now(),
        },
    )  # fmt: skip
    if predictions:
        _insert_predictions(change, evaluation_id, predictions)
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


@order
def delete_evaluation(change: Change, *, evaluation_id: str) -> None:
    change.row("evaluations", "evaluation_id", evaluation_id)
    for table in ("predictions", "evaluations"):
        change.cursor.execute(f"DELETE FROM {table} WHERE evaluation_id = ?", [evaluation_id])


@order
def add_label(
    change: Change,
    *,
    item: str,
    source: str,
    verdict: str,
    emotion: str | None = None,
    labeller: str = "me",
    session_id: str | None = None,
    frame: int | None = None,
    viewer: int | None = None,
    held_out: bool = False,
    label_id: str | None = None,
) -> str:
    """Keep one person's judgement of one face; returns its id, for ``undo_label``.

    Whoever gives the id may ask again where no answer came: it is kept once.
    """
    if verdict not in VERDICTS or (verdict == "emotion") != (emotion in EMOTIONS):
        raise StoreError(
            f"A label cannot be {verdict!r} with the emotion {emotion!r}.",
            f"Verdicts are {', '.join(VERDICTS)}; emotions {', '.join(EMOTIONS)}.",
        )
    label_id = new_id("label") if label_id is None else check_id(label_id)
    if change.cursor.value("SELECT 1 FROM labels WHERE label_id = ?", [label_id]):
        return label_id
    change.insert(
        "labels",
        {
            "label_id": label_id, "item": item, "source": source, "session_id": session_id,
            "frame": frame, "viewer": viewer, "emotion": emotion, "verdict": verdict,
            "labeller": labeller, "held_out": held_out, "created": now(),
        },
    )  # fmt: skip
    return label_id


@order
def undo_label(change: Change, *, label_id: str) -> None:
    change.row("labels", "label_id", label_id)
    change.cursor.execute("UPDATE labels SET undone = true WHERE label_id = ?", [label_id])
