"""Clips: the curve under the right picture, the sound in step, faces that nobody may see."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pandas as pd
import pytest

from fer_core.clips.faces import Blur, hide
from fer_core.clips.film import RATE, sound_of
from fer_core.clips.job import clip_path, enqueue_clip, run_job
from fer_core.clips.moments import Moment, audience_of, moments, reel, response_of
from fer_core.clips.panel import LEFT, RIGHT
from fer_core.clips.render import render
from fer_core.clips.spec import ClipSpec, read_span
from fer_core.errors import Cancelled, DataError, SettingsError
from fer_core.storage import Store
from fer_core.storage.studies import UpdateStimulus
from fer_core.studies.membership import Study, find_study, load_study
from fer_core.types import JobStatus
from tests.clips.flashing import FLASHES, FPS, HEIGHT, flashing_film
from tests.demo import copy_of
from tests.films import portrait_film


@pytest.fixture(scope="module")
def store(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("clips")
    with copy_of(demo_template, folder) as opened:
        film = flashing_film(folder / "film.mp4")
        for one in opened.studies.stimuli():
            opened.run(UpdateStimulus(stimulus_id=one.stimulus_id, path=str(film)))
        yield opened


@pytest.fixture(scope="module")
def study(store: Store) -> Study:
    return load_study(store, find_study(store, None))


def decoded(path: Path) -> tuple[list[tuple[float, np.ndarray]], np.ndarray]:
    """A clip's pictures with their times in s, and its sound (n,) at 48 kHz."""
    with av.open(str(path)) as found:
        pictures = [
            (float(frame.time or 0), frame.to_ndarray(format="rgb24"))
            for frame in found.decode(found.streams.video[0])
        ]
    with av.open(str(path)) as found:
        sound = [frame.to_ndarray()[0] for frame in found.decode(found.streams.audio[0])]
    return pictures, np.concatenate(sound)


def cursor(panel: np.ndarray) -> float:
    """Where the cursor stands, as a share of the curve's width."""
    wide = panel.shape[1]
    dark = (panel.astype(int).max(axis=2) < 90).mean(axis=0)
    return (int(dark.argmax()) / wide - LEFT) / (RIGHT - LEFT)


def test_the_reel_holds_the_planted_moments_with_picture_curve_and_sound_in_step(
    store: Store, study: Study, tmp_path: Path
) -> None:
    one = audience_of(study, None)
    found = response_of(store, study, one, "engagement", corrected=False, minimum=5)
    best = reel(moments(store, study, found, one))
    for planted in ((12_000, 19_000), (24_000, 28_000)):
        assert any(
            abs(m.from_ms - planted[0]) <= 1000 and abs(m.to_ms - planted[1]) <= 1000 for m in best
        ), planted
    spec = ClipSpec(tuple(best), study=study.study_id, of="A", versus="B")
    made = render(store, spec, tmp_path / "reel.mp4")
    pictures, sound = decoded(tmp_path / "reel.mp4")
    assert made.length_ms == sum(m.to_ms - m.from_ms for m in best)
    assert len(pictures) == made.frames == made.length_ms * FPS // 1000
    begun = 0
    starts = []
    for span in best:
        starts.append((begun, span))
        begun += span.to_ms - span.from_ms
    flashes = []
    for t, picture in pictures:
        at, span = max((s for s in starts if s[0] <= 1000 * t + 1), key=lambda s: s[0])
        share = cursor(picture[HEIGHT:])
        shown_ms = span.from_ms + share * (span.to_ms - span.from_ms)
        assert abs(shown_ms - (span.from_ms + 1000 * t - at)) <= 1000 / FPS, "within one frame"
        if picture[HEIGHT // 2 : HEIGHT - 20].mean() > 200:
            flashes.append(t)
    loud = np.flatnonzero(np.abs(sound) > 0.2) / RATE
    assert flashes, "a flash is in the reel"
    begins = [loud[0], *loud[1:][np.diff(loud) > 0.2]]
    lit = [flashes[0], *(b for a, b in pairwise(flashes) if b - a > 0.2)]
    assert len(begins) == len(lit) == len(FLASHES)
    assert np.abs(np.array(begins) - np.array(lit)).max() <= 1 / FPS, "sound within one frame"


def test_a_gif_and_a_clip_of_one_audience(store: Store, study: Study, tmp_path: Path) -> None:
    spec = ClipSpec((Moment("One", 11_000, 13_000),), study=study.study_id, form="gif")
    made = render(store, spec, tmp_path / "one.gif")
    assert (made.frames, made.length_ms) == (50, 2000)
    from PIL import Image

    with Image.open(tmp_path / "one.gif") as picture:
        assert picture.n_frames == 20  # type: ignore[attr-defined]
        assert picture.size[0] == 480


def test_nothing_is_drawn_of_a_group_under_the_smallest_and_a_film_that_is_gone_is_said(
    store: Store, study: Study, tmp_path: Path
) -> None:
    spec = ClipSpec((Moment("One", 0, 2000),), study=study.study_id)
    with pytest.raises(DataError, match="smaller than the minimum"):
        render(store, replace(spec, minimum=49), tmp_path / "x.mp4")
    with pytest.raises(DataError, match="ends before"):
        render(store, replace(spec, spans=(Moment("x", 90_000, 91_000),)), tmp_path / "x.mp4")
    stimulus = store.studies.stimuli()[0]
    kept = stimulus.path
    store.run(UpdateStimulus(stimulus_id=stimulus.stimulus_id, path="/gone.mp4"))
    with pytest.raises(DataError, match="is gone from this machine"):
        render(store, spec, tmp_path / "x.mp4")
    store.run(UpdateStimulus(stimulus_id=stimulus.stimulus_id, path=kept))


@pytest.fixture
def filmed(store: Store, tmp_path: Path) -> tuple[str, Path]:
    """A session whose recording is here: 25 frames a second, its face lost for a while."""
    one = str(store.frame("SELECT session_id FROM sessions LIMIT 1")["session_id"][0])
    film = portrait_film(tmp_path / "face.mp4", 50)
    with store.transaction() as cursor:
        cursor.execute("UPDATE sessions SET path = ? WHERE session_id = ?", [str(film), one])
    return one, film


def test_a_recording_that_is_gone_is_said_and_a_face_is_hidden(
    store: Store, filmed: tuple[str, Path], tmp_path: Path
) -> None:
    one, film = filmed
    spec = ClipSpec((Moment("x", 0, 1000),), session=one, boxes=False)
    made = render(store, spec, tmp_path / "hidden.mp4")
    assert made.frames == 25
    open_ = render(store, replace(spec, faces=True), tmp_path / "shown.mp4")
    assert open_.doubtful == 0
    film.unlink()
    with pytest.raises(DataError, match=r"recording of .* is gone"):
        render(store, spec, tmp_path / "x.mp4")


def track(times: list[int], box: tuple[float, ...] = (100, 50, 40, 40), viewer: int = 1) -> Any:
    x, y, w, h = box
    return pd.DataFrame({"t_ms": times, "viewer": viewer, "x": x, "y": y, "w": w, "h": h})


EVERY = np.arange(0, 10_000, 100)


def test_a_face_lost_for_a_moment_is_followed() -> None:
    rows = pd.concat([track([0, 100], (100, 50, 40, 40)), track([1100, 1200], (140, 50, 40, 40))])
    blur = Blur(rows, EVERY, (320, 180))
    boxes, whole = blur.at(600)
    assert not whole
    assert (120, 50, 40, 40) in boxes
    assert len(boxes) == 3, "and where it was, and where it comes back"


def test_a_face_lost_inside_the_picture_puts_the_frame_in_doubt_until_it_is_back() -> None:
    rows = track([0, 100, 5000, 5100])
    blur = Blur(rows, EVERY, (320, 180))
    assert blur.at(2500) == ([], True)
    assert blur.at(5000)[1] is False
    assert blur.at(8000)[1] is True, "it never came back"


def test_who_left_by_the_edge_puts_nothing_in_doubt() -> None:
    rows = track([0, 100], (278, 50, 40, 40))
    assert Blur(rows, EVERY, (320, 180)).at(3000) == ([], False)


def test_a_stretch_that_was_not_analysed_is_in_doubt() -> None:
    blur = Blur(track([0]), np.array([0.0, 100.0]), (320, 180))
    assert blur.at(5000) == ([], True)
    assert Blur(track([]), np.array([]), (320, 180)).at(0) == ([], True)


def test_a_face_without_a_viewer_is_hidden_too() -> None:
    boxes, _ = Blur(track([500], viewer=-1), EVERY, (320, 180)).at(700)
    assert boxes == [(100, 50, 40, 40)]


def test_nothing_of_a_hidden_face_is_left() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 255, (180, 320, 3), np.uint8)
    made = hide(picture, [(100, 50, 40, 40)], False, 1.0)
    face = made[50:90, 100:140].astype(int)
    assert np.abs(np.diff(face, axis=1)).mean() < 8, "no detail"
    assert np.abs(np.diff(picture[50:90, 100:140].astype(int), axis=1)).mean() > 60
    assert (made[:, :60] == picture[:, :60]).all()
    assert hide(picture, [], True, 1.0).std() < picture.std() / 3


class Watched:
    """A job's progress that stops after a while."""

    job_id = "j1"

    def __init__(self, stops_after: int) -> None:
        self.left, self.told = stops_after, 0

    def __call__(self, done: int, total: int | None = None, message: str = "") -> None:
        self.told += 1

    def should_stop(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_a_job_keeps_its_clip_in_its_own_folder_and_stops_when_asked(
    store: Store, study: Study
) -> None:
    spec = ClipSpec((Moment("One", 12_000, 13_000),), study=study.study_id)
    job_id = enqueue_clip(store, spec, "One")
    job = store.jobs.get(job_id)
    assert (job.kind, job.status) == ("clip", JobStatus.QUEUED)
    assert ClipSpec.from_json(job.spec) == spec
    home = store.home
    progress = Watched(1000)
    home.job("j1").mkdir(parents=True)
    result = run_job(home, job.spec, progress)
    assert result["frames"] == 25
    assert progress.told > 20
    assert clip_path(home, "j1").stat().st_size > 1000
    shutil.rmtree(home.job("j1"))
    home.job("j1").mkdir()
    with pytest.raises(Cancelled):
        run_job(home, job.spec, Watched(5))
    assert list(home.job("j1").iterdir()) == [], "nothing half-made is left"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"spans": ()}, "no moment"),
        ({"form": "avi"}, "no clip as"),
        ({"session": "s"}, "a study or of a session"),
        ({"measure": "love"}, "no curve over time"),
        ({"spans": (Moment("x", 5, 5),)}, "no length"),
        ({"spans": (Moment("x", 0, 10**9),)}, "are possible"),
        ({"spans": (Moment("x", 0, 9),) * 51}, "Leave some out|takes 50"),
        ({"spans": (Moment("x", 0, 31_000),), "form": "gif"}, "30 s are possible"),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(wrong: dict[str, Any], said: str) -> None:
    spec = ClipSpec((Moment("x", 0, 1000),), study="y")
    with pytest.raises(SettingsError, match=said):
        replace(spec, **wrong).checked()


def test_a_stretch_is_read_as_people_write_it() -> None:
    assert read_span("0:12-0:19.5") == Moment("0:12-0:19.5", 12_000, 19_500)
    assert read_span("The end=70-1:20") == Moment("The end", 70_000, 80_000)
    for odd in ("", "12", "a-b", "1:00-nan", "0:12-", "9e99-9e99"):
        with pytest.raises(SettingsError, match="no stretch"):
            read_span(odd)


def test_a_film_without_sound_is_silent(tmp_path: Path) -> None:
    film = portrait_film(tmp_path / "mute.mp4", 10)
    assert not sound_of(film, 0, 300).any()
