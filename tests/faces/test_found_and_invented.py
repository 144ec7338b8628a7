"""How many faces are found, and how many are made up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from fer_core.faces import head_pose, make_detector
from fer_core.faces.mtcnn import MtcnnDetector
from fer_core.types import Bytes, Frame
from tests.long import only_long

from .conftest import Framer, likeness
from .scenes import backgrounds, crowd, faceless_frame


@pytest.fixture(scope="module")
def pictures() -> list[Bytes]:
    return backgrounds()


@pytest.mark.parametrize("seed", [1, 3])
def test_of_fifty_faces_at_most_two_are_missed_and_one_invented(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer, pictures: list[Bytes], seed: int
) -> None:
    picture, truth = crowd(seed, astronaut, pictures)
    frame = as_frame(picture, detector.working_side(1920, 1080))
    found = detector.detect(frame)
    match = likeness(truth, found.boxes) > 0.5
    assert match.any(axis=1).sum() >= 48
    assert (~match.any(axis=0)).sum() <= 1


@pytest.mark.slow
@pytest.mark.long
def test_a_film_without_faces_has_none(
    detector: MtcnnDetector, as_frame: Framer, pictures: list[Bytes]
) -> None:
    side = detector.working_side(640, 360)
    invented = []
    for index in range(1000 if os.environ.get("RAPT_LONG") else 100):
        frame = as_frame(faceless_frame(index, pictures), side)
        if len(detector.detect(frame)):
            invented.append(index)
    assert invented == []


def clip(path: Path, as_frame: Framer, detector: MtcnnDetector, every: int = 1) -> list[Frame]:
    with av.open(str(path)) as container:
        frames = [
            frame.to_ndarray(format="rgb24")
            for index, frame in enumerate(container.decode(video=0))
            if index % every == 0
        ]
    side = detector.working_side(frames[0].shape[1], frames[0].shape[0])
    return [as_frame(frame, side) for frame in frames]


@pytest.mark.shared
def test_clips_have_a_face_where_a_person_sees_one(
    shared: Path, detector: MtcnnDetector, as_frame: Framer
) -> None:
    single = clip(shared / "videos" / "single_face.mp4", as_frame, detector, 4)
    assert {len(detector.detect(frame)) for frame in single} == {1}
    leaving = clip(shared / "videos" / "face_noface.mov", as_frame, detector, 4)
    counts = [len(detector.detect(frame)) for frame in leaving]
    assert counts == [1] * 18 + [0] * (len(counts) - 18)


@pytest.mark.shared
def test_following_by_refining_alone_stays_on_the_face(
    shared: Path, detector: MtcnnDetector, as_frame: Framer
) -> None:
    frames = clip(shared / "videos" / "single_face.mp4", as_frame, detector)
    boxes = detector.detect(frames[0]).boxes
    yaws = []
    for frame in frames:
        seen = detector.refine(frame, boxes)
        assert seen.scores[0] > 0.9
        boxes = seen.boxes
        yaws.append(head_pose(seen.landmarks)[0, 0])
    last = detector.detect(frames[-1]).boxes
    assert likeness(boxes, last)[0, 0] > 0.9
    # He looks into the camera throughout.
    assert np.abs(yaws).max() < 8


@only_long
@pytest.mark.shared
@pytest.mark.slow
def test_the_package_finds_the_same_faces(
    shared: Path, cache: Path, tmp_path: Path, astronaut: Bytes, as_frame: Framer
) -> None:
    equal = make_detector("mtcnn", cache=cache, min_face=20)
    assert isinstance(equal, MtcnnDetector)
    pictures = {"astronaut": astronaut}
    for name in ("single_face.mp4", "face_noface.mov"):
        for index, frame in enumerate(clip(shared / "videos" / name, as_frame, equal, 20)[:3]):
            pictures[f"{name}-{index}"] = frame.rgb
    tiled, _ = crowd(3, astronaut, backgrounds())
    pictures["crowd"] = np.ascontiguousarray(tiled[:540, :960])
    np.savez(tmp_path / "pictures.npz", **pictures)  # type: ignore[arg-type]
    script = Path(__file__).with_name("package_boxes.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "pictures.npz"), "20"],
        capture_output=True,
        text=True,
        check=True,
    )
    answers = json.loads(done.stdout.splitlines()[-1])
    pixels, shares = [], []
    for name, theirs in zip(sorted(pictures), answers):
        boxes = np.array([row[:4] for row in theirs], np.float32).reshape(-1, 4)
        frame = as_frame(pictures[name])
        assert frame.scale == 1
        ours = equal.detect(frame)
        match = likeness(boxes, ours.boxes)
        assert len(ours) == len(boxes)
        assert (match.max(axis=1) > 0.7).all()
        off = np.abs(ours.boxes[match.argmax(axis=1)] - boxes).max(axis=1)
        pixels.extend(off)
        shares.extend(off / boxes[:, 3])
    # We average pixels where the package skips them, so large faces differ by more pixels.
    assert np.median(pixels) < 4
    assert np.median(shares) < 0.06
