from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.audience.study.film.markers import scenes_of
from fer_core.errors import VideoError
from fer_core.storage.markers import NewMarker
from fer_core.studies.cuts import Shot, propose_scenes
from tests.e2e.films import cut_film


def test_a_films_cuts_propose_its_scenes(tmp_path: Path) -> None:
    path = cut_film(tmp_path / "ad.mp4", ("astronaut", 3), ("coffee", 4), ("rocket", 2.5))
    done: list[float] = []
    shots = propose_scenes(path, on_progress=done.append)
    assert [one.from_ms for one in shots] == [0, 3000, 7000]
    assert [one.to_ms for one in shots] == [3000, 7000, pytest.approx(9500, abs=110)]
    assert all(one.picture.startswith(b"\xff\xd8") for one in shots)
    assert done == sorted(done)
    assert done[-1] <= 1


def test_a_flicker_is_no_scene_and_a_film_without_cuts_is_one(tmp_path: Path) -> None:
    quick = cut_film(tmp_path / "q.mp4", ("astronaut", 2), ("coffee", 0.4), ("rocket", 2))
    assert [one.from_ms for one in propose_scenes(quick)] == [0, 2000]
    tail = cut_film(tmp_path / "t.mp4", ("astronaut", 2), ("coffee", 0.5))
    (only,) = propose_scenes(tail)
    assert only.to_ms == pytest.approx(2500, abs=110)
    (whole,) = propose_scenes(cut_film(tmp_path / "w.mp4", ("coffee", 2)))
    assert (whole.from_ms, whole.to_ms) == (0, pytest.approx(2000, abs=110))
    (tmp_path / "no.mp4").write_text("no film")
    with pytest.raises(VideoError):
        propose_scenes(tmp_path / "no.mp4")


def test_what_is_not_taken_joins_the_scene_before() -> None:
    shots = [Shot(0, 10, b""), Shot(10, 20, b""), Shot(20, 30, b""), Shot(30, 40, b"")]
    scenes = scenes_of(shots, [False, True, False, True], ["a", " Logo ", "c", ""])
    assert scenes == [
        NewMarker("Logo", 10, 30),
        NewMarker("Scene 2", 30, 40),
    ]
    assert scenes_of(shots, [False] * 4, ["x"] * 4) == []
