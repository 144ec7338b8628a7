"""Many recordings into a study at once."""

from __future__ import annotations

import pytest

from dashboard.audience.studies.data import (
    by_rule,
    create,
    leave_out,
    listed,
    load,
    take_back,
)
from dashboard.audience.study.members import assignment
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.storage import Store, open_store
from tests.dashboard.simulated import plant


@pytest.mark.parametrize(
    ("name", "rule", "expected"),
    [
        ("P07_B_take2", "{respondent}_{condition}*", ("B", "P07", None)),
        ("p07_b_take2.mp4", "{respondent}_{condition}_*", ("B", "p07", None)),
        ("Spot 3 - A - anna", "{stimulus} - {condition} - {respondent}", ("A", "anna", "Spot 3")),
        ("anna", "{respondent}_{condition}", (None, None, None)),
    ],
)
def test_a_pattern_reads_a_files_name(
    name: str, rule: str, expected: tuple[str | None, ...]
) -> None:
    found = assignment.read_names([name], rule, {"condition": ["A", "B"]})
    assert tuple(found.loc[0, ["condition", "respondent", "stimulus"]]) == expected


@pytest.mark.parametrize("rule", ["{who}_x", "plain", "{condition}{condition}"])
def test_a_pattern_that_makes_no_sense_is_refused_in_words(rule: str) -> None:
    with pytest.raises(RaptError) as told:
        assignment.pattern(rule)
    assert told.value.hint


@pytest.fixture
def store(home: Home):  # type: ignore[no-untyped-def]
    with open_store(home, look_after=False) as opened:
        for number in range(4):
            plant(home, f"P{number}_{'AB'[number % 2]}", seconds=12, viewers=1, rate=3)
        opened.sync()
        yield opened


def test_sessions_are_added_and_assigned_by_name(store: Store) -> None:
    study_id = create(store, "Spring spot", "Which holds?", "A, B, A", "Ad ")
    assert store.studies.get(study_id).kind == "ad"
    assert listed(" A ,, B,A") == ("A", "B")
    free = assignment.unassigned(store)
    assert assignment.add(store, study_id, free["session_id"].tolist()) == 4
    assert assignment.unassigned(store).empty
    study = load(store, study_id)
    assert study is not None
    before = assignment.table(study.sessions)
    found = assignment.read_names(before["name"].tolist(), "{respondent}_{condition}", {})
    after = before.assign(condition=found["condition"], respondent=found["respondent"])
    assert assignment.assign(store, before, after) == 4
    assert assignment.assign(store, after, after) == 0
    study = load(store, study_id)
    assert study is not None
    assert study.counted["condition"].value_counts().to_dict() == {"A": 2, "B": 2}
    assert sorted(study.counted["respondent"]) == ["P0", "P1", "P2", "P3"]
    assert [row.sessions for row in store.studies.list()] == [4]
    with pytest.raises(RaptError, match="already"):
        create(store, "spring SPOT")


def test_a_session_is_left_out_and_taken_back_with_a_reason(store: Store) -> None:
    study_id = create(store, "Spring spot")
    ids = assignment.unassigned(store)["session_id"].tolist()
    assignment.add(store, study_id, ids)
    with pytest.raises(RaptError, match="reason"):
        leave_out(store, ids[0], " ")
    leave_out(store, ids[0], "fell asleep")
    assert load(store, study_id).left_out["session_id"].tolist() == [ids[0]]  # type: ignore[union-attr]
    take_back(store, ids[0], "awake after all")
    assert load(store, study_id).left_out.empty  # type: ignore[union-attr]
    by_rule(store, ids[0])
    assert load(store, study_id).sessions["included"].isna().all()  # type: ignore[union-attr]
