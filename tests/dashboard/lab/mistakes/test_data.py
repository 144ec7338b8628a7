"""The faces behind an evaluation, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dashboard.lab.data import faces
from dashboard.lab.mistakes import data as mistakes
from dashboard.lab.mistakes.data import Ask, Filter
from dashboard.lab.models import figures
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.storage import open_store
from fer_core.storage.lab.evaluations import AddEvaluation
from fer_core.training.datasets import DataSet
from fer_core.training.samples import Samples
from tests.lab import Lab, predictions
from tests.training.sets import some_faces

MANY = 30_000


def test_a_cell_of_the_confusion_matrix_holds_as_many_faces_as_it_says(
    lab: Lab,
) -> None:
    home, store, data = lab
    (measured,) = figures.evaluations(store, "one")
    assert measured.evaluation_id is not None
    for i, truth in enumerate(measured.scores.labels):
        for j, guess in enumerate(measured.scores.labels):
            wanted = Filter(measured.evaluation_id, truth, guess, wrong_only=i != j)
            found = mistakes.gallery(store, wanted)
            assert found.total == measured.scores.confusion[i, j]
            assert set(found.faces["truth"]) <= {truth}
            assert set(found.faces["guess"]) <= {guess}
    items = [f"publictest/{k:06d}" for k in (4, 2)]
    shown = faces.faces_of(home, str(data), items)
    np.testing.assert_array_equal(shown, some_faces(70, seed=1).images[[4, 2]])


def test_labels_are_kept_once_and_taken_back(lab: Lab) -> None:
    _, store, data = lab
    (measured,) = figures.evaluations(store, "one")
    source, evaluation = str(data), measured.evaluation_id or ""
    item = "publictest/000001"
    asks = [
        Ask("a", item, "fear"),
        Ask("b", "publictest/000002", "unusable"),
        Ask("c", "publictest/999999", "fear"),
        Ask("d", item, "bored"),
    ]
    done = mistakes.answer(store, source, evaluation, asks, [])
    assert done == ["a", "b", "c", "d"]
    mistakes.answer(store, source, evaluation, asks, done)  # asked again: nothing new
    assert mistakes.labels(store, source) == {item: "fear", "publictest/000002": "unusable"}
    assert len(store.labels.list(source=source)) == 2
    undo = [Ask(f"u{k}", asks[k].item, undo=True) for k in (0, 1)]
    mistakes.answer(store, source, evaluation, undo, done)
    assert mistakes.labels(store, source) == {}


def test_the_gallery_turns_pages_of_30000_predictions_the_surest_first(
    home: Home, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (MANY, 48, 48)).astype(np.uint8)
    labels = rng.integers(0, 7, MANY).astype(np.int32)
    data = tmp_path / "many.csv"
    data.write_text("emotion,pixels,Usage\n")  # the copy stands for it; it is never read
    face_cache.store_faces(home, data, DataSet("many", {"publictest": Samples(images, labels)}))
    with open_store(home, look_after=False) as store:
        evaluation = store.run(
            AddEvaluation( model="rapt-1", data=str(data), usage="publictest",
            report={"n": MANY}, predictions=predictions(MANY),
        ))  # fmt: skip
        for number, wanted in enumerate(
            (Filter(evaluation), Filter(evaluation, "fear", "sad"), Filter(evaluation, low=0.8))
        ):
            found = mistakes.gallery(store, wanted, page=number + 1)
            items = [str(item) for item in found.faces["item"]]
            sheet = faces.sheet(faces.faces_of(home, str(data), items))
            assert found.total > len(found.faces) == mistakes.PAGE
            assert found.faces["confidence"].is_monotonic_decreasing
            assert len(sheet) < 400_000
        row = store.evaluations.prediction(evaluation, items[0])
    assert row is not None
