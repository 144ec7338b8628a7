"""Charts of a model, by what is drawn and said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboard.lab.models import charts, html, learning_charts
from dashboard.lab.models.figures import ReliabilityBin
from fer_core.evaluation.metrics import Scores
from fer_core.labels import EMOTIONS
from fer_core.palette import LIGHT

#: 10 happy faces, 9 of them found; 10 fearful ones, 4 of them found.
SCORES = Scores(
    ("happy", "fear"), 20, 0.65, 0.63, 0.1, 1.0, 1.0, np.array([[9, 1], [6, 4]], np.int64)
)
#: Three times as many: enough to say which expression is read worst.
MANY = replace(SCORES, n=60, confusion=3 * SCORES.confusion)
CURVES = pd.DataFrame(
    {"epoch": range(1, 7), "accuracy": [0.2, 0.3, 0.4, 0.5, 0.55, 0.6],
     "loss": [2.0, 1.5, 1.2, 1.0, 0.9, 0.8], "rate": [0.1] * 6}
)  # fmt: skip


def test_curves_of_learning_stand_above_each_other_with_the_chosen_epoch_marked() -> None:
    drawn = learning_charts.learning(CURVES, 5, LIGHT)
    assert [tuple(trace.y) for trace in drawn.data] == [
        tuple(CURVES[column]) for column in ("accuracy", "loss", "rate")
    ]
    assert [trace.yaxis for trace in drawn.data] == ["y", "y2", "y3"]
    (mark,) = drawn.layout.shapes
    assert (mark.x0, mark.x1) == (5, 5)
    assert not learning_charts.learning(CURVES, 9, LIGHT).layout.shapes  # no such epoch
    assert learning_charts.learning_said(CURVES) == (
        "Accuracy was still rising when it stopped: 5.0 points in the last 2 epochs"
    )


def test_each_epoch_is_a_dot_of_the_violins() -> None:
    accuracy, loss = learning_charts.violins(CURVES, LIGHT).data
    assert tuple(accuracy.y) == tuple(CURVES["accuracy"])
    assert tuple(loss.y) == tuple(CURVES["loss"])
    assert accuracy.text[4] == "epoch 5"
    assert learning_charts.violins_said(CURVES) == (
        "The middle half of its epochs lies between 32 % and 54 %"
    )


def test_counts_show_what_is_answered_too_often() -> None:
    actual, predicted, right = charts.counts(SCORES, LIGHT).data
    assert tuple(actual.x) == ("happy", "fear")
    assert tuple(actual.y) == (10, 10)
    assert tuple(predicted.y) == (15, 5)
    assert tuple(right.y) == (9, 4)
    assert charts.counts_said(MANY) == ("fear is given too seldom: 15 times for 30 faces")
    often = replace(SCORES, confusion=np.array([[27, 3], [27, 3]], np.int64))
    assert charts.counts_said(often) == "fear is given too seldom: 6 times for 30 faces"


def test_precision_and_recall_are_two_dots_of_each_class() -> None:
    dots = charts.per_class(SCORES, LIGHT).data[2:]
    precision, recall, f1 = (dict(zip(one.y, one.x)) for one in dots)
    assert precision == {"happy": pytest.approx(9 / 15), "fear": pytest.approx(4 / 5)}
    assert recall == {"happy": 0.9, "fear": 0.4}
    assert f1["happy"] == pytest.approx(18 / 25)
    assert charts.per_class_said(MANY) == "happy is read best (F1 0.72), fear worst (0.53)"


def test_reliability_shows_each_bin_with_an_interval_that_stays_between_0_and_1() -> None:
    bins = [ReliabilityBin(0.8, 1.0, 0.9, 0.5, 10), ReliabilityBin(0.4, 0.6, 0.5, 1.0, 4)]
    _, curve, faces = charts.reliability(bins, LIGHT).data
    assert tuple(curve.x) == (0.9, 0.5)
    assert tuple(curve.y) == (0.5, 1.0)
    assert curve.error_y.array[1] == 0.0
    assert curve.error_y.array[0] == pytest.approx(1.96 * (0.25 / 10) ** 0.5)
    assert tuple(faces.y) == (10, 4)
    assert charts.reliability_said(bins[:1], 0.4) == (
        "It is too confident: confidence and accuracy differ by 40 points on average"
    )


def test_ranks_end_with_what_comes_later() -> None:
    (bars,) = charts.ranks([0.65, 0.18, 0.1], LIGHT).data
    assert tuple(bars.y) == ("first guess", "second guess", "third guess", "later")
    assert tuple(bars.x) == pytest.approx((0.65, 0.18, 0.1, 0.07))
    assert "first two answers for 83 %" in charts.ranks_said([0.65, 0.18, 0.1])


def test_bars_name_every_expression_with_its_share() -> None:
    said = html.bars(dict.fromkeys(EMOTIONS, 1 / 7) | {"fear": 0.9}, truth="fear")
    assert "fear 90 %" in said
    assert "(label)" in said
