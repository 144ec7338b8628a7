"""The study's and the comparison's numbers and figures, on the demo study."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dashboard.audience.compare import charts as comparing
from dashboard.audience.compare import data as comparison
from dashboard.audience.study import charts as audience
from dashboard.audience.study import data as study_view
from dashboard.audience.study import viewer_charts as viewers
from dashboard.shared.charts import tables
from dashboard.shared.charts.panels import second_of
from fer_core.home import Home
from fer_core.measures import MEASURES
from fer_core.palette import A_COLOUR, B_COLOUR, DARK, LIGHT, faded
from fer_core.reports import units
from fer_core.storage import Store, open_store
from fer_core.studies.membership import Study, find_study, load_study
from fer_core.studies.seconds import study_seconds


@pytest.fixture(scope="module")
def store(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    root = tmp_path_factory.mktemp("charts") / "home"
    shutil.copytree(demo_template, root)
    with open_store(Home(root), look_after=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def study(store: Store) -> Study:
    return load_study(store, find_study(store, None))


@pytest.fixture(scope="module")
def seconds(store: Store, study: Study) -> pd.DataFrame:
    return study_seconds(store, study.counted, MEASURES)


def of(study: Study, name: str) -> study_view.Audience:
    return next(one for one in study_view.audiences(study) if one.name == name)


def test_the_audiences_are_all_and_each_condition(study: Study) -> None:
    found = {one.name: len(one.session_ids) for one in study_view.audiences(study)}
    assert found == {study_view.EVERYONE: 48, "A": 24, "B": 24}
    assert of(study, "B").length_ms == 30_000
    assert len(of(study, "B").scenes) == 6


def test_the_curve_has_a_band_and_n_for_every_second(study: Study, seconds: pd.DataFrame) -> None:
    view = study_view.view(seconds, of(study, "B"), "engagement")
    assert view.curve["second"].tolist() == list(range(30))
    known = view.curve.dropna()
    assert len(known) == 30
    assert (known["low"] <= known["mean"]).all()
    assert (known["mean"] <= known["high"]).all()
    assert view.viewers == 24
    assert view.lanes.shape == (24, 30)
    assert view.response.peak is not None
    # the planted smile: B is happiest in the punchline, 24 to 28 s
    assert 24 <= view.response.peak.second < 28
    assert audience.finding(view.curve, "engagement", view.response.peak).startswith(
        "Engagement peaks at"
    )
    ties = study_view.synchrony_of(seconds, of(study, "B"), "engagement")
    assert ties["engagement"].together
    assert view.response.scenes.loc[view.response.scenes["lift"].idxmax(), "scene"] == "Punchline"


def test_a_second_leads_to_the_viewers_who_showed_most(study: Study, seconds: pd.DataFrame) -> None:
    view = study_view.view(seconds, of(study, "B"), "p_happy")
    shown = study_view.moment(view, study, 26)
    values = [one.value for one in shown]
    assert len(shown) == 5
    assert values == sorted(values, reverse=True)
    assert values[0] == np.nanmax(view.lanes[:, 26])
    mine = seconds[(seconds["session_id"] == shown[0].session_id) & (seconds["second"] == 26)]
    assert mine["p_happy"].tolist() == [pytest.approx(values[0])]
    assert shown[0].t_s == 26
    assert study_view.moment(view, study, 99) == []
    # the middle of a second on the chart is that second
    assert second_of("1970-01-01 00:00:26.5") == 26


def test_a_minimum_group_hides_small_audiences_and_single_viewers(
    study: Study, seconds: pd.DataFrame
) -> None:
    view = study_view.view(seconds, of(study, "A"), "engagement", minimum=30)
    assert view.empty
    assert view.labels == []
    assert view.keys == []
    assert not study_view.synchrony_of(seconds, of(study, "A"), "engagement", minimum=30)
    assert np.isnan(view.response.numbers["mean"].value)
    assert "smaller than the minimum" in audience.finding(view.curve, "engagement")
    smaller = study_view.view(seconds, of(study, "A"), "engagement", minimum=5)
    assert not smaller.empty
    assert smaller.labels == []


@pytest.mark.parametrize("measure", ["engagement", "valence", "p_happy", "activation"])
def test_the_audience_figure_draws_what_the_table_says(
    study: Study, seconds: pd.DataFrame, measure: str
) -> None:
    view = study_view.view(seconds, of(study, "B"), measure)
    whose = of(study, "B")
    figure = audience.figure(
        view.curve, view.shares, measure, scenes=whose.scenes, markers=whose.markers,
        length_ms=view.length_ms, look=LIGHT,
    )  # fmt: skip
    line = next(one for one in figure.data if one.name == units.name(measure))
    np.testing.assert_allclose(np.asarray(line.y, float), view.curve["mean"])
    low, high = figure.layout.yaxis.range
    assert view.curve["mean"].between(low, high).all()
    # three pale scenes and two markers, on both panels
    assert len(figure.layout.shapes) == 2 * (3 + 2)


@pytest.mark.parametrize("measure", ["engagement", "valence", "attention"])
def test_the_heat_map_is_a_level_a_second_with_its_word(
    study: Study, seconds: pd.DataFrame, measure: str
) -> None:
    view = study_view.view(seconds, of(study, "B"), measure)
    lanes = view.lanes.copy()
    lanes[3, 5] = np.nan
    heat = viewers.heat_map(lanes, view.labels, measure, length_ms=30_000, look=DARK)
    assert heat.cells.shape == lanes.shape
    assert heat.cells[3, 5] == viewers.UNKNOWN
    assert (heat.cells == viewers.UNKNOWN).sum() == np.isnan(lanes).sum()
    low, high = (-1, 1) if measure == "valence" else (0, 100 if measure == "engagement" else 1)
    back = low + heat.cells / (viewers.LEVELS - 1) * (high - low)
    known = ~np.isnan(lanes)
    assert np.abs(back - lanes)[known].max() <= (high - low) / (2 * (viewers.LEVELS - 1)) + 1e-6
    assert len(heat.colours) == len(heat.words) == viewers.LEVELS
    assert heat.words[-1] == units.say(measure, high)
    assert len(set(heat.colours)) > 100


def test_many_viewers_still_fit_the_page() -> None:
    rows = viewers.heat_map(np.zeros((200, 30)), ["R"] * 200, "engagement", length_ms=1, look=LIGHT)
    few = viewers.heat_map(np.zeros((5, 30)), ["R"] * 5, "engagement", length_ms=1, look=LIGHT)
    assert rows.row * 200 == 600
    assert few.row == viewers.ROW


def test_synchrony_is_a_dot_beside_the_range_of_chance(study: Study, seconds: pd.DataFrame) -> None:
    found = study_view.synchrony_of(seconds, of(study, "B"), "engagement")
    said = viewers.synchrony_bars(found)
    tie = found["engagement"]
    assert f"{tie.value:.2f}" in said
    assert f"by chance {units.signed(tie.low, 2)} to {units.signed(tie.high, 2)}" in said
    places = [float(one) for one in re.findall(r'em style="left:([\d.]+)%', said)]
    bars = [float(one) for one in re.findall(r'span style="left:([\d.]+)%', said)]
    assert all(0 <= one <= 100 for one in (*places, *bars))
    assert places[0] > bars[0]  # its viewers respond together
    assert "respond together" in viewers.synchrony_finding("engagement", tie)
    assert "cannot be told" in viewers.synchrony_finding("engagement", None)
    assert viewers.synchrony_bars({}) == ""


def test_the_compared_figure_shades_the_planted_spans_and_no_other(
    study: Study, seconds: pd.DataFrame
) -> None:
    groups = comparison.kinds(study)["condition"]
    found = comparison.compared(study, seconds, groups, "engagement")
    (one,) = found.compared.pairs.values()
    figure = comparing.figure(
        found.curves, one, "engagement", scenes=(), length_ms=30_000, look=LIGHT
    )
    shaded = {
        (pd.Timestamp(s.x0).value // 10**9, pd.Timestamp(s.x1).value // 10**9, s.fillcolor)
        for s in figure.layout.shapes
    }
    assert shaded == {(12, 19, faded(B_COLOUR, 0.14)), (24, 28, faded(B_COLOUR, 0.14))}
    assert comparing.colours(found.compared.names) == {"A": A_COLOUR, "B": B_COLOUR}
    said = "Engagement is higher in B from 0:12 to 0:19, 0:24 to 0:28"
    assert comparing.finding(one, "engagement") == said
    happy = comparison.compared(study, seconds, groups, "p_happy")
    (alone,) = happy.compared.pairs.values()
    assert [(c.from_ms, c.to_ms) for c in alone.clusters if c.significant] == [(24_000, 28_000)]


def test_a_minimum_group_hides_what_a_comparison_would_tell_of_few(
    study: Study, seconds: pd.DataFrame
) -> None:
    two = comparison.kinds(study)["session"][:2]
    found = comparison.compared(study, seconds, two, "engagement", minimum=5)
    (one,) = found.compared.pairs.values()
    assert one.over_time["difference"].isna().all()
    assert one.scenes[["mean_a", "difference", "effect"]].isna().all(axis=None)
    assert all(table["mean"].isna().all() for table in found.curves.values())
    assert one.sentence.startswith("Too few viewers")
    shown = comparison.compared(study, seconds, two, "engagement", minimum=1)
    assert next(iter(shown.compared.pairs.values())).over_time["difference"].notna().any()


def test_of_several_pairs_each_sentence_says_which_it_is_of(
    study: Study, seconds: pd.DataFrame
) -> None:
    a, b = comparison.kinds(study)["condition"]
    half = a.sessions.iloc[::2]
    rest = comparison.Group("The rest of A", a.sessions.drop(half.index))
    groups = [comparison.Group("Half of A", half), rest, b]
    said = comparison.compared(study, seconds, groups, "engagement").compared.sentences
    assert len(said) == 3
    assert said[0].startswith("No difference found between Half of A and The rest of A")
    assert said[1].startswith("Half of A and B: B ")
    assert said[2].startswith("The rest of A and B: B ")


def test_every_viewers_mean_is_in_the_spread(study: Study, seconds: pd.DataFrame) -> None:
    groups = comparison.kinds(study)["condition"]
    found = comparison.compared(study, seconds, groups, "attention")
    counts = found.spread.groupby(["scene", "group"]).size()
    assert len(counts) == 6 * 2
    assert set(counts) == {24}
    figure = comparing.spread(found.spread, found.compared.names, "attention", LIGHT)
    assert [len(one.y) for one in figure.data] == [6 * 24, 6 * 24]
    assert comparison.compared(study, seconds, groups, "attention", minimum=5).spread.empty


def test_tables_say_scenes_effects_and_too_few(study: Study, seconds: pd.DataFrame) -> None:
    groups = comparison.kinds(study)["condition"]
    (one,) = comparison.compared(study, seconds, groups, "engagement").compared.pairs.values()
    html = tables.differences(one.scenes, "A", "B", "engagement")
    assert html.count('class="rapt-clear"') == 2
    assert "large" in html
    few = one.scenes.assign(p_corrected=np.nan)
    assert "too few viewers" in tables.differences(few, "A", "B", "engagement")
    hostile = one.scenes.assign(scene="<img src=x>")
    assert "<img" not in tables.differences(hostile, "<b>A</b>", "B", "engagement")


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
