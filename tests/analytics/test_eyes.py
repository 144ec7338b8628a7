"""Blink rate, PERCLOS and eyes away of viewers and audiences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fer_core.analytics.eyes import audience_eyes, viewer_eyes


def seconds(viewer: int, closed: list[float], blink: float = 12.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "session_id": "s",
            "viewer": viewer,
            "second": np.arange(len(closed)),
            "blink": blink,
            "eyes_closed": closed,
            "eyes_away": 0.1,
        }
    )


def test_perclos_is_the_worst_minute_not_the_mean() -> None:
    table = viewer_eyes(seconds(1, [0.0] * 100 + [0.5] * 60 + [0.0] * 40))
    assert table.loc[0, "perclos"] == pytest.approx(0.5)
    assert table.loc[0, "eyes_closed"] == pytest.approx(0.15)
    assert table.loc[0, "blink"] == 12


def test_perclos_needs_half_a_minute_that_is_known() -> None:
    assert np.isnan(viewer_eyes(seconds(1, [0.9] * 29)).loc[0, "perclos"])
    assert viewer_eyes(seconds(1, [0.9] * 30)).loc[0, "perclos"] == pytest.approx(0.9)
    holed = [0.9 if at % 3 == 0 else np.nan for at in range(75)]
    assert np.isnan(viewer_eyes(seconds(1, holed)).loc[0, "perclos"])


def test_an_audience_has_a_mean_over_viewers_with_its_range() -> None:
    parts = [seconds(at, [0.01 * at] * 60, blink=10.0 + at) for at in range(8)]
    found = audience_eyes(viewer_eyes(pd.concat(parts)))
    assert found.loc["blink", "mean"] == pytest.approx(13.5)
    assert found.loc["blink", "low"] < 13.5 < found.loc["blink", "high"]
    assert found.loc["perclos", "low"] >= 0
    assert found["n"].tolist() == [8, 8, 8, 8]


def test_what_nobody_knows_is_left_out() -> None:
    one = seconds(1, [np.nan] * 40, blink=np.nan)
    assert list(audience_eyes(viewer_eyes(one)).index) == ["eyes_away"]
