"""One audience of the demo study, ready to draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboard.audience.study import charts, data
from dashboard.shared.charts.panels import second_of
from fer_core.studies.membership import Study


def of(study: Study, name: str) -> data.Audience:
    return next(one for one in data.audiences(study) if one.name == name)


def test_the_audiences_are_all_and_each_condition(study: Study) -> None:
    found = {one.name: len(one.session_ids) for one in data.audiences(study)}
    assert found == {data.EVERYONE: 48, "A": 24, "B": 24}
    assert of(study, "B").length_ms == 30_000
    assert len(of(study, "B").scenes) == 6


def test_a_study_of_two_conditions_is_read_by_them_and_pooled_on_request(study: Study) -> None:
    found = data.choices(study)
    assert list(found) == ["Each condition", data.EVERYONE, "A", "B"]
    assert [one.name for one in found["Each condition"]] == ["A", "B"]
    assert [len(one) for one in found.values()] == [2, 1, 1, 1]


def test_who_has_no_name_is_called_as_the_session(study: Study, seconds: pd.DataFrame) -> None:
    sessions = study.sessions.copy()
    sessions.loc[sessions["condition"] == "B", "respondent"] = None
    unnamed = replace(study, sessions=sessions)
    view = data.view(seconds, of(study, "B"), "engagement", names=unnamed.viewer_names)
    assert set(view.labels) == set(sessions.loc[sessions["condition"] == "B", "name"])
    viewers = pd.DataFrame({"session_id": ["s1", "s1", "s2"], "viewer": [0, 1, 0]})
    assert data._labels(viewers, {"s1": "The room"}) == ["The room #0", "The room #1", "s2"]


def test_two_audiences_answer_together_of_whom_a_viewer_is(
    study: Study, seconds: pd.DataFrame
) -> None:
    views = [data.view(seconds, of(study, name), "p_happy") for name in "AB"]
    shown = data.moment(views, study, 26)
    assert {one.label[-4:] for one in shown} <= {" (A)", " (B)"}
    assert shown[0].value == max(np.nanmax(one.lanes[:, 26]) for one in views)


def test_the_curve_has_a_band_and_n_for_every_second(study: Study, seconds: pd.DataFrame) -> None:
    view = data.view(seconds, of(study, "B"), "engagement")
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
    assert charts.finding(view.response).startswith("Engagement peaks at")
    ties = data.synchrony_of(seconds, of(study, "B"), ("engagement",))
    assert ties["engagement"].together
    assert view.response.scenes.loc[view.response.scenes["lift"].idxmax(), "scene"] == "Punchline"


def test_a_second_leads_to_the_viewers_who_showed_most(study: Study, seconds: pd.DataFrame) -> None:
    view = data.view(seconds, of(study, "B"), "p_happy")
    shown = data.moment([view], study, 26)
    values = [one.value for one in shown]
    assert len(shown) == 5
    assert values == sorted(values, reverse=True)
    assert values[0] == np.nanmax(view.lanes[:, 26])
    mine = seconds[(seconds["session_id"] == shown[0].session_id) & (seconds["second"] == 26)]
    assert mine["p_happy"].tolist() == [pytest.approx(values[0])]
    assert shown[0].t_s == 26
    assert data.moment([view], study, 99) == []
    least = data.moment([view], study, 26, most=1, lowest=True)
    assert least[0].value == np.nanmin(view.lanes[:, 26])
    # the middle of a second on the chart is that second
    assert second_of("1970-01-01 00:00:26.5") == 26


def test_a_minimum_group_hides_small_audiences_and_single_viewers(
    study: Study, seconds: pd.DataFrame
) -> None:
    view = data.view(seconds, of(study, "A"), "engagement", minimum=30)
    assert view.empty
    assert view.labels == []
    assert view.keys == []
    assert not data.synchrony_of(seconds, of(study, "A"), ("engagement",), minimum=30)
    assert np.isnan(view.response.numbers["mean"].value)
    assert "smaller than the minimum" in charts.finding(view.response)
    smaller = data.view(seconds, of(study, "A"), "engagement", minimum=5)
    assert not smaller.empty
    assert smaller.labels == []
