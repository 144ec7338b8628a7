"""Small drawings as SVG and HTML."""

from __future__ import annotations

import base64

import numpy as np
import pandas as pd

from dashboard.shared.charts.sparkline import share_strip, sparkline
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import DARK, EMOTION_COLOURS


def test_a_sparkline_breaks_where_nothing_is_known() -> None:
    curve = pd.DataFrame(
        {"engagement": [40.0, 50, np.nan, 50, 60], "emotion": ["happy", None, None, "sad", "sad"]}
    )
    link = sparkline(curve, DARK).split("base64,")[1].split('"')[0]
    svg = base64.b64decode(link).decode()
    assert svg.count("<polyline") == 2
    assert DARK.ink in svg
    assert EMOTION_COLOURS["sad"] in svg
    assert sparkline(curve.iloc[:0], DARK) == ""


def test_a_share_strip_names_every_expression_also_without_any_time() -> None:
    share = pd.Series(0.0, index=list(DISPLAY_ORDER))
    share["happy"] = 1.0
    html = share_strip(share)
    assert all(name in html for name in DISPLAY_ORDER)
    assert html.count("<span") == 1
