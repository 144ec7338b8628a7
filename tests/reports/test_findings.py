"""What is said over a study's curve: doubt is not flatness, few viewers are no audience."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fer_core.reports import findings
from fer_core.reports.figure_frame import Sheet, Words
from fer_core.reports.figures import response as drawn
from fer_core.sentences import Label
from tests.responses import response_of

Array = np.ndarray


def crowd(viewers: int, seconds: int, spread: float, level: float = 60.0) -> Array:
    rng = np.random.default_rng(3)
    return np.clip(level + spread * rng.normal(size=(viewers, seconds)), 0, 100)


def straggling() -> Array:
    """Eleven viewers of whom one or two are known in most seconds: the mean runs 86, 23, 92."""
    values = np.full((11, 12), np.nan)
    for second, mean in enumerate([86, 70, 50, 23, 40, 60, 75, 92, 64]):
        values[second % 11, second] = mean
    rng = np.random.default_rng(1)
    values[:, 9:] = 60 + 30 * rng.normal(size=(11, 3)).clip(-1, 1)
    return values


def test_a_curve_that_few_viewers_carry_is_not_called_flat() -> None:
    """n runs from 1 to 11 and the mean from 86 to 23 to 92."""
    one = response_of(straggling())
    assert one.curve["n"].min() == 1
    assert one.curve["n"].max() == 11
    assert findings.response(one) == ("Engagement: too few viewers to say where it rises or falls")
    assert "n 1 to 11" in findings.alt_text(one)


def test_a_wide_band_is_doubt_and_a_narrow_one_is_flat() -> None:
    assert "too few viewers" in findings.response(response_of(crowd(6, 30, 30.0)))
    flat = findings.response(response_of(crowd(60, 30, 5.0)))
    assert flat.startswith("Engagement holds near 60")


def test_what_few_carry_is_no_peak_and_no_low_point() -> None:
    values = crowd(20, 30, 4.0)
    values[:, 20:] += 15
    values[3:, 5], values[:3, 5] = np.nan, 100.0
    values[3:, 6], values[:3, 6] = np.nan, 0.0
    said = findings.response(response_of(values))
    assert "0:05" not in said
    assert "0:06" not in said


@pytest.mark.parametrize(
    ("viewers", "who"), [(1, "this viewer"), (2, "these two viewers"), (4, "these four viewers")]
)
def test_fewer_than_five_are_spoken_of_as_themselves(viewers: int, who: str) -> None:
    values = np.tile(np.linspace(20, 90, 30), (viewers, 1))
    said = findings.response(response_of(values))
    assert said == f"Engagement of {who} ranges from 20 to 90, highest at 0:29"
    flat = findings.response(response_of(np.full((viewers, 30), 60.0)))
    assert flat == f"Engagement of {who} stays between 60 and 60"


def test_shares_of_four_viewers_are_not_shares_of_an_audience() -> None:
    def shares(n: int) -> dict[str, pd.DataFrame]:
        table = pd.DataFrame({"second": [0, 1], "share": [50.0, 80.0], "n": [n, n]})
        return {"happy": table} | {
            name: table.assign(share=0.0)
            for name in ("surprise", "neutral", "sad", "fear", "disgust", "angry")
        }

    assert findings.shares(shares(4)) == "Too few viewers to say what an audience shows"
    assert findings.shares(shares(5)) == "Happy is shown by 80 % of the viewers at 0:01"


def test_a_report_draws_what_few_carry_thin_and_dashed() -> None:
    words = Words(Label(""), "", "")
    one = response_of(straggling())
    svg = drawn(one.curve, "engagement", words, Sheet(), length_ms=12_000, viewers=one.viewers)
    assert 'stroke-dasharray="4 3"' in svg
    many = response_of(crowd(11, 12, 5.0))
    svg = drawn(many.curve, "engagement", words, Sheet(), length_ms=12_000, viewers=many.viewers)
    assert 'stroke-dasharray="4 3"' not in svg
