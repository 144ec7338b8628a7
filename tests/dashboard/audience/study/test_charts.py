"""What is drawn of an audience: its curve, a row a viewer, synchrony."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboard.audience.study import charts, data, viewer_charts
from fer_core.labels import DISPLAY_ORDER, EMOTIONS, PROBABILITY_COLUMNS
from fer_core.palette import A_COLOUR, B_COLOUR, DARK, LIGHT
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
    figure = charts.figure([view], scenes=whose.scenes, markers=whose.markers, theme=LIGHT)
    line = next(one for one in figure.data if one.name == units.name(measure))
    np.testing.assert_allclose(np.asarray(line.y, float), view.curve["mean"])
    assert line.customdata[3].startswith(f"<b>{units.say(measure, view.curve['mean'][3])}</b>")
    low, high = figure.layout.yaxis.range
    assert view.curve["mean"].between(low, high).all()
    # six scenes have six edges after 0; two markers: on the curve and over all lanes
    assert len(figure.layout.shapes) == 2 * (6 + 2)


def test_the_lanes_are_shares_of_all_whose_face_could_be_read(
    study: Study, seconds: pd.DataFrame
) -> None:
    view = data.view(seconds, of(study, "B"), "engagement")
    figure = charts.figure([view], scenes=(), markers=(), theme=LIGHT)
    lanes = {one.name: np.asarray(one.y, float) for one in figure.data if one.yaxis > "y2"}
    assert list(lanes)[-1] == charts.UNCLEAR
    mine = seconds[seconds["session_id"].isin(of(study, "B").session_ids)]
    p = mine[mine["second"] == 7][list(PROBABILITY_COLUMNS)].dropna().to_numpy()
    assert lanes["happy"][7] == pytest.approx(100 * (p[:, EMOTIONS.index("happy")] > 0.5).mean())
    assert lanes[charts.UNCLEAR][7] == pytest.approx(100 * (p.max(axis=1) <= 0.5).mean())
    for name in DISPLAY_ORDER:
        assert (name in lanes) == (view.shares[name]["share"].max() >= charts.NOTICED)
        assert (name in charts.unseen_expressions([view])) == (name not in lanes)
    assert figure.data[-1].customdata[0].endswith(" %</b>")


def test_several_audiences_have_a_line_each_in_every_panel(
    study: Study, seconds: pd.DataFrame
) -> None:
    views = [data.view(seconds, of(study, name), "engagement") for name in "AB"]
    figure = charts.figure(views, scenes=(), markers=(), theme=LIGHT)
    for view, colour in zip(views, (A_COLOUR, B_COLOUR)):
        line = next(one for one in figure.data if one.name == view.name)
        np.testing.assert_allclose(np.asarray(line.y, float), view.curve["mean"])
        counts = [one for one in figure.data if one.yaxis == "y2" and one.line.color == colour]
        assert np.asarray(counts[0].y).tolist() == view.curve["n"].tolist()
        assert sum(one.line.color == colour and one.yaxis > "y2" for one in figure.data) >= 2


def test_a_second_without_a_usable_face_is_veiled(study: Study, seconds: pd.DataFrame) -> None:
    gone = seconds.copy()  # everybody looks away: attention is 0, and nothing can be read
    gone.loc[gone["second"].isin((4, 5)), list(PROBABILITY_COLUMNS)] = np.nan
    view = data.view(gone, of(study, "B"), "engagement")
    figure = charts.figure([view], scenes=(), markers=(), theme=LIGHT)
    veils = {(s.x0, s.x1) for s in figure.layout.shapes if s.fillcolor == LIGHT.veil}
    assert veils == {(pd.Timestamp(4, unit="s"), pd.Timestamp(6, unit="s"))}


def test_what_few_viewers_carry_is_thin_and_dashed(study: Study, seconds: pd.DataFrame) -> None:
    view = data.view(seconds, of(study, "B"), "engagement")
    curve = view.curve.copy()
    curve.loc[10:14, "n"] = 3  # of 24
    response = replace(view.response, curve=curve)
    figure = charts.figure([replace(view, response=response)], scenes=(), markers=(), theme=LIGHT)
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
    heat = viewer_charts.heat_map([replace(view, lanes=lanes)], {}, DARK)
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
    # nothing at all is pale, and neither white nor the hatching of what is not known
    assert DARK.paper not in heat.colours
    key = viewer_charts.heat_key(heat)
    assert f"<span>{units.say(measure, low)}<i" in key
    assert "no usable face" in key


def test_many_viewers_still_fit_the_page(study: Study, seconds: pd.DataFrame) -> None:
    view = data.view(seconds, of(study, "B"), "engagement")

    def rows(viewers: int) -> int:
        many = replace(view, lanes=np.zeros((viewers, 30)), labels=["R"] * viewers)
        return viewer_charts.heat_map([many], {}, LIGHT).row

    assert rows(200) * 200 == 600
    assert rows(5) == viewer_charts.ROW


def test_the_rows_of_several_audiences_stand_in_blocks(study: Study, seconds: pd.DataFrame) -> None:
    views = [data.view(seconds, of(study, name), "engagement") for name in "AB"]
    short = replace(views[0], lanes=views[0].lanes[:, :20])  # a shorter film
    heat = viewer_charts.heat_map([short, views[1]], {"A": A_COLOUR, "B": B_COLOUR}, LIGHT)
    assert heat.blocks == [("A", A_COLOUR, 24), ("B", B_COLOUR, 24)]
    assert heat.labels == [*views[0].labels, *views[1].labels]
    assert (heat.cells[:24, 20:] == viewer_charts.UNKNOWN).all()


def test_synchrony_is_a_dot_beside_the_range_of_chance(study: Study, seconds: pd.DataFrame) -> None:
    found = data.synchrony_of(seconds, of(study, "B"), ("engagement", "valence"))
    said = viewer_charts.synchrony_bars(found)
    tie = found["engagement"]
    assert f"{tie.value:.2f}" in said
    assert f"by chance {signed(tie.low, 2)} to {signed(tie.high, 2)}" in said
    places = [float(one) for one in re.findall(r'em style="left:([\d.]+)%', said)]
    bars = [float(one) for one in re.findall(r'span style="left:([\d.]+)%', said)]
    assert all(0 <= one <= 100 for one in (*places, *bars))
    assert places[0] > bars[0]  # its viewers respond together
    assert "respond together" in viewer_charts.synchrony_finding("engagement", tie)
    assert "cannot be said" in viewer_charts.synchrony_finding("engagement", None)
    assert viewer_charts.synchrony_bars({}) == ""
