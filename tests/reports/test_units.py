"""Values and changes of a measure in words."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.reports import units


@pytest.mark.parametrize(
    ("measure", "value", "said"),
    [("engagement", 61.6, "62"), ("attention", 0.616, "62 %"), ("valence", -0.214, "−0.21"),
     ("valence", -0.001, "0.00"), ("p_sad", float("nan"), "–"), ("gaze_x", -12.4, "−12°"),
     ("blink", 17.25, "17.2"), ("eyes_closed", 0.08, "8 %"), ("smile", 0.412, "0.41")],
)  # fmt: skip
def test_values_have_no_more_digits_than_are_earned(measure: str, value: float, said: str) -> None:
    assert units.say(measure, value) == said


def test_changes_have_a_sign_unless_they_round_to_nothing() -> None:
    assert units.say_change("engagement", -12.4) == "−12"
    assert units.say_change("attention", 0.004) == "0 pts"
    assert units.say_change("valence", 0.131) == "+0.13"


def test_a_difference_is_that_of_the_numbers_beside_it() -> None:
    """60 and 62 stood beside −3: both had been rounded, and the difference apart from them."""
    assert units.say_fine("engagement", 59.6) == "59.6"
    assert units.say_difference("engagement", 59.6, 62.4) == "−2.8"
    assert units.say_difference("engagement", 60.04, 62.56) == "−2.6"  # 60.0 and 62.6
    assert units.say_difference("attention", 0.9346, 0.9351) == "0.0 pts"  # 93.5 % and 93.5 %
    assert units.say_difference("valence", 0.104, -0.026) == "+0.13"
    assert units.say_difference("engagement", 59.6, float("nan")) == "–"


def test_a_scenes_lift_is_that_of_the_numbers_on_page_and_card() -> None:
    assert units.say_lift("engagement", 74.4, 74.4 - 61.6) == "+12"  # 74 and 62
    assert units.say_lift("engagement", 60.4, 60.4 - 60.5) == "0"  # both are 60 there
    assert units.say_lift("attention", 0.936, 0.936 - 0.984) == "−4 pts"  # 94 % and 98 %


def test_degrees_and_rates_have_axes_of_their_own() -> None:
    assert units.axis("gaze_x", np.array([4.0, -17.0]))["range"] == [-20, 20]
    assert units.axis("blink", np.array([4.0, 25.0]))["range"] == [0, 30]
    assert units.difference_axis("blink", np.array([7.0]))["range"][1] == pytest.approx(1.1 * 12)
    assert units.say_change("blink", -3.14) == "−3.1"
