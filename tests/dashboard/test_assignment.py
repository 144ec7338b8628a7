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
from dashboard.audience.study import assignment
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.storage import Store, open_store
from fer_core.storage.markers import NewMarker
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


@pytest.mark.parametrize(
    ("text", "ms"), [("12", 12_000), ("12.5", 12_500), ("0:12", 12_000), ("1:02:03", 3_723_000)]
)
def test_times_are_read_as_people_write_them(text: str, ms: int) -> None:
    assert assignment.parse_time(text) == ms


@pytest.mark.parametrize("text", ["", "soon", "0:75", "1:2:3:4"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(RaptError):
        assignment.parse_time(text)


def test_markers_come_from_csv_with_commas_or_semicolons() -> None:
    comma = b"name,from,to\nLogo,0:28,0:30\nCut,12.5,\n"
    expected = [
        NewMarker("Logo", 28_000, 30_000),
        NewMarker("Cut", 12_500),
    ]
    assert assignment.read_markers(comma) == expected
    semicolon = "\ufeffScene;start_s;from_ms;to_ms\nLogo;;28000;30000\n".encode()
    assert assignment.read_markers(semicolon) == expected[:1]
    with pytest.raises(RaptError, match="Line 2"):
        assignment.read_markers(b"name,from\nLogo,later\n")
    with pytest.raises(RaptError, match="name"):
        assignment.read_markers(b"title2,x\n1,2\n")


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
    assert listed(" A ,, B,A") == ["A", "B"]
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
