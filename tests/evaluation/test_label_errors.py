"""Doubts about labels: a planted error among drawn faces stands first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from skimage.feature import hog

from fer_core.evaluation.label_errors import doubts_of, label_doubts
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.training.practice.drawn import draw
from fer_core.types import Float, Int


def out_of_sample(faces: Float, labels: Int) -> Float:
    """Probabilities by ridge regression that each time has not seen the fifth it answers for."""
    fold = np.arange(len(faces)) // 7 % 5
    answers = np.zeros((len(faces), len(EMOTIONS)))
    for k in range(5):
        mean = faces[fold != k].mean(axis=0)
        seen, wanted = faces[fold != k], np.eye(len(EMOTIONS))[labels[fold != k]]
        kernel = (seen - mean) @ (seen - mean).T
        weights = np.linalg.solve(
            kernel + 0.005 * np.trace(kernel) * np.eye(len(seen)), wanted - 1 / 7
        )
        answers[fold == k] = (faces[fold == k] - mean) @ (seen - mean).T @ weights
    odds = np.exp(8 * answers)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)


@pytest.fixture(scope="module")
def drawn() -> tuple[Float, Int]:
    rng = np.random.default_rng(4)
    labels = np.tile(np.arange(7, dtype=np.int32), 25)
    faces = [draw(EMOTIONS[k], rng) for k in labels]
    return np.stack([hog(face, 8, (8, 8), (2, 2)) for face in faces]).astype(np.float32), labels


def test_planted_errors_come_first_and_the_true_label_is_named(drawn: tuple[Float, Int]) -> None:
    faces, labels = drawn
    given, planted = labels.copy(), 3 + 19 * np.arange(9)
    given[planted] = (labels[planted] + 3) % 7
    found = label_doubts(out_of_sample(faces, given), given)
    first = np.argsort(-found.score, kind="stable")[: len(labels) // 10]
    assert np.isin(planted, first).mean() >= 0.6
    assert (found.likely[planted] == labels[planted]).mean() >= 0.6
    right = np.setdiff1d(np.arange(len(labels)), planted)
    assert found.suspect[planted].mean() > 0.5 > 5 * found.suspect[right].mean()


def test_the_threshold_is_what_a_class_usually_gets() -> None:
    p = np.array([[0.9, 0.1, 0], [0.3, 0.7, 0], [0.45, 0.55, 0], [0.2, 0.8, 0]], np.float32)
    labels = np.array([0, 1, 0, 1], np.int32)
    found = label_doubts(p, labels)
    # 0.55 for the second class is less than the 0.75 its faces usually get: no suspicion
    assert found.suspect.tolist() == [False, False, False, False]
    assert found.score == pytest.approx([0.1, 0.3, 0.55, 0.2], abs=1e-6)
    assert label_doubts(p, np.array([0, 1, 0, 0], np.int32)).suspect.tolist()[3] is True
    with pytest.raises(ValueError, match="labels"):
        label_doubts(p, labels[:2])


def test_a_class_without_faces_is_never_suspected() -> None:
    p = np.array([[0.1, 0.9], [0.6, 0.4]], np.float32)
    assert not label_doubts(p, np.zeros(2, np.int32)).suspect.any()


def test_kept_answers_keep_their_order() -> None:
    p = np.eye(7)[[0, 1, 2, 2]]
    kept = pd.DataFrame(p, columns=list(PROBABILITY_COLUMNS))
    kept.insert(0, "truth", [EMOTIONS[k] for k in (0, 1, 2, 1)])
    kept.insert(0, "item", ["t/2", "t/1", "t/0", "t/3"])
    found = doubts_of(kept)
    assert found["item"].tolist() == ["t/2", "t/1", "t/0", "t/3"]
    assert found["suspect"].tolist() == [False, False, False, True]
    assert found["likely"].iloc[3] == EMOTIONS[2]
    assert found["doubt"].iloc[3] == pytest.approx(1)
