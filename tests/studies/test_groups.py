from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from fer_core.analytics.simulate import PLANTED
from fer_core.errors import RaptError
from fer_core.storage import Store
from fer_core.studies.audiences import films as films_of
from fer_core.studies.audiences import side_by_side
from fer_core.studies.groups import (
    available,
    compare_groups,
    find_groups,
    is_paired,
    scenes_of,
    usual_groups,
    usual_kind,
    usual_reference,
)
from fer_core.studies.membership import Study


def test_the_planted_differences_are_found_and_nothing_else(
    demo_study: Study, demo_store: Store
) -> None:
    groups = find_groups(demo_study, ["A", "B"])
    (result,) = compare_groups(demo_store, demo_study, groups).values()
    planted = {(m, one.from_ms, one.to_ms) for one in PLANTED for m in one.measures}
    measures = set(result.settings["measures"])
    found = {(f.measure, f.from_ms, f.to_ms) for f in result.clusters if f.significant}
    assert found == {one for one in planted if one[0] in measures}
    assert {f.higher for f in result.clusters if f.significant} == {"B"}
    assert (result.n_a, result.n_b, result.too_few) == (24, 24, False)
    scenes = result.scenes[result.scenes["p_corrected"] < 0.05]
    assert set(scenes["scene"]) == {"Product", "Punchline"}


def test_groups_are_conditions_stimuli_or_sessions(demo_study: Study) -> None:
    assert [g.name for g in available(demo_study, "condition")] == ["A", "B"]
    assert len(available(demo_study, "stimulus")) == 1
    assert len(available(demo_study, "session")) == 48
    names = demo_study.counted["name"].head(2).tolist()
    assert [len(g.sessions) for g in find_groups(demo_study, names)] == [1, 1]
    with pytest.raises(RaptError, match="nobody who counts in 'C'"):
        find_groups(demo_study, ["A", "C"])
    with pytest.raises(RaptError, match="not of one kind"):
        find_groups(demo_study, ["A", names[0]])


def test_sessions_of_one_name_are_told_apart_without_their_ids(demo_study: Study) -> None:
    def named(count: int, **columns: object) -> list[str]:
        rows = demo_study.counted.head(count).assign(name="Take", **columns)
        return [one.name for one in available(replace(demo_study, sessions=rows), "session")]

    assert named(2, respondent=["Ann", "Bob"]) == ["Take (Ann)", "Take (Bob)"]
    apart = {"respondent": [None, "Bob"], "condition": "A"}
    hours = pd.to_datetime(["2026-11-02 09:05", "2026-11-02 14:30"])
    assert named(2, **apart, created=hours) == [
        "Take (2 Nov 2026, 09:05 UTC)",
        "Take (2 Nov 2026, 14:30 UTC)",
    ]
    assert named(2, **apart, created=hours[0]) == ["Take (1)", "Take (2)"]
    assert named(1) == ["Take"]


def test_a_study_is_read_by_its_conditions_unless_they_watched_several_films(
    demo_study: Study,
) -> None:
    assert [one.name for one in usual_groups(demo_study)] == ["A", "B"]
    assert usual_reference(["b", "A"]) == "A"
    sessions = demo_study.sessions
    film = demo_study.stimuli[0]
    films = (replace(film, stimulus_id="x", title="X"), replace(film, stimulus_id="y", title="Y"))
    by_half = sessions.assign(stimulus_id=["x", "y"] * (len(sessions) // 2))
    crossed = replace(demo_study, stimuli=films, sessions=by_half)
    assert [one.name for one in usual_groups(crossed)] == ["X", "Y"]
    of_condition = sessions["condition"].map({"A": "x", "B": "y"})
    nested = replace(demo_study, stimuli=films, sessions=sessions.assign(stimulus_id=of_condition))
    assert [one.name for one in usual_groups(nested)] == ["A", "B"]
    assert usual_kind(replace(demo_study, sessions=sessions.assign(condition="A"))) is None
    assert [one.film for one in side_by_side(nested)] == ["x", "y"]
    assert [one.film for one in films_of(crossed)] == ["x", "y"]
    half = sessions["stimulus_id"].where(sessions.index % 2 == 0)
    assert replace(demo_study, sessions=sessions.assign(stimulus_id=half)).without_film == 24
    assert demo_study.without_film == 0


def test_two_sessions_are_too_few_to_compare(demo_study: Study, demo_store: Store) -> None:
    groups = find_groups(demo_study, demo_study.counted["name"].head(2).tolist())
    (result,) = compare_groups(demo_store, demo_study, groups).values()
    assert result.too_few
    assert not result.clusters
    assert result.sentence.startswith("Too few viewers")


def test_only_groups_of_the_same_respondents_are_paired(demo_study: Study) -> None:
    a, b = find_groups(demo_study, ["A", "B"])
    assert not is_paired([a, b])
    assert is_paired([a, a])
    assert scenes_of(demo_study, [a, b])[0].name == "Opening"
