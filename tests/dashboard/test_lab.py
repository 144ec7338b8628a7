"""Models, mistakes and what is inside, without a browser: services, charts, pages."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from dashboard.lab.data import faces as data_faces
from dashboard.lab.inside import data as lab_inside
from dashboard.lab.inside.inspections import InspectionService
from dashboard.lab.mistakes import data as lab_mistakes
from dashboard.lab.mistakes.data import Filter
from dashboard.lab.models import charts as lab_figures
from dashboard.lab.models import data as lab_models
from dashboard.lab.models import evaluations as lab_jobs
from dashboard.lab.models import html as lab_html
from fer_core.errors import DataError, FaceError
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.jobs.evaluation import run_job
from fer_core.labels import EMOTIONS
from fer_core.palette import DARK, LIGHT
from fer_core.storage import Store, open_store
from fer_core.storage.evaluations import AddEvaluation
from fer_core.training.datasets import DataSet
from fer_core.training.samples import Samples
from fer_core.types import CropSpec
from fer_core.zoo.model_store import find_model
from tests.dashboard.pages import open_page, served
from tests.dashboard.simulated import plant
from tests.e2e.films import room_film
from tests.jobs.progress import Progress
from tests.lab import plant_model, predictions
from tests.storage.kept import seen
from tests.storage.kept import write as write_kept
from tests.training.sets import some_faces, write_csv

MANY = 30_000


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Store, Path]]:
    """Two small models, both evaluated on the same 70 faces."""
    folder = tmp_path_factory.mktemp("lab")
    home = Home(folder / "home")
    for name, seed in (("one", 3), ("two", 8)):
        plant_model(home, name, seed=seed)
    data = write_csv(
        folder / "set.csv", (some_faces(70), "Training"), (some_faces(70, seed=1), "PublicTest")
    )
    for name in ("one", "two"):
        run_job(home, {"model": name, "data": str(data), "neighbours": False}, Progress())
    with open_store(home, look_after=False) as store:
        yield home, store, data


def test_the_flagship_comes_first_and_a_damaged_card_is_a_row_too(
    lab: tuple[Home, Store, Path],
) -> None:
    home, _, _ = lab
    broken = home.models / "broken.json"
    broken.write_text('{"name": "broken"')
    rows = lab_models.rows(home)
    broken.unlink()
    assert rows[0].name == "rapt-1"
    assert rows[0].in_use
    assert rows[0].ships
    assert rows[0].accuracy is not None
    assert {row.name for row in rows} == {"rapt-1", "one", "two", "broken"}
    (bad,) = (row for row in rows if row.name == "broken")
    assert "broken.json is not valid JSON" in bad.problem


def test_a_card_alone_is_enough_to_say_what_a_model_is_worth(
    lab: tuple[Home, Store, Path],
) -> None:
    home, store, _ = lab
    opened = lab_models.open_model(home, store, "rapt-1")
    assert opened is not None
    assert opened.why_closed == ""
    assert len(opened.curves) > 5
    on_card = [figures for figures in opened.figures if figures.evaluation_id is None]
    assert on_card
    for figures in on_card:
        assert figures.leaked is None  # it needs the data set
        assert sum(figures.ranks) == pytest.approx(figures.report["top3"])
        assert figures.confusion.sum() == figures.n
    said = lab_html.card_in_words(opened.card)
    assert "Not for" in said
    assert "hiring" in said
    assert " + ".join(str(run["epochs"]) for run in opened.card.runs) in said
    assert "ferplus (80 %) and fer2013 (20 %), of the face and its mirror image" in said
    assert lab_models.open_model(home, store, "nobody") is None


def test_two_models_differ_on_the_faces_that_are_shown(lab: tuple[Home, Store, Path]) -> None:
    _, store, _ = lab
    (pair,) = lab_models.shared_evaluations(store, "one", "two")
    found = lab_models.side_by_side(store, "one", "two", pair)
    assert found.paired.n == 70
    assert found.paired.base == pytest.approx(pair[0].report["accuracy"])
    assert found.paired.candidate == pytest.approx(pair[1].report["accuracy"])
    assert (found.differ["guess_a"] != found.differ["guess_b"]).all()
    only = ((found.differ["guess_a"] == found.differ["truth"])
            | (found.differ["guess_b"] == found.differ["truth"])).sum()  # fmt: skip
    assert only == found.paired.only_base_right + found.paired.only_candidate_right


def test_a_cell_of_the_confusion_matrix_holds_as_many_faces_as_it_says(
    lab: tuple[Home, Store, Path],
) -> None:
    home, store, data = lab
    (figures,) = lab_models.evaluations(store, "one")
    assert figures.evaluation_id is not None
    for i, truth in enumerate(figures.labels):
        for j, guess in enumerate(figures.labels):
            wanted = Filter(figures.evaluation_id, truth, guess, wrong_only=i != j)
            found = lab_mistakes.gallery(store, wanted)
            assert found.total == figures.confusion[i, j]
            assert set(found.faces["truth"]) <= {truth}
            assert set(found.faces["guess"]) <= {guess}
    items = [f"publictest/{k:06d}" for k in (4, 2)]
    shown = data_faces.faces_of(home, str(data), items)
    np.testing.assert_array_equal(shown, some_faces(70, seed=1).images[[4, 2]])


def test_labels_are_kept_once_and_taken_back(lab: tuple[Home, Store, Path]) -> None:
    _, store, data = lab
    (figures,) = lab_models.evaluations(store, "one")
    source, evaluation = str(data), figures.evaluation_id or ""
    item = "publictest/000001"
    asks = [
        {"id": "a", "do": "label", "item": item, "say": "fear"},
        {"id": "b", "do": "label", "item": "publictest/000002", "say": "unusable"},
        {"id": "c", "do": "label", "item": "publictest/999999", "say": "fear"},
        {"id": "d", "do": "label", "item": item, "say": "bored"},
        "nothing",
    ]
    done = lab_mistakes.answer(store, source, evaluation, asks, [])
    assert done == ["a", "b", "c", "d"]
    lab_mistakes.answer(store, source, evaluation, asks, done)  # asked again: nothing new
    assert lab_mistakes.labels(store, source) == {item: "fear", "publictest/000002": "unusable"}
    assert len(store.labels.list(source=source)) == 2
    undo = [{"id": f"u{k}", "do": "undo", "item": asks[k]["item"]} for k in (0, 1)]  # type: ignore[index]
    lab_mistakes.answer(store, source, evaluation, undo, done)
    assert lab_mistakes.labels(store, source) == {}


def test_the_gallery_answers_in_under_a_second_with_30000_predictions(
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
        took = []
        for number, wanted in enumerate(
            (Filter(evaluation), Filter(evaluation, "fear", "sad"), Filter(evaluation, low=0.8))
        ):
            start = time.perf_counter()
            found = lab_mistakes.gallery(store, wanted, page=number + 1)
            items = [str(item) for item in found.faces["item"]]
            sheet = data_faces.sheet(data_faces.faces_of(home, str(data), items))
            took.append(time.perf_counter() - start)
            assert found.total > 48
            assert found.faces["confidence"].is_monotonic_decreasing
            assert len(sheet) < 400_000
        row = store.evaluations.prediction(evaluation, items[0])
    assert row is not None
    assert max(took) < 1.0, took


def a_photograph() -> bytes:
    picture = cv2.cvtColor(astronaut()[:300], cv2.COLOR_RGB2BGR)
    return cv2.imencode(".png", picture)[1].tobytes()


@pytest.fixture(scope="module")
def networks(request: pytest.FixtureRequest) -> Path:
    """The exported face networks: made once a machine, not once a home."""
    from fer_core.faces import make_detector

    cache = request.config.cache
    assert cache is not None
    folder = Path(cache.mkdir("face-networks"))
    make_detector("mtcnn", cache=folder)
    return folder


def test_a_photograph_goes_through_detector_crop_and_model(home: Home, networks: Path) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    home.cache.symlink_to(networks)
    (face,) = lab_inside.from_photograph(home, a_photograph(), "astronaut.png")
    card = find_model("rapt-1", home).card
    crop = face.crop(card.crop)
    assert crop.shape == (48, 48)
    answer = lab_inside.read(home, "rapt-1", crop)
    assert answer.guess == "happiness"
    assert answer.seven["happy"] > 0.5
    assert sum(answer.own.values()) == pytest.approx(1, abs=1e-4)
    assert face.rgb is not None
    assert face.context.size < face.rgb.size / 2  # the face's surroundings, not all of it
    with pytest.raises(DataError, match=r"is no picture.*Models are never loaded"):
        lab_inside.from_photograph(home, b"PK\x03\x04 a model", "model.keras")
    blank = np.full((200, 200, 3), 90, np.uint8)
    with pytest.raises(FaceError, match="No face was found"):
        lab_inside.faces_in(home, blank, "wall.png")


def test_the_older_way_shows_what_it_is_given() -> None:
    face = some_faces(7).images[3]
    found = lab_inside.by_rule(face)
    assert len(found.zernike) == 25
    assert found.zernike[0][0] == "0,0"
    assert found.patterns.startswith("data:image/png")
    assert "8,8: " in lab_html.columns(found.zernike)


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_every_chart_is_drawn_with_a_finding(lab: tuple[Home, Store, Path], look) -> None:  # type: ignore[no-untyped-def]
    home, store, _ = lab
    opened = lab_models.open_model(home, store, "one")
    assert opened is not None
    figures = opened.figures[0]
    report = figures.report
    drawn = [
        lab_figures.learning(opened.curves, 5, look),
        lab_figures.violins(opened.curves, look),
        lab_figures.counts(report["counts"], look),
        lab_figures.per_class(report["per_class"], look),
        lab_figures.reliability(report["reliability"], look),
        lab_figures.ranks(figures.ranks, look),
    ]
    assert all(figure.layout.height > 100 for figure in drawn)
    assert lab_figures.learning_said(opened.curves).startswith("It was still learning")
    assert lab_figures.counts_said(
        {"happy": {"actual": 10, "predicted": 30, "true_positive": 9},
         "fear": {"actual": 10, "predicted": 4, "true_positive": 3}}
    ) == "happy is answered too often: 30 times for 10 faces"  # fmt: skip
    assert "first two guesses for 83 %" in lab_figures.ranks_said([0.65, 0.18, 0.1])
    rows = [{"n": 10, "confidence": 0.9, "right": 0.5, "from": 0.8, "to": 1.0}]
    assert "surer than it is right: off by 40 points" in lab_figures.reliability_said(rows, 0.4)


def test_bars_name_every_expression_with_its_share() -> None:
    said = lab_html.bars(dict.fromkeys(EMOTIONS, 1 / 7) | {"fear": 0.9}, truth="fear")
    assert "fear 90 %" in said
    assert "(label)" in said


@pytest.fixture
def lab_house(
    lab: tuple[Home, Store, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Home, Path]]:
    with served(lab[0], monkeypatch):
        yield lab[0], lab[2]


def test_pages_say_what_is_missing_and_draw_what_is_there(lab_house: tuple[Home, Path]) -> None:
    app = open_page("models")
    assert not app.exception
    assert app.title[0].value == "Can I trust it?"
    app = open_page("model")
    assert app.title[0].value == "This model is not here"
    app = open_page("inside")
    assert not app.exception
    assert any("never written" in caption.value for caption in app.caption)


def test_what_is_typed_is_refused_in_words(lab: tuple[Home, Store, Path]) -> None:
    home, store, data = lab
    with pytest.raises(DataError, match="No data set was given"):
        lab_jobs.evaluate(store, "one", "  ")
    assert lab_jobs.data_sets(store, home) == [str(data)]
    job = lab_jobs.evaluate(store, "one", f'"{data}"')
    (shown,) = lab_jobs.shown(store)
    assert (shown.title, shown.active) == ("one on set.csv", True)
    lab_jobs.stop(store, job)
    assert lab_jobs.shown(store) == []


def test_a_look_is_made_once_and_a_failed_one_again() -> None:
    looks, made, gate = InspectionService(), [], threading.Event()

    def work(_process: object) -> int:
        made.append(1)
        gate.wait(20)
        return len(made)

    first = looks.ask("face", work)
    assert looks.ask("face", work) is first
    assert not looks.soon(first)  # the page is drawn meanwhile
    gate.set()
    assert first.result(20) == 1

    def fail(_process: object) -> int:
        raise DataError("The data set is gone.", "Put it back.")

    failed = looks.ask("other", fail)
    assert looks.soon(failed)
    with pytest.raises(DataError, match="gone"):
        failed.result()
    assert looks.ask("other", lambda _process: 7).result(20) == 7
    looks.close()


def test_faces_come_from_a_recording_that_is_there_and_from_faces_that_were_kept(
    home: Home, networks: Path, tmp_path: Path
) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    home.cache.symlink_to(networks)
    film = room_film(tmp_path / "room.mp4", seconds=2, viewers=2)
    there = plant(home, "There", seconds=2, viewers=2, rate=10, path=str(film))
    gone = plant(home, "Gone", seconds=2, viewers=1, rate=10, path=str(tmp_path / "none.mp4"))
    write_kept(home, [seen(0, 0.4), seen(60, 0.7)], session_id="skept")
    with open_store(home, look_after=False) as store:
        store.sync()
        listed = {one["id"] for one in lab_inside.session_faces(home, store)}
        assert there in listed
        assert gone not in listed
        faces = lab_inside.from_recording(home, store, there, str(film), 1000)
    assert [face.name for face in faces] == ["0:01, face 1", "0:01, face 2"]
    assert faces[0].crop(CropSpec()).std() > 20
    assert lab_inside.kept(home, "skept") == ["viewer 0 at 0:00", "viewer 0 at 0:02"]
    face = lab_inside.from_kept(home, "skept", 1)
    assert face.crop(CropSpec()).shape == (48, 48)
    assert face.grey[0, 0] == 60
    with pytest.raises(DataError, match="no longer kept"):
        lab_inside.from_kept(home, "skept", 2)
