"""Panels over one time axis."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.shared.charts import panels
from dashboard.shared.charts.panels import Panel
from fer_core.analytics.scenes import Marker, Scene
from fer_core.palette import LIGHT


def test_hours_are_written_on_the_axis_of_a_long_session() -> None:
    assert panels.time_axis(3_700_000, LIGHT)["tickformat"] == "%-H:%M:%S"


def test_panels_stand_below_each_other_and_share_the_last_ones_axis() -> None:
    figure = go.Figure()
    shown = [
        Panel("One", "", 200, {}),
        Panel("", "", 20, {}, beside=True),
        Panel("Two", "", 80, {}),
    ]
    panels.lay_out(figure, shown, LIGHT, 10_000)
    domains = [figure.layout[name].domain for name in ("yaxis", "yaxis2", "yaxis3")]
    assert all(above[0] > below[1] for above, below in itertools.pairwise(domains))
    assert figure.layout.xaxis.anchor == "y3"
    assert [one.text.split("<br>")[0] for one in figure.layout.annotations] == [
        "<b>One</b>",
        "<b>Two</b>",
    ]


def test_a_band_breaks_where_its_curve_does() -> None:
    low = pd.Series([1.0, 2, np.nan, 4, 5, 6])
    runs = panels.band(pd.Series(range(6)), low, low + 1, "#000000", yaxis="y2")
    assert [list(run.x) for run in runs] == [[0, 1, 1, 0], [3, 4, 5, 5, 4, 3]]
    assert list(runs[0].y) == [2, 3, 2, 1]
    assert {run.yaxis for run in runs} == {"y2"}


def test_every_scenes_edges_and_every_marker_are_lines() -> None:
    scenes = [Scene(name, 2000 * at, 2000 * (at + 1)) for at, name in enumerate("abc")]
    shapes = panels.mark(scenes, [Marker("logo", 2500)], LIGHT, ("y", (0.0, 0.4)))
    assert [(one.type, one.yref, one.y1) for one in shapes] == [
        *[("line", "y domain", 1)] * 4,
        *[("line", "paper", 0.4)] * 4,
    ]
    assert [panels.second_of(str(one.x0)) for one in shapes[:4]] == [2, 4, 6, 2]
    assert [one.line.dash for one in shapes[:4]] == [None, None, None, "dot"]


def test_a_number_under_the_cursor_is_written_as_everywhere() -> None:
    x = pd.Series(pd.to_datetime([500, 1500], unit="ms"))
    said = panels.line(x, pd.Series([0.62, -0.09]), "#000000", name="A", hover=["62 %", "−0.09"])
    assert list(said.customdata) == ["62 %", "−0.09"]
    assert said.hovertemplate == "A %{customdata}<extra></extra>"
