from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from fer_core.tracking import CutDetector
from fer_core.types import Bytes, Frame
from fer_core.video import Decoder


def frame(picture: Bytes, index: int = 0, step_ms: int = 40) -> Frame:
    rgb = np.ascontiguousarray(picture)
    return Frame(
        index, index * step_ms, rgb, np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    )


def cuts(pictures: Iterable[Bytes], step_ms: int = 40) -> list[int]:
    """Which of these pictures, so many ms apart, begin a shot."""
    detector = CutDetector()
    return [
        index
        for index, picture in enumerate(pictures)
        if detector.step(frame(picture, index, step_ms))
    ]


@pytest.fixture(scope="module")
def pictures() -> dict[str, Bytes]:
    """Four photographs that scikit-image carries, large enough to pan over."""
    sources = {
        "astronaut": data.astronaut(),
        "coffee": data.coffee(),
        "cat": data.chelsea(),
        "rocket": data.rocket(),
    }
    return {
        name: np.asarray(cv2.resize(picture, (900, 700)), np.uint8)
        for name, picture in sources.items()
    }


def view(picture: Bytes, x: int = 200, y: int = 150) -> Bytes:
    return picture[y : y + 360, x : x + 500]


def lamp(picture: Bytes) -> Bytes:
    """A warm lamp at the right: three times the light there, none at the left."""
    near = np.linspace(0, 1, picture.shape[1])[None, :, None] ** 1.5
    return np.clip(picture * (1 + 2 * near * (1.0, 0.92, 0.75)), 0, 255).astype(np.uint8)


def test_every_change_of_the_scene_is_a_cut(pictures: dict[str, Bytes]) -> None:
    for before in sorted(pictures):
        for after in sorted(pictures):
            found = cuts([view(pictures[before]), view(pictures[after])])
            assert found == ([1] if before != after else [])


def test_a_cut_between_dark_pictures_with_a_spot_of_light_is_found(
    pictures: dict[str, Bytes],
) -> None:
    """A stage: most pixels are as black before as after, and only these few change."""

    def stage(name: str, x: int) -> Bytes:
        dark = np.full((360, 640, 3), 8, np.uint8)
        dark[100:240, x : x + 140] = cv2.resize(pictures[name], (140, 140))
        return dark

    assert cuts([stage("cat", 420), stage("rocket", 120)]) == [1]
    assert cuts([stage("astronaut", 90), stage("coffee", 400)]) == [1]


@pytest.mark.parametrize("speed", [4, 15, 40])
def test_a_pan_is_no_cut(pictures: dict[str, Bytes], speed: int) -> None:
    for picture in pictures.values():
        assert cuts(view(picture, x, 150 + x // 8) for x in range(0, 400, speed)) == []


def test_a_shaken_camera_is_no_cut(pictures: dict[str, Bytes]) -> None:
    rng = np.random.default_rng(0)
    for picture in pictures.values():
        shaken = []
        for dx, dy in rng.integers(-20, 21, (20, 2)):
            along = np.full((1, 15), 1 / 15, np.float32)  # and smeared while it moves
            smeared = cv2.filter2D(view(picture, 200 + dx, 150 + dy), -1, along)
            shaken.append(np.asarray(smeared, np.uint8))
        assert cuts(shaken) == []


def test_a_zoom_is_no_cut(pictures: dict[str, Bytes]) -> None:
    for picture in pictures.values():
        closer = [
            np.asarray(cv2.resize(picture[k : 700 - k, k : 900 - k], (500, 360)), np.uint8)
            for k in range(0, 200, 20)
        ]
        assert cuts(closer) == []


@pytest.mark.parametrize(("gain", "lift"), [(1.6, 0), (0.4, 0), (1.0, 60), (2.0, 30)])
def test_a_flash_or_an_exposure_is_no_cut(
    pictures: dict[str, Bytes], gain: float, lift: float
) -> None:
    for picture in pictures.values():
        lit = np.clip(picture * gain + lift, 0, 255).astype(np.uint8)
        assert cuts([view(picture), view(lit), view(picture)]) == []


def test_a_lamp_switched_on_and_off_at_one_side_is_no_cut(pictures: dict[str, Bytes]) -> None:
    for picture in pictures.values():
        for step_ms in (40, 200, 1000):
            assert cuts([view(picture), lamp(view(picture)), view(picture)], step_ms) == []


def test_somebody_who_walks_by_before_the_camera_is_no_cut(pictures: dict[str, Bytes]) -> None:
    room, body = view(pictures["coffee"]), np.asarray(cv2.resize(pictures["cat"], (200, 360)))
    passing = []
    for x in range(-200, 520, 25):  # 40 % of the picture, across it within a second
        picture = room.copy()
        left, right = max(x, 0), min(x + 200, 500)
        picture[:, left:right] = body[:, left - x : right - x]
        passing.append(picture)
    assert cuts(passing) == []


def test_an_empty_picture_between_two_is_passed_over(pictures: dict[str, Bytes]) -> None:
    cat, rocket = view(pictures["cat"]), view(pictures["rocket"])
    for level in (0, 90, 255):
        empty = np.full((360, 500, 3), level, np.uint8)
        assert cuts([cat, empty, empty, rocket]) == [3]
        assert cuts([cat, empty, empty, cat]) == []
        assert cuts([empty, empty, cat]) == []


def test_pictures_far_apart_need_another_brightness_too(pictures: dict[str, Bytes]) -> None:
    """A person who walks through a plain room is all the edges there are, and no cut."""
    steps = []
    for x in (20, 300, 440):
        room = np.full((360, 640, 3), 120, np.uint8)
        room[120:360, x : x + 180] = cv2.resize(pictures["astronaut"], (180, 240))
        steps.append(room)
    for step_ms in (120, 400, 1000):
        assert cuts(steps, step_ms) == []
        assert cuts([view(pictures["cat"]), view(pictures["coffee"])], step_ms) == [1]


def test_a_resumed_detector_goes_on_as_if_undisturbed(pictures: dict[str, Bytes]) -> None:
    black = np.zeros((360, 500, 3), np.uint8)
    film = [view(pictures["cat"]), black, view(pictures["rocket"]), view(pictures["cat"])]
    for stop in range(len(film)):
        first, second = CutDetector(), CutDetector()
        found = [first.step(frame(picture, i)) for i, picture in enumerate(film[:stop])]
        second.restore(json.loads(json.dumps(first.snapshot())))
        found += [second.step(frame(picture, i)) for i, picture in enumerate(film[stop:], stop)]
        assert found == [False, False, True, True]


def test_tiny_pictures_are_answered(pictures: dict[str, Bytes]) -> None:
    small = np.full((3, 5, 3), 100, np.uint8)
    assert cuts([small, small, view(pictures["cat"])]) == []


def test_the_sample_has_none(sample: Path) -> None:
    with Decoder(sample, long_side=384) as decoder:
        frames = list(decoder)
    for step in (1, 3, 8, 25):  # a person walks out, at 25, 8, 3 and 1 frames a second
        detector = CutDetector()
        assert not any(detector.step(one) for one in frames[::step])


@pytest.mark.shared
def test_the_one_cut_of_a_phones_film_is_found(shared: Path) -> None:
    with Decoder(shared / "videos" / "face_noface.mov", long_side=384) as decoder:
        detector = CutDetector()
        assert [one.index for one in decoder if detector.step(one)] == [73]  # after a black frame
