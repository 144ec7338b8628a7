"""A study's film and recordings as its set-up takes them in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dashboard.audience.analyze import data as analyze
from dashboard.audience.setup import data
from dashboard.shared.web.upload.uploads import Arrived
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.storage.studies import AddStudy, Study
from tests.dashboard.simulated import plant
from tests.e2e.films import cut_film


@pytest.fixture
def study(store: Store) -> Study:
    return store.studies.get(store.run(AddStudy(name="Spot", conditions=("A", "B"))))


def arrived(home: Home, source: Path, **options: object) -> Arrived:
    content = source.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    path = home.uploads / digest[:16] / source.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Arrived(path, source.name, len(content), digest, options, source.name)


def test_a_dropped_film_is_a_stimulus_once(
    home: Home, store: Store, study: Study, tmp_path: Path
) -> None:
    film = cut_film(tmp_path / "Spring spot.mp4", ("coffee", 2))
    options = {"for": data.FOR_FILM, "study": study.study_id}
    data.take_film(home, store, arrived(home, film, **options))
    copy = film.rename(tmp_path / "again.mp4")
    data.take_film(home, store, arrived(home, copy, **options))
    (one,) = store.studies.stimuli(study.study_id)
    assert (one.title, one.length_ms) == ("Spring spot", 2000)
    assert [path.name for path in home.uploads.rglob("*.mp4")] == ["Spring spot.mp4"]
    assert str(home.uploads) in (one.path or "")


def test_what_is_no_film_is_refused(home: Home, store: Store, study: Study, tmp_path: Path) -> None:
    broken = tmp_path / "notes.mp4"
    broken.write_bytes(b"no film")
    with pytest.raises(RaptError):
        data.take_film(home, store, arrived(home, broken, study=study.study_id))
    assert not store.studies.stimuli(study.study_id)


def test_recordings_that_wait_are_assigned_like_those_that_are_analysed(
    home: Home, store: Store, study: Study, tmp_path: Path
) -> None:
    done = plant(home, "R01_a", seconds=5, viewers=1, study="Spot")
    store.sync()
    clip = tmp_path / "R02_b.mp4"
    clip.write_bytes(b"x")
    choices = analyze.Choices(study=study.study_id)
    (waiting,) = analyze.take_path(store, str(clip), choices)
    found = data.recordings(store, study)
    assert [(one.name, one.state) for one in found] == [("R01_a", "done"), ("R02_b", "waiting")]
    said = {
        done: {"condition": "a", "respondent": "R01"},
        waiting.session_id: {"condition": "b", "respondent": "R02"},
        "gone": {"condition": "A"},
    }
    number, problems = data.assign(store, study, said)
    assert number == 2
    assert len(problems) == 1
    found = data.recordings(store, study)
    assert [(one.condition, one.respondent) for one in found] == [("A", "R01"), ("B", "R02")]
    assert data.summary(found) == "2 recordings: 1 in A, 1 in B"


def test_a_batch_without_a_study_is_put_into_one(
    store: Store, study: Study, tmp_path: Path
) -> None:
    for name in ("R01", "R02"):
        (tmp_path / f"{name}.mp4").write_bytes(name.encode())
    analyze.take_path(store, str(tmp_path), analyze.Choices())
    batch = str(store.jobs.waiting()[0].spec["batch"])
    assert data.add_batch(store, study.study_id, batch) == 2
    assert [one.name for one in data.recordings(store, study)] == ["R01", "R02"]
