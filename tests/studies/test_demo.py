from __future__ import annotations

import numpy as np
import pandas as pd

from fer_core.analytics.simulate import LENGTH_S, MARKERS, SCENES, VIEWERS, simulate_study
from fer_core.storage import Store
from fer_core.storage.sessions import DeleteSession
from fer_core.studies.demo import STIMULUS, plant_demo
from fer_core.studies.membership import Study, load_study
from tests.analytics.referee import viewer_seconds
from tests.studies.conftest import a_few


def test_the_demo_is_two_versions_with_24_viewers_each(demo_study: Study) -> None:
    counts = demo_study.counted["condition"].value_counts().to_dict()
    assert counts == {"A": VIEWERS, "B": VIEWERS}
    assert demo_study.conditions == ("A", "B")
    stimulus = demo_study.stimuli[0].stimulus_id
    assert demo_study.scenes([stimulus]) == SCENES
    assert demo_study.points([stimulus]) == MARKERS
    assert demo_study.length_ms() == 1000 * LENGTH_S


def test_everything_in_it_says_that_it_is_simulated(demo_study: Study, demo_store: Store) -> None:
    assert demo_study.simulated
    assert "simulated" in demo_study.name
    assert "simulated" in STIMULUS
    assert demo_study.sessions["name"].str.contains("simulated").all()
    assert set(demo_study.sessions["kind"]) == {"demo"}
    assert set(demo_study.sessions["model"]) == {"simulated"}


def test_the_stored_seconds_are_those_of_the_simulated_timelines(
    demo_study: Study, demo_store: Store
) -> None:
    truth = simulate_study().sessions[30]
    mine = demo_study.sessions[demo_study.sessions["respondent"] == truth.respondent]
    stored = demo_store.timeline.seconds(str(mine["session_id"].iloc[0]))
    made = viewer_seconds(truth.timeline, truth.frames)
    assert stored["second"].tolist() == made["second"].tolist()
    for name in ("engagement", "attention", "p_happy"):
        np.testing.assert_allclose(stored[name], made[name], atol=1e-4)


def test_planting_it_again_adds_only_what_is_missing(small_store: Store) -> None:
    study_id, added = plant_demo(small_store, study=a_few())
    assert added == 0
    gone = str(small_store.sessions.list(study_id=study_id)["session_id"].iloc[0])
    small_store.run(DeleteSession(session_id=gone))
    assert plant_demo(small_store, study=a_few()) == (study_id, 1)
    study = load_study(small_store, study_id)
    assert len(study.counted) == 6
    assert len(study.stimuli) == 1
    assert len(small_store.studies.list()) == 1
    assert not pd.isna(study.counted["quality"]).any()
