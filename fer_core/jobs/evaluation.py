"""The job of kind ``evaluate``: a model on a data set, with every face's answer kept.

`rapt evaluate` prints the figures; the job also keeps what pages look into: the predictions,
the faces that training saw too, and in the model's own features the index of training faces and
the map of all. The job of kind ``map`` lays the faces of an evaluation out by UMAP as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fer_core import evaluation
from fer_core.errors import Cancelled, DataError
from fer_core.evaluation import face_map, umap_plane
from fer_core.evaluation import neighbours as index
from fer_core.evaluation.checked_arrays import is_whole
from fer_core.evaluation.face_map import Layout
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
from fer_core.storage.lab.evaluations import AddEvaluation, DeleteEvaluation, Evaluation
from fer_core.training.datasets import load, split_name
from fer_core.types import Bytes, Float, ReportJson
from fer_core.zoo.model_store import StoredModel, find_model

if TYPE_CHECKING:
    from fer_core.evaluation.explain import Explainer
    from fer_core.storage import Store

#: Training faces in an index at most: enough to find neighbours, soon searched.
MOST_INDEXED = 30_000


@dataclass(frozen=True, slots=True)
class EvaluationSpec:
    """Which model, on what: ``usage`` is one split, ``neighbours`` asks for index and map too."""

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
    total = len(samples)
    if spec.neighbours and "keras" in card.files:
        # the map reads them once more, the index reads training faces
        total += len(samples) + min(len(found.splits.get("train", ())), MOST_INDEXED)

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


class Features:
    """Faces in a network's own features; the network is loaded when it is first asked."""

    def __init__(self, stored: StoredModel, progress: Progress, done: int, total: int) -> None:
        self.weights = stored.card.files["keras"].sha256
        self._stored = stored
        self._progress = progress
        self._done, self._total = done, total

    @cached_property
    def _network(self) -> Explainer:
        from fer_core.evaluation.explain import Explainer, quiet

        quiet()
        return Explainer(self._stored.card, self._stored.content("keras"))

    def of(self, images: Bytes, said: str) -> Float:
        """What the last layer is given, a row a face; ``said`` is what is being done."""
        from fer_core.evaluation.explain import BATCH
        from fer_core.evaluation.runner import sized

        rows = []
        for start in range(0, len(images), BATCH):
            part = images[start : start + BATCH]
            rows.append(self._network.features(sized(part, self._stored.card.crop.size)))
            if self._progress.should_stop():
                raise Cancelled
            self._done += len(part)
            self._progress(self._done, self._total, said)
        return np.concatenate(rows)


def build_index(home: Home, data: str, key: str, features: Features) -> Path | None:
    """The training split's features, unless they are there; None where there is no such split."""
    if "train" not in face_cache.split_sizes(home, data):
        return None
    path = index.path_of(home.cache, features.weights, key, "train")
    if is_whole(path):
        return path
    images, _ = face_cache.load_faces(home, data, "train")
    chosen = np.arange(len(images))
    if len(images) > MOST_INDEXED:
        chosen = np.sort(np.random.default_rng(0).permutation(len(images))[:MOST_INDEXED])
    rows = index.unit(features.of(images[chosen], "Indexing training faces"))
    index.Index(features.weights, key, "train", chosen.astype(np.int32), rows).write(path)
    return path


def build_map(home: Home, data: str, key: str, split: str, features: Features) -> Path:
    """The map of a split's faces, unless it is there and whole."""
    path = face_map.path_of(home.cache, features.weights, key, split)
    if not is_whole(path):
        images, _ = face_cache.load_faces(home, data, split)
        points, kept = face_map.plane(features.of(images, "Mapping faces"))
        rows = np.arange(len(images), dtype=np.int32)
        face_map.FaceMap(features.weights, key, split, rows, points, kept).write(path)
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
        "map": False,
    }
    if wanted.neighbours and "keras" in find_model(wanted.model, home).card.files:
        result |= _by_features(home, wanted, report["split"], progress)
    return result


def _by_features(home: Home, spec: EvaluationSpec, split: str, progress: Progress) -> JsonObject:
    """What needs the network's own features: the map of this split, the index of training faces.

    They need weights that Rapt wrote.
    """
    key = face_cache.fingerprint(spec.data)
    if key is None:
        return {}
    with open_store(home) as store:
        stored = trusted_model(store, home, spec.model)
    faces = face_cache.split_sizes(home, spec.data)
    total = 2 * faces[split] + min(faces.get("train", 0), MOST_INDEXED)
    features = Features(stored, progress, faces[split], total)
    build_map(home, spec.data, key, split, features)
    found = build_index(home, spec.data, key, features)
    return {"neighbours": found is not None, "map": True}


def enqueue_map(store: Store, evaluation_id: str) -> str:
    """Queue laying the faces of an evaluation out by UMAP; the job's id.

    The job names the evaluation and no file: whoever sees it may ask for its map.
    """
    umap_plane.check_installed()
    kept = _kept(store, evaluation_id)
    umap_plane.check_enough(kept.n)
    title = f"Map of {kept.model} on {Path(kept.data).name}"
    return queue.enqueue(store, "map", {"evaluation": evaluation_id}, title=title)


def run_map_job(home: Home, spec: JsonObject, progress: Progress) -> JsonObject:
    """The map by UMAP, unless it is there and whole."""
    umap_plane.check_installed()
    progress(0, None, "Reading faces")
    with open_store(home) as store:
        kept = _kept(store, str(spec["evaluation"]))
        stored = trusted_model(store, home, kept.model)
    key = face_cache.fingerprint(kept.data)
    if key is None:
        raise DataError(f"The data set is no longer at {kept.data}.", "Put it back there.")
    split = kept.report["split"]
    images, _ = face_cache.load_faces(home, kept.data, split)
    count = len(images)
    features = Features(stored, progress, 0, 2 * count)
    path = face_map.path_of(home.cache, features.weights, key, split, Layout.UMAP)

    def laid_out(share: float) -> None:
        if progress.should_stop():
            raise Cancelled
        progress(count + round(share * count), 2 * count, "Laying faces out")

    if not is_whole(path):
        found = features.of(images, "Reading faces")
        laid_out(0)
        points, still = umap_plane.plane(found, laid_out)
        rows = np.arange(count, dtype=np.int32)
        face_map.FaceMap(features.weights, key, split, rows, points, still).write(path)
    return {"evaluation": kept.evaluation_id, "n": count}


def _kept(store: Store, evaluation_id: str) -> Evaluation:
    found = store.evaluations.get(evaluation_id)
    if found is None:
        raise DataError("This evaluation is not here any more.", "Evaluate the model again.")
    return found
