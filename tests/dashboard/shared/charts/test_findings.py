"""What a chart says of its numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.shared.charts import findings
from fer_core.labels import DISPLAY_ORDER


def seconds_of(engagement: np.ndarray) -> pd.DataFrame:
    n = len(engagement)
    known = ~np.isnan(engagement)
    return pd.DataFrame(
        {
            "second": np.arange(n),
            "t_ms": np.arange(n) * 1000,
            "engagement": np.where(known, engagement, 0.0),
            "emotion": pd.array(np.where(known, "neutral", None), dtype="str"),
            "valence": np.zeros(n),
            "n": 1,
            "attention": np.where(known, 1.0, 0.0),
            "away": np.where(known, 0.0, 1.0),
            **{f"p_{name}": np.where(known, 0.0, np.nan) for name in DISPLAY_ORDER},
        }
    )


def noise(n: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 3, n)


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        (np.r_[np.full(21, 70.0), np.full(25, 45.0)] + noise(46), "Engagement falls after 0:21"),
        (np.r_[np.full(30, 40.0), np.full(30, 60.0)] + noise(60), "Engagement rises after 0:30"),
        (
            np.r_[np.full(20, 45.0), np.full(15, 75.0), np.full(25, 45.0)] + noise(60),
            "Engagement is highest from 0:20 to 0:35",
        ),
        (np.full(40, 52.0) + noise(40) / 3, "Engagement holds near 52"),
        (np.full(6, 52.0), "Engagement"),
        (np.r_[np.full(8, 52.0), np.full(20, np.nan)], "No usable face after 0:08"),
        (np.full(20, np.nan), "No second with a usable face"),
    ],
)
def test_a_title_states_what_the_curve_shows(curve: np.ndarray, said: str) -> None:
    assert findings.engagement(seconds_of(curve)) == said


def test_noise_alone_is_rarely_called_a_change() -> None:
    """A slow random walk about 50: of 200 such curves few may be called rising or falling."""
    claims = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        curve = np.zeros(90)
        for i in range(1, 90):
            curve[i] = 0.8 * curve[i - 1] + rng.normal(0, 4)
        said = findings.engagement(seconds_of(50 + curve))
        claims += "after" in said or "from" in said
    assert claims <= 20  # one in ten; the split is searched for


def test_the_mix_of_expressions_is_said_in_one_line() -> None:
    share = pd.Series(0.0, index=list(DISPLAY_ORDER))
    share["neutral"], share["happy"] = 0.7, 0.3
    assert findings.expressions(share) == "Mostly neutral, then happy (30 %)"
    share["neutral"], share["happy"], share["sad"] = 0.4, 0.35, 0.25
    assert findings.expressions(share) == "Mixed expressions, neutral most often (40 %)"
    share[:] = 0.0
    share["neutral"] = 1.0
    assert findings.expressions(share) == "Almost only neutral"


def test_a_reason_is_given_where_one_part_carries_the_change() -> None:
    attention = np.r_[np.full(20, 1.0), np.full(20, 0.6)]
    table = seconds_of(50 * attention + noise(40) / 10).assign(attention=attention)
    assert findings.engagement(table) == "Engagement falls after 0:20: the head is turned away"
    room = table.assign(n=4)
    assert findings.engagement(room) == "Engagement falls after 0:20: heads are turned away"
    # attention and expression each carry half of it: no reason
    half = table.assign(attention=np.sqrt(attention))
    assert findings.engagement(half) == "Engagement falls after 0:20"
