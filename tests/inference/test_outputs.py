"""From logits to the seven emotions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_core.inference.outputs import own_probabilities, served, softmax, to_seven
from fer_core.labels import EMOTIONS
from fer_core.training.samples import FERPLUS
from tests.cards import TWO_OUTPUTS as CARD


def test_each_ferplus_label_arrives_at_its_emotion() -> None:
    names = {"happiness": "happy", "sadness": "sad", "anger": "angry"}
    for column, label in enumerate(FERPLUS[:-1]):
        logits = np.zeros((1, 15), np.float32)
        logits[0, 7 + column] = 30
        seven = to_seven(CARD, own_probabilities(CARD, logits))
        assert EMOTIONS[int(seven[0].argmax())] == names.get(label, label)
        assert seven.sum() == pytest.approx(1)


def test_contempt_drops_out_and_the_others_keep_their_ratio() -> None:
    own = np.zeros((1, 8), np.float32)
    own[0, FERPLUS.index("contempt")] = 0.5
    own[0, FERPLUS.index("neutral")] = 0.3
    own[0, FERPLUS.index("happiness")] = 0.2
    seven = to_seven(CARD, own, "ferplus")[0]
    assert seven[EMOTIONS.index("neutral")] == pytest.approx(0.6)
    assert seven[EMOTIONS.index("happy")] == pytest.approx(0.4)


def test_nothing_but_contempt_says_nothing_of_the_seven() -> None:
    own = np.zeros((1, 8), np.float32)
    own[0, FERPLUS.index("contempt")] = 1
    assert to_seven(CARD, own, "ferplus")[0] == pytest.approx([1 / 7] * 7)


def test_a_temperature_makes_answers_less_sure_and_changes_none() -> None:
    logits = np.random.default_rng(0).normal(0, 3, (50, 15)).astype(np.float32)
    plain = own_probabilities(CARD, logits, "fer2013")
    cooled = own_probabilities(replace(CARD, temperature={"fer2013": 2.0}), logits, "fer2013")
    assert (plain.argmax(1) == cooled.argmax(1)).all()
    assert (cooled.max(1) < plain.max(1)).all()


def test_sigmoid_answers_are_brought_to_a_sum_of_one() -> None:
    logits = np.array([[4.0, 0, -4, 0, 0, 0, 0] + [0] * 8], np.float32)
    p = own_probabilities(replace(CARD, activation="sigmoid"), logits, "fer2013")
    assert p.sum() == pytest.approx(1)
    assert p[0, 0] / p[0, 1] == pytest.approx((1 / (1 + np.exp(-4))) / 0.5)


def test_one_output_alone_serves_as_it_is() -> None:
    logits = np.random.default_rng(0).normal(0, 3, (50, 15)).astype(np.float32)
    alone = to_seven(CARD, own_probabilities(CARD, logits))
    assert served(CARD, logits) == pytest.approx(alone, abs=1e-6)


def test_what_one_serving_output_rules_out_the_other_cannot_bring_back() -> None:
    both = replace(CARD, also_serves=("fer2013",), shares={"ferplus": 0.8, "fer2013": 0.2})
    logits = np.zeros((1, 15), np.float32)
    logits[0, EMOTIONS.index("angry")] = 9  # one is sure of anger …
    logits[0, 7 + FERPLUS.index("anger")] = -9  # … which the other rules out
    logits[0, 7 + FERPLUS.index("surprise")] = 2
    logits[0, 7 + FERPLUS.index("contempt")] = -9
    seven = served(both, logits)[0]
    assert EMOTIONS[int(seven.argmax())] == "surprise"
    assert seven[EMOTIONS.index("angry")] < 0.02
    assert seven.sum() == pytest.approx(1)
    alike = replace(both, shares={})  # equal shares
    assert served(alike, logits)[0, 0] > seven[0]


def test_a_lift_multiplies_one_emotion_and_the_rest_keep_their_ratio() -> None:
    logits = np.random.default_rng(1).normal(0, 2, (20, 15)).astype(np.float32)
    plain = served(CARD, logits)
    lifted = served(replace(CARD, log_prior={"disgust": float(np.log(3))}), logits)
    odds, before = (p[:, 1] / (1 - p[:, 1]) for p in (lifted, plain))
    assert odds == pytest.approx(3 * before, rel=1e-3)
    assert lifted[:, 3] / lifted[:, 6] == pytest.approx(plain[:, 3] / plain[:, 6], rel=1e-3)
    assert softmax(np.zeros((1, 4))).tolist() == [[0.25] * 4]
