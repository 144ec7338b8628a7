"""Detectors by name, and those that are not our own networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import FaceError
from fer_core.faces import list_detectors, make_detector, pull_yunet, yunet
from fer_core.home import Home
from fer_core.types import Bytes

from .conftest import FACE, Framer, likeness


def test_the_listing_is_sorted() -> None:
    assert list_detectors() == ("haar", "mtcnn", "yunet")


def test_an_unknown_name_lists_the_valid_ones(tmp_path: Path) -> None:
    with pytest.raises(FaceError, match="no detector 'dlib'") as caught:
        make_detector("dlib", cache=tmp_path)
    assert "haar, mtcnn, yunet" in caught.value.hint


def test_a_smallest_face_below_the_window_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FaceError, match="11 pixels"):
        make_detector("haar", cache=tmp_path, min_face=11)


def test_haar_finds_the_astronaut_without_landmarks(
    tmp_path: Path, astronaut: Bytes, as_frame: Framer
) -> None:
    detector = make_detector("haar", cache=tmp_path, min_face=60)
    frame = as_frame(astronaut, detector.working_side(512, 512))
    faces = detector.detect(frame)
    assert len(faces) == 1
    # Haar frames a square without the forehead.
    assert likeness(faces.boxes, np.array([FACE], np.float32))[0, 0] > 0.6
    assert np.isnan(faces.landmarks).all()
    assert 0 < faces.scores[0] < 1
    assert detector.refine(frame, faces.boxes) is None
    assert len(detector.detect(as_frame(np.zeros((36, 64, 3), np.uint8)))) == 0


def test_yunet_without_its_file_says_how_to_get_it(home: Home) -> None:
    with pytest.raises(FaceError, match="not here") as caught:
        make_detector("yunet", cache=home.cache)
    assert "rapt models pull yunet" in caught.value.hint


def test_a_file_that_is_not_yunet_is_refused(home: Home) -> None:
    home.models.mkdir(parents=True)
    (home.models / yunet.FILE).write_bytes(b"<html>not found</html>")
    with pytest.raises(FaceError, match="checksum differs"):
        make_detector("yunet", cache=home.cache)


def test_pulling_keeps_nothing_whose_checksum_differs(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(b"something else")
    monkeypatch.setattr(yunet, "URL", other.as_uri())
    with pytest.raises(FaceError, match="not the file we know"):
        pull_yunet(home)
    assert not home.models.exists()


def test_pulling_without_internet_says_what_to_do(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yunet, "URL", (tmp_path / "nowhere").as_uri())
    with pytest.raises(FaceError, match="could not be fetched") as caught:
        pull_yunet(home)
    assert "works without it" in caught.value.hint


def test_pulling_keeps_the_right_file_and_fetches_it_once(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"stands in for the network"
    source = tmp_path / "source.onnx"
    source.write_bytes(content)
    monkeypatch.setattr(yunet, "URL", source.as_uri())
    monkeypatch.setattr(yunet, "SHA256", __import__("hashlib").sha256(content).hexdigest())
    path = pull_yunet(home)
    assert path == home.models / yunet.FILE
    source.unlink()
    assert pull_yunet(home).read_bytes() == content
