from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from fer_core.analytics.scenes import (
    Marker,
    Scene,
    all_scenes,
    marker_table,
    scene_parts,
    scene_table,
    viewer_means,
)
from fer_core.analytics.seconds import Curves
from fer_core.analytics.simulate import SimulatedStudy
from fer_core.errors import DataError


def _lines(values: np.ndarray, first: int = 0) -> Curves:
    seconds = np.arange(first, first + values.shape[1])
    return Curves("engagement", values, seconds, pd.DataFrame({"viewer": range(len(values))}))


def test_a_second_belongs_to_the_scene_that_holds_its_middle() -> None:
    seconds = np.arange(10)
    assert np.flatnonzero(Scene("a", 2_000, 5_000).holds(seconds)).tolist() == [2, 3, 4]
    assert np.flatnonzero(Scene("b", 2_600, 5_400).holds(seconds)).tolist() == [3, 4]
    assert np.flatnonzero(Scene("flash", 7_050, 7_300).holds(seconds)).tolist() == [7]


def test_scenes_that_meet_share_no_second_and_lose_none() -> None:
    edges = [0, 2_300, 4_500, 7_000, 10_000]
    held = sum(
        Scene("x", start, stop).holds(np.arange(10)).astype(int) for start, stop in pairwise(edges)
    )
    assert (held == 1).all()


def test_lift_is_the_scenes_mean_minus_the_mean_of_the_whole() -> None:
    values = np.tile(np.array([10.0, 10, 10, 40, 40, 10, 10, 10, 10, 10]), (4, 1))
    row = scene_table(_lines(values), [Scene("jump", 3_000, 5_000)]).iloc[0]
    assert row["mean"] == 40
    assert row["lift"] == pytest.approx(40 - 16)
    assert (row["n"], row["hook"], row["end"]) == (4, 40, 40)
    assert (row["peak"], row["peak_s"]) == (40, 3)


def test_the_pre_roll_is_no_part_of_the_whole() -> None:
    values = np.tile(np.array([90.0, 90, 90, 10, 30]), (3, 1))
    row = scene_table(_lines(values, first=-3), [Scene("last", 1_000, 2_000)]).iloc[0]
    assert row["lift"] == pytest.approx(30 - 20)


def test_a_viewer_who_misses_the_scene_is_not_in_it() -> None:
    values = np.array([[1.0, 1, 9, 9], [2, 2, np.nan, np.nan], [3, 3, 5, np.nan]])
    lines = _lines(values)
    np.testing.assert_allclose(viewer_means(lines, Scene("late", 2_000, 4_000)), [9, np.nan, 5])
    row = scene_table(lines, [Scene("late", 2_000, 4_000)], minimum=3).iloc[0]
    assert row["n"] == 2
    assert row[["mean", "low", "high", "lift", "peak", "peak_s", "hook", "end"]].isna().all()


def test_scenes_without_seconds_and_no_scenes_are_empty_not_wrong() -> None:
    beyond = scene_table(_lines(np.ones((3, 5))), [Scene("after", 60_000, 70_000)]).iloc[0]
    assert beyond["n"] == 0
    assert np.isnan(beyond["mean"])
    assert scene_table(_lines(np.ones((3, 5))), []).empty
    with pytest.raises(DataError, match="ends at"):
        Scene("backwards", 5_000, 4_000)


def test_markers_know_their_nearest_peaks(
    demo: SimulatedStudy, demo_seconds: dict[str, pd.DataFrame]
) -> None:
    from fer_core.analytics.seconds import curves

    lines = curves(demo_seconds["B"], "p_happy")
    table = marker_table([lines], [*demo.markers, Marker("start", 0)]).set_index("marker")
    # B smiles at 7 to 10 s and most from 24 to 28 s, before the brand at 28 s.
    assert 2 <= table.loc["Product in view", "before_s"] <= 5
    assert table.loc["Brand", "before_s"] <= 4
    assert np.isnan(table.loc["start", "before_s"])


def test_parts_that_are_the_whole_scene_are_no_columns() -> None:
    def lasting(*ms: int) -> pd.DataFrame:
        return pd.DataFrame({"from_ms": 500, "to_ms": [500 + one for one in ms]})

    assert scene_parts(lasting(5000, 3000)) == {}
    assert scene_parts(lasting(8000)) == {"end": 5000}
    assert scene_parts(lasting(1000, 8001)) == {"hook": 8000, "end": 5000}
    assert scene_parts(lasting()) == {}


def test_the_table_for_export_has_every_scene_of_every_measure(
    demo: SimulatedStudy, demo_seconds: dict[str, pd.DataFrame]
) -> None:
    from fer_core.analytics.seconds import curves

    lines = [curves(demo_seconds["B"], name) for name in ("engagement", "attention")]
    table = all_scenes(lines, demo.scenes)
    assert len(table) == 2 * len(demo.scenes)
    best = table[table["measure"] == "engagement"].set_index("scene")["lift"].idxmax()
    assert best == "Punchline"
    assert (
        table[["low", "mean", "high"]].apply(lambda row: row.is_monotonic_increasing, axis=1).all()
    )
