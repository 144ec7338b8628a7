"""The job of kind ``evaluate``: a model on a data set, with every face's answer kept.

`rapt evaluate` prints the figures; the job also keeps what pages look into: the predictions,
the faces that training saw too, and the index of training faces in the model's own features.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fer_core import evaluation
from fer_core.errors import Cancelled, DataError
from fer_core.evaluation import neighbours as index
from fer_core.evaluation.review import (
    data_set_item,
    prediction_columns,
    ranks,
    reliability_rows,
    twins,
)
from fer_core.evaluation.trusted_weights import trusted_model
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.inference.classifier import Classifier
from fer_core.jobs import face_cache, queue
from fer_core.jobs.kinds import Progress
from fer_core.storage import open_store
from fer_core.storage.lab.evaluations import AddEvaluation, DeleteEvaluation
from fer_core.training.datasets import load, split_name
from fer_core.types import Bytes, ReportJson
from fer_core.zoo.model_store import StoredModel, find_model

if TYPE_CHECKING:
    from fer_core.storage import Store

#: Training faces in an index at most: enough to find neighbours, soon searched.
MOST_INDEXED = 30_000


@dataclass(frozen=True, slots=True)
class EvaluationSpec:
    """Which model, on what: ``usage`` is one split, ``neighbours`` asks for the index too."""

    model: str
    data: str
    usage: str | None = None
    neighbours: bool = True

    @classmethod
    def from_dict(cls, value: Mapping[str, object]) -> EvaluationSpec:
        """The spec of a job of kind ``evaluate``, after a way through JSON."""
        usage = value.get("usage")
        return cls(
            str(value["model"]),
            str(value["data"]),
            str(usage) if usage else None,
            bool(value.get("neighbours", True)),
        )


def enqueue_evaluation(store: Store, spec: EvaluationSpec) -> str:
    """Queue it; the job's id. What cannot be read is refused at once."""
    card = find_model(spec.model, store.home).card
    path = Path(spec.data).expanduser()
    if not path.exists():
        raise DataError(
            f"There is no data set at {path}.",
            "Give Kaggle's CSV or a folder with a folder of pictures for each emotion.",
        )
    wanted = {
        "model": card.name,
        "data": str(path.resolve()),
        "usage": spec.usage,
        "neighbours": spec.neighbours,
    }
    return queue.enqueue(store, "evaluate", wanted, title=f"{card.name} on {path.name}")


def evaluate(
    home: Home, spec: EvaluationSpec, progress: Progress
) -> tuple[ReportJson, dict[str, list[Any]]]:
    """The report (that of `rapt evaluate`, and more) and the predictions' columns."""
    progress(0, None, "Reading the data set")
    found = load(spec.data)
    face_cache.sweep(home)
    face_cache.store_faces(home, spec.data, found)
    split = (spec.usage and split_name(spec.usage)) or evaluation.validation_split(found.splits)
    samples = found[split]
    network = Classifier(find_model(spec.model, home))
    card = network.card
    training = found.splits.get("train") if split != "train" else None
    indexed = 0
    if spec.neighbours and "train" in found.splits and "keras" in card.files:
        indexed = min(len(found.splits["train"]), MOST_INDEXED)
    total = len(samples) + indexed

    def on_face(done: int, _of: int) -> None:
        if progress.should_stop():
            raise Cancelled
        progress(done, total, "Reading faces")

    logits = evaluation.run_model(network, samples.images, on_face=on_face)
    copies = {} if training is None else twins(samples.images, training.images)
    held = np.isin(np.arange(len(samples)), list(copies))
    scored = evaluation.evaluate(card, logits, samples.labels, samples.votes, copies=held)
    result = scored.labels
    report: ReportJson = {
        "model": card.name,
        "file": network.kind,
        "digest": network.digest,
        "data": spec.data,
        "split": split,
        **scored.as_dict(),
        "labels": list(result.scores.labels),
        "ranks": ranks(result.probabilities, result.truth),
        "reliability": reliability_rows(result.probabilities, result.truth),
        "problems": [str(problem) for problem in found.problems[:50]],
        "ms_per_face": evaluation.milliseconds_per_face(network, seconds=0.3),
    }
    if training is not None:
        report["leaked"] = [
            {"item": data_set_item(split, row), "twin": data_set_item("train", there)}
            for row, there in sorted(copies.items())
        ]
    columns = prediction_columns(
        split, result.rows, result.truth, result.probabilities, result.scores.labels
    )
    return report, columns


def build_index(
    home: Home, stored: StoredModel, data: str, images: Bytes, on_face: Callable[[int], None]
) -> Path | None:
    """The training split's features, unless they are there; None where there is no data set."""
    key = face_cache.fingerprint(data)
    if key is None:
        return None
    model = stored.card.files["keras"].sha256
    path = index.path_of(home.cache, model, key, "train")
    if path.exists():
        return path
    from fer_core.evaluation.explain import BATCH, Explainer, quiet

    quiet()
    network = Explainer(stored.card, stored.content("keras"))
    from fer_core.evaluation.runner import sized

    chosen = np.arange(len(images))
    if len(images) > MOST_INDEXED:
        chosen = np.sort(np.random.default_rng(0).permutation(len(images))[:MOST_INDEXED])
    rows = []
    for start in range(0, len(chosen), BATCH):
        part = sized(images[chosen[start : start + BATCH]], stored.card.crop.size)
        rows.append(network.features(part))
        on_face(min(start + BATCH, len(chosen)))
    features = index.unit(np.concatenate(rows))
    index.Index(model, key, "train", chosen.astype(np.int32), features).write(path)
    return path


def run_job(home: Home, spec: JsonObject, progress: Progress) -> JsonObject:
    """The evaluation is kept before the index is built: stopping then loses nothing."""
    wanted = EvaluationSpec.from_dict(spec)
    report, predictions = evaluate(home, wanted, progress)
    with open_store(home) as store:
        before = store.evaluations.list(model=report["model"])
        evaluation_id = store.run(
            AddEvaluation(
                model=report["model"],
                data=wanted.data,
                usage=report["split"],
                report=report,
                predictions=predictions,
            )
        )
        # Of a model on a split only the latest stays: a resumed job measures it once more.
        for old in before:
            if (old.data, old.usage) == (wanted.data, report["split"]):
                store.run(DeleteEvaluation(evaluation_id=old.evaluation_id))
    result: JsonObject = {
        "evaluation": evaluation_id,
        "model": report["model"],
        "n": report["n"],
        "accuracy": report["accuracy"],
        "macro_f1": report["macro_f1"],
        "neighbours": False,
    }
    if wanted.neighbours:
        result["neighbours"] = _neighbours(home, wanted, report["n"], progress)
    return result


def _neighbours(home: Home, spec: EvaluationSpec, before: int, progress: Progress) -> bool:
    """Whether there is an index: it needs a training split and weights that Rapt wrote."""
    card = find_model(spec.model, home).card
    if "keras" not in card.files or "train" not in load_splits(spec.data):
        return False
    with open_store(home) as store:
        stored = trusted_model(store, home, spec.model)
    images, _ = face_cache.load_faces(home, spec.data, "train")
    total = before + min(len(images), MOST_INDEXED)

    def on_face(done: int) -> None:
        if progress.should_stop():
            raise Cancelled
        progress(before + done, total, "Indexing training faces")

    return build_index(home, stored, spec.data, images, on_face) is not None


def load_splits(data: str) -> tuple[str, ...]:
    """The names of a data set's splits."""
    return tuple(load(data).splits)
