"""The job that evaluates a model and keeps every answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import Cancelled, DataError, ModelError, SettingsError
from fer_core.evaluation import face_map, neighbours, umap_plane
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.jobs.evaluation import (
    EvaluationSpec,
    enqueue_evaluation,
    enqueue_map,
    run_job,
    run_map_job,
)
from fer_core.storage import open_store
from fer_core.storage.lab.evaluations import AddEvaluation
from fer_core.training.samples import Samples
from fer_core.types import Float
from tests.jobs.progress import Progress
from tests.lab import plant_model
from tests.long import only_long
from tests.training.sets import some_faces, write_csv
from tests.umap import need_umap, with_umap, without_umap


def a_set(tmp_path: Path) -> Path:
    """105 training faces and 70 of PublicTest, three of which are copies of training faces."""
    training, public = some_faces(105), some_faces(70, seed=1)
    images = public.images.copy()
    images[:3] = training.images[:3]
    return write_csv(
        tmp_path / "set.csv",
        (training, "Training"),
        (Samples(images, public.labels), "PublicTest"),
    )


def test_an_evaluation_keeps_report_predictions_faces_and_neighbours(
    home: Home, tmp_path: Path
) -> None:
    plant_model(home, "mine")
    data = a_set(tmp_path)
    progress = Progress()
    result = run_job(home, {"model": "mine", "data": str(data)}, progress)
    assert result["n"] == 70
    assert result["neighbours"] is True
    assert result["map"] is True
    done, total, _ = progress.said[-1]
    assert done == total == 245  # each of the 70 is answered and mapped, 105 are indexed

    with open_store(home) as store:
        row = store.evaluations.list(model="mine")[0]
        report = row.report
        kept = store.evaluations.predictions(row.evaluation_id, limit=100, sort="item")
        wrong = store.evaluations.count_predictions(row.evaluation_id, wrong_only=True)
        cell = store.evaluations.count_predictions(row.evaluation_id, truth="fear", guess="happy")
        surest = store.evaluations.predictions(row.evaluation_id, wrong_only=True, limit=100)
        first = store.evaluations.prediction(row.evaluation_id, "publictest/000003")
    assert row.usage == "publictest"
    assert kept["item"].tolist() == [f"publictest/{k:06d}" for k in range(70)]
    right = float((kept["truth"] == kept["guess"]).mean())
    assert right == pytest.approx(report["accuracy"]) == pytest.approx(1 - wrong / 70)
    confusion = np.array(report["confusion"])
    place = {name: k for k, name in enumerate(report["labels"])}
    assert cell == confusion[place["fear"], place["happy"]]
    assert surest["confidence"].is_monotonic_decreasing
    assert first is not None
    assert sum(report["ranks"]) == pytest.approx(1)
    assert [one["item"] for one in report["leaked"]] == [f"publictest/{k:06d}" for k in range(3)]
    assert [one["twin"] for one in report["leaked"]] == [f"train/{k:06d}" for k in range(3)]
    assert "accuracy_without_copies" in report

    faces, labels = face_cache.load_faces(home, data, "publictest")
    assert isinstance(faces, np.memmap)
    assert faces.shape == (70, 48, 48)
    assert len(labels) == 70
    (path,) = (home.cache / "neighbours").iterdir()
    index = neighbours.Index.read(path)
    assert index.features.shape == (105, 8)
    assert np.linalg.norm(index.features, axis=1) == pytest.approx(np.ones(105), abs=1e-3)
    (path,) = (home.cache / "maps").iterdir()
    drawn = face_map.FaceMap.read(path)
    assert drawn.rows.tolist() == list(range(70))
    assert drawn.points.shape == (70, 2)
    assert 0 < drawn.kept <= 1


def test_evaluated_again_the_new_answers_take_the_place_of_the_old(
    home: Home, tmp_path: Path
) -> None:
    plant_model(home, "mine")
    spec = {"model": "mine", "data": str(a_set(tmp_path)), "neighbours": False}
    first = run_job(home, spec, Progress())["evaluation"]
    second = run_job(home, spec, Progress())["evaluation"]
    with open_store(home) as store:
        assert [one.evaluation_id for one in store.evaluations.list()] == [second]
        assert store.evaluations.predictions(first).empty


def test_a_copy_of_faces_goes_with_its_data_set_and_kept_faces_are_not_copied(
    home: Home, tmp_path: Path
) -> None:
    plant_model(home, "mine")
    data = a_set(tmp_path)
    run_job(home, {"model": "mine", "data": str(data), "neighbours": False}, Progress())
    assert len(list((home.cache / "faces").iterdir())) == 1
    data.unlink()
    face_cache.sweep(home)
    assert not list((home.cache / "faces").iterdir())
    within = home.root / "sessions" / "own.csv"
    within.parent.mkdir(exist_ok=True)
    write_csv(within, (some_faces(14), "Training"))
    run_job(home, {"model": "mine", "data": str(within), "neighbours": False}, Progress())
    assert not list((home.cache / "faces").iterdir())
    assert face_cache.load_faces(home, within, "train")[0].shape == (14, 48, 48)


def test_stopping_while_the_index_is_built_keeps_the_evaluation(home: Home, tmp_path: Path) -> None:
    plant_model(home, "mine")
    spec = {"model": "mine", "data": str(a_set(tmp_path))}
    with pytest.raises(Cancelled):
        run_job(home, spec, Progress(stop_after=3))
    with open_store(home) as store:
        assert len(store.evaluations.list()) == 1
    assert not (home.cache / "neighbours").exists()


def test_what_cannot_be_evaluated_is_refused_before_it_is_queued(
    home: Home, tmp_path: Path
) -> None:
    plant_model(home, "mine")
    data = a_set(tmp_path)
    with open_store(home) as store:
        with pytest.raises(DataError, match="no data set at"):
            enqueue_evaluation(store, EvaluationSpec("mine", str(tmp_path / "none.csv")))
        with pytest.raises(ModelError, match="no model 'other'"):
            enqueue_evaluation(store, EvaluationSpec("other", str(data)))
        job = enqueue_evaluation(store, EvaluationSpec("mine", str(data)))
        row = store.jobs.get(job)
    assert (row.kind, row.title) == ("evaluate", "mine on set.csv")


def evaluated(home: Home, tmp_path: Path, *, neighbours: bool = False) -> str:
    plant_model(home, "mine")
    spec = {"model": "mine", "data": str(a_set(tmp_path)), "neighbours": neighbours}
    return str(run_job(home, spec, Progress())["evaluation"])


def test_a_map_by_umap_is_asked_for_by_its_evaluation(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(home) as store:
        few, evaluation = (
            store.run(AddEvaluation(model="mine", data="/sets/set.csv", report={"n": n}))
            for n in (29, 30)
        )
        without_umap(monkeypatch)
        with pytest.raises(SettingsError, match="UMAP is not installed"):
            enqueue_map(store, evaluation)
        with_umap(monkeypatch)
        with pytest.raises(DataError, match="not here any more"):
            enqueue_map(store, "gone")
        with pytest.raises(DataError, match="too few faces"):
            enqueue_map(store, few)
        row = store.jobs.get(enqueue_map(store, evaluation))
    assert (row.kind, row.title) == ("map", "Map of mine on set.csv")
    assert row.spec == {"evaluation": evaluation}


def test_the_job_keeps_the_map_beside_the_one_by_pca(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UMAP itself is played here; the test below has it."""
    evaluation = evaluated(home, tmp_path, neighbours=True)
    spec = {"evaluation": evaluation}
    without_umap(monkeypatch)
    with pytest.raises(SettingsError, match="not installed"):
        run_map_job(home, spec, Progress())

    def played(features: Float, on_progress: Callable[[float], None]) -> tuple[Float, float]:
        on_progress(0.5)
        return face_map.plane(features)[0][:, ::-1], 0.25

    with_umap(monkeypatch)
    monkeypatch.setattr(umap_plane, "plane", played)
    with pytest.raises(Cancelled):
        run_map_job(home, spec, Progress(stop_after=3))
    (by_pca,) = (home.cache / "maps").iterdir()
    progress = Progress()
    run_map_job(home, spec, progress)
    assert progress.said[-1] == (105, 140, "Laying faces out")
    by_umap = by_pca.with_name(f"{by_pca.stem}-umap-1.npz")
    assert set(by_pca.parent.iterdir()) == {by_pca, by_umap}
    drawn = face_map.FaceMap.read(by_umap)
    assert drawn.kept == 0.25
    np.testing.assert_allclose(drawn.points, face_map.FaceMap.read(by_pca).points[:, ::-1])
    before = by_umap.stat().st_mtime_ns
    run_map_job(home, spec, Progress())
    assert by_umap.stat().st_mtime_ns == before, "what is there is not made again"
    for damaged in (by_umap, by_pca):
        damaged.write_bytes(damaged.read_bytes()[:-9])
    run_map_job(home, spec, Progress())
    evaluated(home, tmp_path, neighbours=True)
    assert face_map.FaceMap.read(by_umap).kept == 0.25, "a damaged one is"
    assert len(face_map.FaceMap.read(by_pca).rows) == 70
    with pytest.raises(DataError, match="not here any more"):
        run_map_job(home, {"evaluation": "gone"}, Progress())


@only_long
def test_the_job_lays_faces_out_by_umap(home: Home, tmp_path: Path) -> None:
    need_umap()
    evaluation = evaluated(home, tmp_path)
    progress = Progress()
    run_map_job(home, {"evaluation": evaluation}, progress)
    assert progress.said[-1] == (140, 140, "Laying faces out")
    (path,) = (home.cache / "maps").iterdir()
    drawn = face_map.FaceMap.read(path)
    assert drawn.points.shape == (70, 2)
    assert 0.2 < drawn.kept <= 1
