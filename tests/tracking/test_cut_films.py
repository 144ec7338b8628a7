"""Films that are cut between different people: a viewer's number is never on two of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from fer_core.faces import make_detector
from fer_core.faces.registry import Detector
from fer_core.pipeline import Perception
from fer_core.tracking import CutDetector
from fer_core.types import Bytes, CropSpec, Frame

WIDTH, HEIGHT = 640, 360
Shot = tuple[str, Bytes]  # who is in it, and the picture


def films(shots: list[Shot], frames: int = 5) -> Iterator[tuple[str, Frame]]:
    """Each shot's picture, moved a little and noisy as a camera's is, 25 a second."""
    rng = np.random.default_rng(0)
    for place, (person, picture) in enumerate(shots):
        for step in range(frames):
            moved = np.roll(picture, (step % 3, -step % 2), (0, 1)).astype(np.float32)
            noisy = np.clip(moved + rng.normal(0, 3, moved.shape), 0, 255).astype(np.uint8)
            index = place * frames + step
            grey = np.asarray(cv2.cvtColor(noisy, cv2.COLOR_RGB2GRAY), np.uint8)
            yield person, Frame(index, 40 * index, noisy, grey)


def camera(picture: Bytes) -> Iterator[Frame]:
    """A camera that stays: a lamp at one side goes on, the table is pushed, the lamp goes off."""
    rng = np.random.default_rng(1)
    near = np.linspace(0, 1, WIDTH)[None, :, None]
    for index in range(24):
        by = rng.integers(-20, 21, 2) if 10 <= index < 16 else (0, 0)
        lamp = 1 + 1.5 * near if 5 <= index < 20 else 1.0
        light = np.roll(picture, by, (0, 1)) * lamp + rng.normal(0, 3, picture.shape)
        rgb = np.clip(light, 0, 255).astype(np.uint8)
        yield Frame(
            index, 40 * index, rgb, np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        )


def numbers(shots: list[Shot], detector: Detector) -> dict[str, set[int]]:
    """Each person's numbers, from the real detector and tracker."""
    perception = Perception(detector, CropSpec())
    given: dict[str, set[int]] = {person: set() for person, _ in shots}
    for person, frame in films(shots):
        given[person] |= {int(viewer) for viewer in perception.step(frame).viewer}
    return given


def close_up(photograph: Bytes, level: int) -> Bytes:
    """A head before an even wall, always at the same place of the picture."""
    picture = np.full((HEIGHT, WIDTH, 3), level, np.uint8)
    side = 300
    picture[30 : 30 + side, 170 : 170 + side] = cv2.resize(photograph, (side, side))
    return picture


@pytest.fixture(scope="module")
def detector(face_networks: Path) -> Detector:
    return make_detector("mtcnn", cache=face_networks)


@pytest.fixture(scope="module")
def pair() -> tuple[Bytes, Bytes]:
    """The public-domain portrait; and mirrored, narrower and in other colours: someone else."""
    ann = data.astronaut()[20:240, 110:330]
    ben = np.asarray(cv2.resize(ann[:, ::-1, ::-1], (180, 220)), np.uint8)
    wide = cv2.copyMakeBorder(ben, 0, 0, 20, 20, cv2.BORDER_REPLICATE)
    darker = (wide * np.linspace(0.9, 0.4, 220)[None, :, None]).astype(np.uint8)
    return ann, darker


def test_five_cuts_between_two_people_at_the_same_place(
    detector: Detector, pair: tuple[Bytes, Bytes]
) -> None:
    ann, ben = (close_up(one, 120) for one in pair)
    given = numbers([("ann", ann), ("ben", ben)] * 3, detector)
    assert given["ann"]
    assert given["ben"]
    assert not given["ann"] & given["ben"]
    assert len(given["ann"] | given["ben"]) <= 6  # who comes back may be new


def test_without_its_cuts_such_a_film_puts_one_number_on_both(
    detector: Detector, pair: tuple[Bytes, Bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CutDetector, "step", lambda *_: False)
    ann, ben = (close_up(one, 120) for one in pair)
    given = numbers([("ann", ann), ("ben", ben)] * 3, detector)
    assert given["ann"] & given["ben"]


def test_a_lamp_and_a_push_before_a_camera_end_nobody(
    detector: Detector, pair: tuple[Bytes, Bytes]
) -> None:
    perception = Perception(detector, CropSpec())
    seen = [perception.step(frame).viewer.tolist() for frame in camera(close_up(pair[0], 120))]
    assert {tuple(one) for one in seen} <= {(1,), ()}
    assert seen.count([1]) >= 20


def test_an_analysis_that_goes_on_at_a_cut_gives_the_same_numbers(
    detector: Detector, pair: tuple[Bytes, Bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fer_core.pipeline.SNAPSHOT_EVERY", 1)
    ann, ben = (close_up(one, 120) for one in pair)
    frames = [frame for _, frame in films([("ann", ann), ("ben", ben), ("ann", ann)])]
    whole = [seen for _, seen in Perception(detector, CropSpec()).run(iter(frames))]
    for stop in (3, 4, 5):  # in the shot, its last frame, the first of the next
        state = json.loads(json.dumps(whole[stop].state))
        resumed = Perception(detector, CropSpec(), state).run(iter(frames[stop:]))
        rest = [seen for _, seen in resumed]
        for one, other in zip(rest, whole[stop + 1 :], strict=True):
            assert one.viewer.tolist() == other.viewer.tolist()
            assert np.array_equal(one.faces.boxes, other.faces.boxes)


@pytest.mark.shared
@pytest.mark.parametrize("seed", range(3))
def test_five_cuts_between_six_photographed_people(
    detector: Detector, shared: Path, seed: int
) -> None:
    source = shared / "data" / "wild_faces"
    if not source.is_dir():
        pytest.skip("the photographs of faces (../shared/data/wild_faces) are not here")
    packed = np.load(source / "wild_faces.npz")
    people = np.load(source / "persons.npz")["person"]
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(np.unique(people))[:6]
    shots = []
    for person in chosen:
        first = int(np.flatnonzero(people == person)[0])
        coded = packed["blob"][packed["offsets"][first] : packed["offsets"][first + 1]]
        photograph = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)[..., ::-1]
        shots.append((str(person), close_up(np.ascontiguousarray(photograph), 20 + 60 * seed)))
    given = numbers(shots, detector)
    seen = [found for found in given.values() if found]
    assert len(seen) >= 4  # a photograph may be cropped too tightly for the detector
    assert sum(len(found) for found in seen) == len(set().union(*seen))
