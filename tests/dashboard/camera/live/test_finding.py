"""The sentence over the live numbers agrees with the curve below it."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.camera.live.finding import direction, finding
from fer_core.live import LiveHistory


def history(engagement: np.ndarray) -> LiveHistory:
    """Two points a second of a curve."""
    n = len(engagement)
    nothing = np.full(n, np.nan)
    return LiveHistory(
        0.5 * np.arange(1, n + 1), engagement, nothing, nothing, np.full((n, 7), np.nan), nothing
    )


STEADY = np.full(60, 50.0)


@pytest.mark.parametrize(
    ("people", "attending", "said"),
    [
        (0, 0, "Nobody is in view."),
        (1, 1, "One person, attending; engagement is steady."),
        (1, 0, "1 person, nobody attending; engagement is steady."),
        (2, 2, "2 people, both attending; engagement is steady."),
        (5, 5, "5 people, all attending; engagement is steady."),
        (5, 3, "5 people, 3 attending; engagement is steady."),
    ],
)
def test_it_says_who_is_there_and_who_attends(people: int, attending: int, said: str) -> None:
    found = finding(
        history(STEADY), people=people, attending=attending, engagement=50.0, paused=False
    )
    assert found == said


def test_nothing_is_said_of_engagement_where_no_face_is_read_or_nothing_is_measured() -> None:
    one = {"people": 1, "attending": 1}
    said = finding(history(STEADY), **one, engagement=float("nan"), paused=False)
    assert said == "One person, attending; no face can be read well enough."
    said = finding(history(STEADY), **one, engagement=50.0, paused=True)
    assert said == "Paused: nothing is measured."


def test_it_does_not_call_a_curve_falling_that_rose_after_a_pause() -> None:
    """High before the pause, then from 3 up to 73: the old rule set both stretches together."""
    before, pause = np.full(40, 90.0), np.full(8, np.nan)
    climb = np.linspace(3, 73, 30)
    for seen in range(1, len(climb) + 1):
        shown = history(np.concatenate([before, pause, climb[:seen]]))
        assert direction(shown) == ("" if seen < 20 else "rising")


def test_nothing_is_said_in_the_first_ten_seconds() -> None:
    assert direction(history(np.linspace(0, 100, 19))) == ""
    assert direction(history(np.linspace(0, 100, 20))) == "rising"


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (np.linspace(60, 40, 20), "falling"),
        (np.linspace(50, 53, 20), "steady"),
        (np.linspace(53, 50, 20), "steady"),
        (50 + 40 * np.sin(np.arange(20)), ""),  # up and down is no direction
    ],
)
def test_the_way_is_that_of_the_last_ten_seconds(last: np.ndarray, said: str) -> None:
    assert direction(history(np.concatenate([np.linspace(0, 100, 60), last]))) == said
