"""Viewers by their answers: groups and filters, and small ones refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f as f_distribution

from fer_core.analytics.methods.face_added import face_added
from fer_core.analytics.methods.segments import TOGETHER, _stepped_down, differences
from fer_core.analytics.methods.told import told_beside
from fer_core.errors import DataError, SettingsError
from fer_core.reports.answers import answered as answered_blocks
from fer_core.reports.content import ReportOptions, gather
from fer_core.reports.study_export import study_sheets, viewers_seconds
from fer_core.storage import Store
from fer_core.storage.sessions import DeleteSession
from fer_core.studies.answers import (
    answers_table,
    distributions,
    gain_of_faces,
    segment_differences,
    told,
)
from fer_core.studies.membership import Study, load_study
from fer_core.studies.segments import filters, narrow, segments
from tests.course.answering import answer_all
from tests.demo import copy_of


def _study(sizes: dict[str, int]) -> Study:
    """A study whose respondents have a dog or not, and two sessions each."""
    names = [f"{dog}{i}" for dog, n in sizes.items() for i in range(n)]
    rows = pd.DataFrame(
        {
            "session_id": [f"{name}-{film}" for name in names for film in "AB"],
            "respondent": np.repeat(names, 2),
            "condition": None,
            "stimulus": ["A", "B"] * len(names),
            "counts": True,
        }
    )
    having = {key: (key.rstrip("0123456789-AB"),) for key in rows["session_id"]}
    return Study("y", "Ads", "", "", False, (), (), (), rows, {"dog": having})


def _sizes(study: Study, by: str = "dog") -> dict[str, int]:
    return {one.name: len(one.sessions) // 2 for one in segments(study, by)}


def test_groups_show_how_many_and_small_ones_are_refused() -> None:
    assert _sizes(_study({"yes": 8, "no": 5})) == {"no": 5, "yes": 8}
    assert _sizes(_study({"yes": 8, "no": 4})) == {}, "the rest of all would be four"
    assert _sizes(_study({"yes": 8, "no": 6, "maybe": 2})) == {"yes": 8}
    assert _sizes(_study({"yes": 8, "no": 3, "maybe": 2})) == {"yes": 8}


def test_filters_refuse_small_groups_and_small_rests() -> None:
    study = _study({"yes": 8, "no": 6, "maybe": 2})
    assert len(narrow(study, ["dog=yes"]).counted) == 16
    assert narrow(study, ["dog=yes"]).name == "Ads (dog=yes)"
    with pytest.raises(DataError, match="Only 2"):
        narrow(study, ["dog=maybe"])
    with pytest.raises(DataError, match="All but 2"):
        narrow(study, ["dog=yes|no"])
    with pytest.raises(DataError, match="Nobody"):
        narrow(study, ["dog=cat"])
    with pytest.raises(SettingsError, match="no filter"):
        narrow(study, ["dog"])
    with pytest.raises(SettingsError, match="nothing called"):
        narrow(study, ["cat=yes"])
    assert len(narrow(study, ["stimulus=A"]).counted) == 16, "a film leaves nobody over"


def test_two_factors_are_crossed() -> None:
    study = _study({"yes": 12, "no": 12})
    old = {key: ("old" if int(key.split("-")[0][-1]) % 2 else "young",)
           for key in study.sessions["session_id"]}  # fmt: skip
    both = replace(study, attributes={**study.attributes, "age": old})
    found = _sizes(both, "dog x age")
    assert set(found) == {"yes, old", "yes, young", "no, old", "no, young"}
    assert sum(found.values()) == 24


def test_what_was_told_beside_the_faces() -> None:
    rng = np.random.default_rng(2)
    faces = np.convolve(rng.normal(size=70), np.ones(5) / 5, "valid")
    assert told_beside(faces + 0.1 * rng.normal(size=66), faces, 9).follows
    assert not told_beside(np.roll(faces, 33), faces, 9).follows
    assert told_beside(np.full(66, 50.0), faces, 9).reason


def test_the_face_adds_what_was_planted_and_nothing_else() -> None:
    rng = np.random.default_rng(4)
    face, known = rng.normal(size=(90, 5)), rng.normal(size=(90, 2))
    liking = known[:, 0] + face[:, 0] + rng.normal(size=90)
    found = face_added(liking, known, face)
    assert found.claims
    assert found.low < 0.25 < found.high
    assert not face_added(known[:, 0] + rng.normal(size=90), known, face).claims
    assert face_added(liking[:39], known[:39], face[:39]).reason == "under 40 respondents"


@pytest.fixture(scope="module")
def answered(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, str]]:
    """The demo study as if its viewers had come by a course, with answers and a slider."""
    with copy_of(demo_template, tmp_path_factory.mktemp("answered")) as store:
        study_id = store.studies.list()[0].study_id
        answer_all(store, study_id)
        yield store, study_id


def test_answers_reach_groups_workbook_and_report(answered: tuple[Store, str]) -> None:
    store, study_id = answered
    study = load_study(store, study_id)
    n = len(study.counted)
    assert {"age", "has a dog", "liking", "why"} <= set(study.attributes)
    assert "has a dog=yes" in filters(study)
    groups = segments(study, "has a dog")
    assert sum(len(one.sessions) for one in groups) == n
    narrowed = narrow(study, ["has a dog=yes"])
    assert narrowed.stamp != study.stamp
    assert set(answers_table(store, narrowed)["respondent"]) < set(
        answers_table(store, study)["respondent"]
    )
    seconds = viewers_seconds(store, study, corrected=False)
    book = study_sheets(store, study, seconds, corrected=False, minimum=1)
    told_all = book["answers"]
    assert len(told_all) == 4 * len(study.sessions)
    assert set(told_all["question"]) == {"age", "has a dog", "liking", "why"}
    assert "=Text 0" in set(told_all["answer"])
    assert "answers" not in study_sheets(store, study, seconds, corrected=False, minimum=5)
    assert len(book["told by the second"]) == 20 * len(study.sessions)

    found = {one.question: one for one in distributions(store, study)}
    assert dict(found["has a dog"].counts)["yes"] == len(study.sessions) // 2
    assert found["liking"].mean is not None
    assert len(found["why"].texts) == len(study.sessions)
    content = gather(store, study, ReportOptions(by="has a dog", measures=("engagement",)))
    assert content.compared is not None
    assert set(content.compared.names) == {"yes", "no"}
    names = set(told_all["respondent"])
    written = str(answered_blocks(content.answers))
    assert "=Text 0" in written
    assert not any(name in written for name in names), "an answer never bears a name"


def test_the_gain_of_faces_and_the_told_curve_of_a_study(answered: tuple[Store, str]) -> None:
    store, study_id = answered
    study = load_study(store, study_id)
    seconds = viewers_seconds(store, study, corrected=False)
    gain = gain_of_faces(store, study, "liking", seconds)
    assert gain is not None
    assert gain.respondents == len(study.counted)
    assert not gain.claims, "liking was given by turns"
    assert gain_of_faces(store, study, "why", seconds) is None
    found_by = segment_differences(study, seconds)
    assert {one.segment for one in found_by} >= {"has a dog", "liking"}
    curve = seconds[seconds["second"] >= 0].groupby("second")["engagement"].mean()
    found = told(store, list(study.counted["session_id"]),
                 pd.Series(curve.index), pd.Series(curve.to_numpy()))  # fmt: skip
    assert found is not None
    table, beside = found
    assert table["mean"].iloc[3] == 3
    assert beside.viewers == len(study.counted)


def test_a_planted_segment_is_found_and_chance_is_not() -> None:
    rng = np.random.default_rng(5)
    side = np.repeat(["yes", "no", ""], [24, 24, 3])
    other = rng.choice(["a", "b"], 51)
    y = rng.normal(size=51) + 1.5 * (side == "yes")
    y[0] = np.nan
    found = {one.segment: one for one in differences({"engagement": y},
                                                     {"dog": side, "age": other})}  # fmt: skip
    assert found["dog"].corrected < 0.05 < found["age"].corrected
    assert found["dog"].n == {"no": 24, "yes": 23}


def test_measures_that_differ_together_are_found_together() -> None:
    """A difference along which the measures seldom vary, by Hotelling's T² of two groups."""
    rng = np.random.default_rng(3)
    side = np.repeat(["yes", "no"], [20, 28])
    shared = rng.normal(size=48)
    first, second = (shared + 0.3 * rng.normal(size=48) for _ in range(2))
    y = {"engagement": first + 0.5 * (side == "yes"), "valence": second}
    by_measure = {one.measure: one for one in differences(y, {"dog": side})}
    together = by_measure[TOGETHER]
    a, b = (np.column_stack(list(y.values()))[side == one] for one in ("yes", "no"))
    within = (19 * np.cov(a.T) + 27 * np.cov(b.T)) / 46
    apart = a.mean(axis=0) - b.mean(axis=0)
    t2 = 20 * 28 / 48 * apart @ np.linalg.solve(within, apart)
    assert together.p == pytest.approx(f_distribution.sf(t2 * 45 / (46 * 2), 2, 45))
    assert together.corrected < 0.05 < by_measure["engagement"].corrected


def test_surer_segments_leave_less_to_be_corrected_for() -> None:
    """Step by step: with p in that order, each is corrected for those that are left alone."""
    chance = np.array([[0.01, 0.5, 0.9], [0.4, 0.02, 0.9], [0.3, 0.6, 0.03]])
    assert _stepped_down(np.array([0.005, 0.02, 0.5]), chance).tolist() == [0.25, 0.5, 0.75]


def test_answers_go_with_the_last_recording(answered: tuple[Store, str]) -> None:
    store, study_id = answered
    before = len(store.courses.answers_of(study_id))
    session_id = store.sessions.list(study_id=study_id)["session_id"].iloc[0]
    store.run(DeleteSession(session_id=session_id))
    assert len(store.courses.answers_of(study_id)) == before - 4
    assert store.courses.ratings([session_id]).empty
