from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fer_core.analytics.session import quality
from fer_core.analytics.simulate import SIMULATED, SimulatedStudy, simulate_curves, simulate_study
from fer_core.labels import PROBABILITY_COLUMNS
from fer_core.measures import CALIBRATED, TIMELINE_COLUMNS


def test_the_demo_is_two_versions_of_24_viewers_and_says_it_is_simulated(
    demo: SimulatedStudy,
) -> None:
    sides = [one.condition for one in demo.sessions]
    assert (sides.count("A"), sides.count("B")) == (24, 24)
    assert "simulated" in demo.name
    assert len({one.session_id for one in demo.sessions}) == 48
    assert len({one.respondent for one in demo.sessions}) == 48
    for one in demo.sessions:
        assert one.note == SIMULATED
        assert one.session_id.startswith("sim-")
        assert "simulated" in one.name


def test_rows_are_those_of_a_real_timeline(demo: SimulatedStudy) -> None:
    table = pd.concat([one.timeline for one in demo.sessions])
    assert list(table.columns) == list(TIMELINE_COLUMNS)
    np.testing.assert_allclose(table[list(PROBABILITY_COLUMNS)].sum(axis=1), 1, atol=1e-5)
    expected = 100 * table["attention"] * (0.4 + 0.6 * (1 - table["p_neutral"]))
    np.testing.assert_allclose(table["engagement"], expected, atol=1e-3)
    assert (table["why_not"] == "").eq(table["usable"]).all()
    assert not table.drop(columns=list(CALIBRATED)).isna().any().any()  # nobody has eyes here
    for one in demo.sessions:
        known = one.frames.set_index("frame")["t_ms"]
        assert (known.reindex(one.timeline["frame"]) == one.timeline["t_ms"].to_numpy()).all()
        assert one.frames["t_ms"].is_monotonic_increasing
        assert one.frames["faces"].sum() == len(one.timeline)
        assert one.frames["t_ms"].max() < demo.length_ms


def test_the_rate_of_frames_varies_and_quality_is_that_of_good_recordings(
    demo: SimulatedStudy,
) -> None:
    gaps = demo.sessions[0].frames["t_ms"].diff().dropna()
    assert gaps.std() > 10
    shares = [quality(one.timeline, one.frames) for one in demo.sessions]
    assert 0.85 < min(shares) < max(shares) <= 1.0


def test_the_same_seed_makes_the_same_study_and_another_another() -> None:
    one, two, other = (simulate_study(viewers=2, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.sessions[3].timeline, two.sessions[3].timeline)
    assert not one.sessions[3].timeline.equals(other.sessions[3].timeline)


def test_simulated_curves_have_the_spread_and_the_memory_they_are_asked_for() -> None:
    """40,000 values: a variance of 1 is known to about 0.01, and the level's share too."""
    curves = simulate_curves(np.random.default_rng(0), 2000, 20, lasting=0.6, own_level=0.3)
    assert curves.var(axis=0).mean() == pytest.approx(1.0, abs=0.03)
    neighbours = np.mean(curves[:, 1:] * curves[:, :-1])
    assert neighbours == pytest.approx(0.3 + 0.7 * 0.6, abs=0.03)
