from __future__ import annotations

import pytest

from fer_core.errors import StoreError
from fer_core.storage import Store
from fer_core.storage.sessions import IncludeSession
from fer_core.storage.timeline.viewers import EditKind, EditViewer
from fer_core.studies.membership import Study, find_study, load_study
from fer_core.studies.seconds import study_seconds


def study_of(store: Store) -> Study:
    return load_study(store, find_study(store, None))


def test_a_session_left_out_by_hand_says_why_and_comes_back(small_store: Store) -> None:
    before = study_of(small_store)
    one = str(before.counted["session_id"].iloc[0])
    small_store.run(
        IncludeSession(session_id=one, included=False, reason="watched with the sound off")
    )
    after = study_of(small_store)
    assert after.left_out["session_id"].tolist() == [one]
    assert after.left_out["reason"].tolist() == ["left out by hand: watched with the sound off"]
    assert after.stamp != before.stamp
    small_store.run(IncludeSession(session_id=one, included=None))
    assert study_of(small_store).stamp == before.stamp


def test_a_poor_session_is_left_out_by_the_rule_until_taken_back(small_store: Store) -> None:
    one = str(study_of(small_store).counted["session_id"].iloc[0])
    with small_store.transaction() as cursor:
        cursor.execute("UPDATE sessions SET quality = 0.41 WHERE session_id = ?", [one])
    left_out = study_of(small_store).left_out
    assert left_out["reason"].tolist() == ["a usable face in 41 % of the time, under 60 %"]
    small_store.run(IncludeSession(session_id=one, included=True, reason="short but clear"))
    row = study_of(small_store).counted.set_index("session_id").loc[one]
    assert row["reason"] == "taken back by hand: short but clear"
    assert row["flagged"]


def test_a_study_is_found_by_name_and_an_unknown_one_is_named(small_store: Store) -> None:
    study = study_of(small_store)
    assert find_study(small_store, study.name) == study.study_id
    with pytest.raises(StoreError, match="no study 'Autumn'"):
        find_study(small_store, "Autumn")


def test_correction_moves_expressions_and_leaves_attention(small_store: Store) -> None:
    study = study_of(small_store)
    names = ("attention", "p_neutral")
    raw = study_seconds(small_store, study.counted, names)
    fixed = study_seconds(small_store, study.counted, names, corrected=True)
    both = raw.merge(fixed, on=["session_id", "viewer", "second"])
    assert len(both) == len(raw) == len(fixed)
    assert (both["attention_x"] - both["attention_y"]).abs().max() < 1e-4
    early = both[both["second"] < 3].groupby("session_id")["p_neutral_y"].mean()
    # within its own pre-roll a viewer's mean comes near the reference, 0.7
    assert early.between(0.6, 0.8).all()


def test_an_excluded_span_is_out_of_the_corrected_seconds_too(small_store: Store) -> None:
    study = study_of(small_store)
    one = study.counted.head(1)
    small_store.run(
        EditViewer( session_id=str(one["session_id"].iloc[0]), kind=EditKind.EXCLUDE, viewer=0,
        from_ms=10_000, to_ms=15_000,
    ))  # fmt: skip
    for corrected in (False, True):
        seconds = study_seconds(small_store, one, ("attention",), corrected=corrected)
        assert not seconds["second"].between(10, 14).any()
        assert seconds["second"].max() == 29
