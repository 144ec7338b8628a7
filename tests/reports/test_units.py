"""Values and changes of a measure in words."""

from __future__ import annotations

import pytest

from fer_core.reports import units


@pytest.mark.parametrize(
    ("measure", "value", "said"),
    [("engagement", 61.6, "62"), ("attention", 0.616, "62 %"), ("valence", -0.214, "−0.21"),
     ("valence", -0.001, "0.00"), ("p_sad", float("nan"), "–")],
)  # fmt: skip
def test_values_have_no_more_digits_than_are_earned(measure: str, value: float, said: str) -> None:
    assert units.say(measure, value) == said


def test_changes_have_a_sign_unless_they_round_to_nothing() -> None:
    assert units.say_change("engagement", -12.4) == "−12"
    assert units.say_change("attention", 0.004) == "0 pts"
    assert units.say_change("valence", 0.131) == "+0.13"
