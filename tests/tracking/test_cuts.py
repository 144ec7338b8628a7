from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from fer_core.tracking import is_cut
from fer_core.types import Bytes, Frame
from fer_core.video import Decoder, sample_clip


def frame(picture: Bytes) -> Frame:
    rgb = np.ascontiguousarray(picture)
    return Frame(0, 0, rgb, np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8))


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


def view(picture: Bytes, x: int = 200, y: int = 150) -> Frame:
    return frame(picture[y : y + 360, x : x + 500])


def test_every_change_of_the_scene_is_a_cut(pictures: dict[str, Bytes]) -> None:
    names = sorted(pictures)
    for before in names:
        for after in names:
            assert is_cut(view(pictures[before]), view(pictures[after])) is (before != after)


def test_the_first_frame_is_none() -> None:
    assert not is_cut(None, frame(data.coffee()))


@pytest.mark.parametrize("speed", [4, 15, 40])
def test_a_pan_is_no_cut(pictures: dict[str, Bytes], speed: int) -> None:
    for picture in pictures.values():
        views = [view(picture, x, 150 + x // 8) for x in range(0, 400, speed)]
        assert not any(is_cut(a, b) for a, b in pairwise(views))


def test_a_zoom_is_no_cut(pictures: dict[str, Bytes]) -> None:
    for picture in pictures.values():
        closer = [
            frame(np.asarray(cv2.resize(picture[k : 700 - k, k : 900 - k], (500, 360)), np.uint8))
            for k in range(0, 200, 20)
        ]
        assert not any(is_cut(a, b) for a, b in pairwise(closer))


@pytest.mark.parametrize(("gain", "lift"), [(1.6, 0), (0.4, 0), (1.0, 60), (2.0, 30)])
def test_a_flash_or_a_lamp_is_no_cut(pictures: dict[str, Bytes], gain: float, lift: float) -> None:
    for picture in pictures.values():
        lit = np.clip(picture * gain + lift, 0, 255).astype(np.uint8)
        assert not is_cut(view(picture), view(lit))
        assert not is_cut(view(lit), view(picture))


def test_what_comes_after_black_is_a_new_shot(pictures: dict[str, Bytes]) -> None:
    black = frame(np.zeros((360, 500, 3), np.uint8))
    lit = view(pictures["cat"])
    assert not is_cut(lit, black)
    assert is_cut(black, lit)
    assert not is_cut(black, black)


def test_tiny_and_changed_sizes_are_answered(pictures: dict[str, Bytes]) -> None:
    small = frame(np.full((3, 5, 3), 100, np.uint8))
    assert not is_cut(small, small)
    assert is_cut(small, view(pictures["cat"]))


def test_the_sample_has_none(tmp_path: Path) -> None:
    with Decoder(sample_clip(tmp_path / "sample.mp4"), long_side=384) as decoder:
        frames = list(decoder)
    for step in (1, 3, 8):  # a person walks out, at 25, 8 and 3 frames a second
        assert not any(is_cut(a, b) for a, b in zip(frames, frames[step:], strict=False))


@pytest.mark.shared
def test_the_one_cut_of_a_phones_film_is_found(shared: Path) -> None:
    with Decoder(shared / "videos" / "face_noface.mov", long_side=384) as decoder:
        frames = list(decoder)
    cuts = [b.index for a, b in pairwise(frames) if is_cut(a, b)]
    assert cuts == [73]  # after one black frame
