"""The cascade on pictures whose faces we know."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fer_core.faces import mtcnn
from fer_core.faces.mtcnn import MtcnnDetector
from fer_core.types import Bytes

from .conftest import FACE, Framer, likeness


def test_importing_the_room_loads_neither_tensorflow_nor_the_package() -> None:
    code = (
        "import sys, fer_core.faces\n"
        "print([m for m in ('tensorflow', 'mtcnn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_analysing_loads_no_tensorflow(cache: Path, detector: MtcnnDetector) -> None:
    code = (
        "import sys, pathlib, numpy as np\n"
        "from fer_core.faces import make_detector\n"
        "from fer_core.types import Frame\n"
        "d = make_detector('mtcnn', cache=pathlib.Path(sys.argv[1]))\n"
        "d.detect(Frame(0, 0, np.zeros((90, 160, 3), np.uint8), np.zeros((90, 160), np.uint8)))\n"
        "print('tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(cache)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_the_astronaut_has_one_face_with_landmarks_in_order(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer
) -> None:
    faces = detector.detect(as_frame(astronaut))
    assert len(faces) == 1
    assert likeness(faces.boxes, np.array([FACE], np.float32))[0, 0] > 0.8
    left_eye, right_eye, nose, left_mouth, right_mouth = faces.landmarks[0]
    # Seen by eye in the picture; four pixels are a twentieth of the face.
    assert np.abs(left_eye - (203, 100)).max() < 4
    assert np.abs(right_eye - (247, 102)).max() < 4
    assert left_eye[0] < nose[0] < right_eye[0]
    assert nose[1] < min(left_mouth[1], right_mouth[1])


def test_a_smaller_working_picture_answers_in_original_pixels(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer
) -> None:
    whole = detector.detect(as_frame(astronaut))
    side = detector.working_side(512, 512)
    assert side == round(512 * 24 / 40)
    small = detector.detect(as_frame(astronaut, side))
    assert likeness(whole.boxes, small.boxes)[0, 0] > 0.85


@pytest.mark.parametrize("height", [44, 70, 110, 200, 420])
def test_faces_of_every_size_from_the_smallest_up_are_found(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer, height: int
) -> None:
    scale = height / FACE[3]
    picture = np.full((560, 560, 3), 90, np.uint8)
    face = cv2.resize(astronaut[30:230, 120:320], None, fx=scale, fy=scale)
    face = face[:560, :560]
    picture[: len(face), : face.shape[1]] = face
    for side in (None, detector.working_side(560, 560)):
        found = detector.detect(as_frame(picture, side))
        assert len(found) == 1
        assert found.boxes[0, 3] == pytest.approx(height, rel=0.15)


def test_faces_well_under_the_smallest_size_are_left_out(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer
) -> None:
    assert len(detector.detect(as_frame(cv2.resize(astronaut, (110, 110))))) == 0


def test_tiles_give_the_very_candidates_of_the_whole_picture(
    detector: MtcnnDetector, astronaut: Bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = detector._pnet.scan(astronaut)
    monkeypatch.setattr(mtcnn, "TILE", 150)
    tiled = detector._pnet.scan(astronaut)
    assert len(whole) > 10
    order = [np.lexsort(np.round(found[:, :4], 2).T) for found in (whole, tiled)]
    # Not to the bit: another shape may sum in another order.
    np.testing.assert_allclose(tiled[order[1]], whole[order[0]], atol=1e-3)


def test_a_batch_gives_what_single_faces_give(detector: MtcnnDetector) -> None:
    patches = np.random.default_rng(0).uniform(0, 255, (23, 48, 48, 3)).astype(np.float32)
    single = np.concatenate([detector._onet.run(patch[None]) for patch in patches])
    np.testing.assert_allclose(detector._onet.run(patches), single, atol=1e-4)


def test_refining_pulls_a_shifted_box_back_to_its_face(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer
) -> None:
    frame = as_frame(astronaut)
    face = detector.detect(frame)
    shifted = face.boxes + np.array([[14, -10, 6, 6]], np.float32)
    again = detector.refine(frame, shifted)
    assert again.scores[0] > 0.9
    assert likeness(again.boxes, face.boxes)[0, 0] > 0.85
    assert np.abs(again.landmarks - face.landmarks).max() < 5


def test_refining_again_and_again_neither_shrinks_nor_drifts(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer
) -> None:
    frame = as_frame(astronaut)
    first = detector.detect(frame).boxes
    boxes = first
    for _ in range(30):
        boxes = detector.refine(frame, boxes).boxes
    assert likeness(boxes, first)[0, 0] > 0.85


def test_refining_where_no_face_is_scores_zero(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer
) -> None:
    frame = as_frame(astronaut)
    places = np.array([[400, 20, 80, 100], [20, 380, 90, 110], [181, 62, 85, 110]], np.float32)
    scores = detector.refine(frame, places).scores
    assert scores[:2].tolist() == [0, 0]
    assert scores[2] > 0.9
    assert len(detector.refine(frame, np.zeros((0, 4), np.float32))) == 0


def test_grey_black_and_tiny_pictures_get_an_answer(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer
) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert len(detector.detect(as_frame(grey))) == 1
    assert len(detector.detect(as_frame(np.zeros((360, 640, 3), np.uint8)))) == 0
    assert len(detector.detect(as_frame(cv2.resize(astronaut, (64, 36))))) == 0
    assert len(detector.detect(as_frame(np.zeros((1, 1, 3), np.uint8)))) == 0


def test_a_picture_upside_down_gets_an_answer(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer
) -> None:
    turned = np.ascontiguousarray(astronaut[::-1, ::-1])
    faces = detector.detect(as_frame(turned))
    assert len(faces) <= 1
    assert np.isfinite(faces.landmarks).all()


def test_an_8k_picture_is_answered_in_bounded_memory(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer
) -> None:
    picture = np.full((4320, 7680, 3), 120, np.uint8)
    picture[2000:3024, 3000:4024] = cv2.resize(astronaut, (1024, 1024))
    faces = detector.detect(as_frame(picture, detector.working_side(7680, 4320)))
    wanted = np.array([[3000 + 2 * FACE[0], 2000 + 2 * FACE[1], 170, 220]], np.float32)
    assert len(faces) == 1
    assert likeness(faces.boxes, wanted)[0, 0] > 0.75
    shapes = detector._pnet._by_shape
    assert len(shapes) <= mtcnn.SHAPES
    assert max(max(shape) for shape in shapes) <= mtcnn.TILE


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom"])
def test_a_face_cut_by_an_edge_gets_an_answer(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer, edge: str
) -> None:
    x, y, width, height = FACE
    middle_x, middle_y = x + width // 2, y + height // 2
    part = {
        "left": astronaut[:, middle_x:],
        "right": astronaut[:, :middle_x],
        "top": astronaut[middle_y:],
        "bottom": astronaut[:middle_y],
    }[edge]
    faces = detector.detect(as_frame(np.ascontiguousarray(part)))
    assert np.isfinite(faces.boxes).all()
    assert len(faces) <= 1


# Sizes around the network's window and the tiles, and contents from flat to noise.
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    width=st.integers(1, 700),
    height=st.integers(1, 300),
    kind=st.sampled_from(["flat", "noise", "stripes"]),
    long_side=st.one_of(st.none(), st.integers(1, 400)),
    seed=st.integers(0, 99),
)
def test_no_size_and_no_content_breaks_it(
    detector: MtcnnDetector,
    as_frame: Framer,
    width: int,
    height: int,
    kind: str,
    long_side: int | None,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), seed, np.uint8)
    if kind == "noise":
        picture = rng.integers(0, 256, picture.shape, np.uint8)
    elif kind == "stripes":
        picture[:, :: max(2, seed % 9)] = 255
    frame = as_frame(picture, long_side)
    faces = detector.detect(frame)
    assert np.isfinite(faces.boxes).all()
    anywhere = rng.uniform(-width, 2 * width, (3, 4)).astype(np.float32)
    again = detector.refine(frame, anywhere)
    assert len(again) == 3
    assert np.isfinite(again.boxes).all()
