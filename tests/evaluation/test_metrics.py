"""The metrics, against scikit-learn and against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from fer_core.evaluation.calibration import fit_temperature, loss
from fer_core.evaluation.metrics import expected_calibration_error, reliability, score
from fer_core.inference.outputs import softmax

LABELS = tuple("abcde")


def some_answers(seed: int = 0, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 5, n).astype(np.int32)
    logits = rng.normal(0, 1, (n, 5)).astype(np.float32)
    logits[np.arange(n), truth] += 1
    return logits, truth


def test_the_numbers_are_those_of_scikit_learn() -> None:
    logits, truth = some_answers()
    p = softmax(logits)
    guess = p.argmax(1)
    found = score(p, truth, LABELS)
    assert found.accuracy == pytest.approx(reference.accuracy_score(truth, guess))
    assert found.macro_f1 == pytest.approx(reference.f1_score(truth, guess, average="macro"))
    assert found.top2 == pytest.approx(reference.top_k_accuracy_score(truth, p, k=2))
    assert found.top3 == pytest.approx(reference.top_k_accuracy_score(truth, p, k=3))
    assert (found.confusion == reference.confusion_matrix(truth, guess)).all()
    precision, recall, f1, support = reference.precision_recall_fscore_support(truth, guess)
    for k, name in enumerate(LABELS):
        one = found.per_class[name]
        assert one == pytest.approx(
            {"precision": precision[k], "recall": recall[k], "f1": f1[k], "support": support[k]}
        )


def test_a_class_that_occurs_nowhere_is_no_part_of_macro_f1() -> None:
    p = np.eye(5, dtype=np.float32)[[0, 1, 1]]
    found = score(p, np.array([0, 1, 1], np.int32), LABELS)
    assert found.macro_f1 == 1
    assert found.per_class["e"] == {"precision": 0, "recall": 0, "f1": 0, "support": 0}


def test_calibration_error_is_the_gap_between_sure_and_right() -> None:
    p = np.tile(np.array([[0.7, 0.3]], np.float32), (10, 1))
    truth = np.array([0] * 5 + [1] * 5, np.int32)
    assert expected_calibration_error(p, truth) == pytest.approx(0.2, abs=1e-6)
    table = reliability(p, truth)
    assert table[:, 0].sum() == 10
    assert table[table[:, 0] > 0][0] == pytest.approx([10, 0.7, 0.5])


def test_full_certainty_falls_into_the_last_bin() -> None:
    table = reliability(np.array([[1.0, 0.0]], np.float32), np.array([0], np.int32))
    assert table[-1] == pytest.approx([1, 1, 1])


def test_the_temperature_undoes_an_overconfident_scale() -> None:
    logits, truth = some_answers(n=4000)
    t = fit_temperature(logits, truth)
    assert fit_temperature(logits * 3, truth) == pytest.approx(3 * t, rel=0.01)
    assert loss(logits * 3, truth, 3 * t) < loss(logits * 3, truth, 1.0)
    before = expected_calibration_error(softmax(logits * 3), truth)
    assert expected_calibration_error(softmax(logits / np.float32(t)), truth) < before / 3


def test_probabilities_that_do_not_fit_the_truth_are_refused() -> None:
    with pytest.raises(ValueError, match="3 faces"):
        score(np.ones((2, 5), np.float32), np.zeros(3, np.int32), LABELS)
