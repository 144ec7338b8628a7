"""A study with sessions that know of eyes and sessions that do not: version 1 for all, said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from fer_core.analytics.study import sheets
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.measures import measure_versions
from fer_core.storage import Store, open_store
from fer_core.storage.sessions import AssignSession
from fer_core.studies.headlines import study_headlines
from fer_core.studies.membership import Study, earlier_for_all, load_study
from fer_core.studies.seconds import study_seconds
from tests.storage.rows import say
from tests.storage.sleeper import write_all

NEW, OLD = measure_versions(), measure_versions(eyes=False)
MEASURES = ["attention", "engagement"]


def study_of(store: Store, home: Home, *versions: dict[str, str]) -> Study:
    for number, made in enumerate(versions):
        write_all(home, f"s{number}", eyes=made is NEW, versions=made, study="Spots",
                  stimulus="Film")  # fmt: skip
    store.sync()
    return load_study(store, store.studies.list()[0].study_id)


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    with open_store(home, look_after=False) as store:
        yield store


def of_session(table: pd.DataFrame, session_id: str) -> pd.DataFrame:
    return table[table["session_id"] == session_id].set_index("second")


def test_sessions_of_one_version_keep_it(home: Home, store: Store) -> None:
    study = study_of(store, home, NEW, NEW)
    assert study.eyes
    assert earlier_for_all(study) == ""
    assert "blink" in study.measures
    seconds = study_seconds(store, study.counted, MEASURES)
    assert of_session(seconds, "s0")["attention"][5] == 0  # asleep


@pytest.mark.parametrize("corrected", [False, True])
def test_mixed_sessions_all_have_version_1(home: Home, store: Store, corrected: bool) -> None:
    study = study_of(store, home, NEW, OLD)
    assert not study.eyes
    assert "1 of 2 sessions" in earlier_for_all(study)
    seconds = study_seconds(store, study.counted, MEASURES, corrected=corrected)
    new, old = of_session(seconds, "s0"), of_session(seconds, "s1")
    assert new["attention"][5] == 0.5  # facing, as the row's maker says
    assert old["attention"][5] == 1
    if not corrected:
        assert new["engagement"].to_numpy() == pytest.approx(50 * (0.4 + 0.6 * 0.95))
        assert old["engagement"].to_numpy() == pytest.approx(60)
    raw = store.timeline.seconds("s0").set_index("second")
    assert raw["attention"][5] == 0  # what is stored stays


def test_a_group_of_a_mixed_study_has_the_version_of_the_whole(home: Home, store: Store) -> None:
    study = study_of(store, home, NEW, OLD)
    alone = study.counted[study.counted["session_id"] == "s0"]
    seconds = study_seconds(store, alone, MEASURES, eyes=study.eyes)
    assert of_session(seconds, "s0")["attention"][5] == 0.5
    assert of_session(study_seconds(store, alone, MEASURES), "s0")["attention"][5] == 0


def test_a_list_shows_the_mean_of_the_page(home: Home, store: Store) -> None:
    study = study_of(store, home, NEW, OLD)
    seconds = study_seconds(store, study.counted, MEASURES)
    (mean,) = study_headlines(store, [study], "attention")[study.study_id].means
    assert mean == pytest.approx(seconds.groupby("second")["attention"].mean().mean())


def test_sessions_without_eyes_offer_no_measure_of_eyes_and_name_version_1(
    home: Home, store: Store
) -> None:
    study = study_of(store, home, OLD)
    assert "blink" not in study.measures
    assert {"attention", "p_happy"} < set(study.measures)
    seconds = store.timeline.seconds("s0")
    book = sheets(seconds, study.measures, eyes=study.eyes)
    assert "attention/1" in book["method"]["version"].tolist()
    assert seconds["eyes_closed"].isna().all()


def test_an_older_session_analysed_again_takes_its_place(
    home: Home, store: Store, tmp_path: Path
) -> None:
    study_of(store, home, NEW, OLD)
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    say(home, "s1", status="done", versions=OLD, study="Spots", path=str(film),
        model="rapt-1@0123")  # fmt: skip
    store.sync()
    store.run(AssignSession(session_id="s1", offset_ms=1500, respondent="Ada"))
    job_id, session_id = queue.analyse_with_eyes(store, "s1")
    spec = AnalysisSpec.from_json(store.jobs.get(job_id).spec)
    assert (spec.session_id, spec.again_of, spec.offset_ms) == (session_id, "s1", 1500)
    assert (spec.stimulus, spec.respondent) == ("Film", "Ada")
    assert spec.settings.eyes
    study = load_study(store, store.studies.list()[0].study_id)
    assert study.counted["session_id"].tolist() == ["s0"]
    assert study.eyes
    assert "analysed again" in study.left_out["reason"].iloc[0]
