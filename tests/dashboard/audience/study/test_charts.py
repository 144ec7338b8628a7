"""What is drawn of an audience: its curve, a row a viewer, synchrony."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboard.audience.study import charts, data, viewer_charts
from fer_core.palette import DARK, LIGHT
from fer_core.reports import units
from fer_core.studies.membership import Study
from fer_core.text import signed


def of(study: Study, name: str) -> data.Audience:
    return next(one for one in data.audiences(study) if one.name == name)


@pytest.mark.parametrize("measure", ["engagement", "valence", "p_happy", "activation"])
def test_the_audience_figure_draws_what_the_table_says(
    study: Study, seconds: pd.DataFrame, measure: str
) -> None:
    view = data.view(seconds, of(study, "B"), measure)
    whose = of(study, "B")
    figure = charts.figure(
        view.response, view.shares, scenes=whose.scenes, markers=whose.markers,
        length_ms=view.length_ms, theme=LIGHT,
    )  # fmt: skip
    line = next(one for one in figure.data if one.name == units.name(measure))
    np.testing.assert_allclose(np.asarray(line.y, float), view.curve["mean"])
    low, high = figure.layout.yaxis.range
    assert view.curve["mean"].between(low, high).all()
    # three pale scenes and two markers, on both panels
    assert len(figure.layout.shapes) == 2 * (3 + 2)


def test_what_few_viewers_carry_is_thin_and_dashed(study: Study, seconds: pd.DataFrame) -> None:
    view = data.view(seconds, of(study, "B"), "engagement")
    curve = view.curve.copy()
    curve.loc[10:14, "n"] = 3  # of 24
    response = replace(view.response, curve=curve)
    figure = charts.figure(
        response, view.shares, scenes=(), markers=(), length_ms=view.length_ms, theme=LIGHT
    )
    whole = next(one for one in figure.data if one.name == "Engagement")
    solid = next(one for one in figure.data if one.name == "" and one.line.width == 2.5)
    assert (whole.line.dash, whole.line.width) == ("dash", 1.25)
    assert np.flatnonzero(np.isnan(np.asarray(solid.y, float))).tolist() == [10, 11, 12, 13, 14]


@pytest.mark.parametrize("measure", ["engagement", "valence", "attention"])
def test_the_heat_map_is_a_level_a_second_with_its_word(
    study: Study, seconds: pd.DataFrame, measure: str
) -> None:
    view = data.view(seconds, of(study, "B"), measure)
    lanes = view.lanes.copy()
    lanes[3, 5] = np.nan
    heat = viewer_charts.heat_map(lanes, view.labels, measure, length_ms=30_000, theme=DARK)
    assert heat.cells.shape == lanes.shape
    assert heat.cells[3, 5] == viewer_charts.UNKNOWN
    assert (heat.cells == viewer_charts.UNKNOWN).sum() == np.isnan(lanes).sum()
    low, high = (-1, 1) if measure == "valence" else (0, 100 if measure == "engagement" else 1)
    back = low + heat.cells / (viewer_charts.LEVELS - 1) * (high - low)
    known = ~np.isnan(lanes)
    assert (
        np.abs(back - lanes)[known].max() <= (high - low) / (2 * (viewer_charts.LEVELS - 1)) + 1e-6
    )
    assert len(heat.colours) == len(heat.words) == viewer_charts.LEVELS
    assert heat.words[-1] == units.say(measure, high)
    assert len(set(heat.colours)) > 100


def test_many_viewers_still_fit_the_page() -> None:
    rows = viewer_charts.heat_map(
        np.zeros((200, 30)), ["R"] * 200, "engagement", length_ms=1, theme=LIGHT
    )
    few = viewer_charts.heat_map(
        np.zeros((5, 30)), ["R"] * 5, "engagement", length_ms=1, theme=LIGHT
    )
    assert rows.row * 200 == 600
    assert few.row == viewer_charts.ROW


def test_synchrony_is_a_dot_beside_the_range_of_chance(study: Study, seconds: pd.DataFrame) -> None:
    found = data.synchrony_of(seconds, of(study, "B"), "engagement")
    said = viewer_charts.synchrony_bars(found)
    tie = found["engagement"]
    assert f"{tie.value:.2f}" in said
    assert f"by chance {signed(tie.low, 2)} to {signed(tie.high, 2)}" in said
    places = [float(one) for one in re.findall(r'em style="left:([\d.]+)%', said)]
    bars = [float(one) for one in re.findall(r'span style="left:([\d.]+)%', said)]
    assert all(0 <= one <= 100 for one in (*places, *bars))
    assert places[0] > bars[0]  # its viewers respond together
    assert "respond together" in viewer_charts.synchrony_finding("engagement", tie)
    assert "cannot be told" in viewer_charts.synchrony_finding("engagement", None)
    assert viewer_charts.synchrony_bars({}) == ""
