from __future__ import annotations

import pytest

from fer_core.analytics.simulate import PLANTED
from fer_core.errors import RaptError
from fer_core.storage import Store
from fer_core.studies.groups import available, compare_groups, find_groups, is_paired, scenes_of
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
