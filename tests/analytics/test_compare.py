from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from fer_core.analytics.compare import compare, compare_all
from fer_core.analytics.scenes import Scene
from fer_core.analytics.simulate import SimulatedStudy, simulate_curves
from fer_core.errors import DataError, SettingsError


def _side(
    values: np.ndarray, name: str, measures: tuple[str, ...] = ("engagement",)
) -> pd.DataFrame:
    """Viewers' seconds with one array for each measure, or the same for all."""
    viewers, seconds = values.shape
    table = pd.DataFrame(
        {
            "session_id": np.repeat([f"{name}{one}" for one in range(viewers)], seconds),
            "viewer": 0,
            "respondent": np.repeat([f"r{one}" for one in range(viewers)], seconds),
            "second": np.tile(np.arange(seconds), viewers),
        }
    )
    for measure in measures:
        table[measure] = values.ravel()
    return table


def test_the_demos_planted_differences_are_found_and_nothing_else(
    demo: SimulatedStudy, demo_seconds: dict[str, pd.DataFrame]
) -> None:
    found = compare(demo_seconds["A"], demo_seconds["B"], scenes=demo.scenes)
    assert (found.n_a, found.n_b, found.too_few) == (24, 24, False)
    significant = [one for one in found.clusters if one.significant]
    for planted in demo.planted:
        for measure in set(planted.measures) & {"attention", "engagement", "valence"}:
            overlap = sum(
                min(one.to_ms, planted.to_ms) - max(one.from_ms, planted.from_ms)
                for one in significant
                if one.measure == measure
                and one.from_ms < planted.to_ms
                and one.to_ms > planted.from_ms
            )
            # Delays of up to 0.7 s may cost a second at the start.
            assert overlap >= planted.to_ms - planted.from_ms - 1000
    for one in significant:
        assert one.higher == "B"
        assert one.effect < -0.8
        assert any(
            one.measure in planted.measures
            and planted.from_ms <= one.from_ms
            and one.to_ms <= planted.to_ms
            for planted in demo.planted
        )
    rows = found.scenes[found.scenes["p_corrected"] < 0.05]
    assert set(zip(rows["scene"], rows["measure"])) == {
        ("Product", "attention"),
        ("Product", "engagement"),
        ("Punchline", "engagement"),
        ("Punchline", "valence"),
    }
    assert "B held attention better and engaged more from 0:12 to 0:19" in found.sentence
    assert found.sentence.endswith(
        "no other difference in attention, engagement or valence; 24 viewers a side."
    )


def test_against_a_reference_only_the_side_of_a_difference_changes(
    demo_seconds: dict[str, pd.DataFrame], demo: SimulatedStudy
) -> None:
    found = compare(
        demo_seconds["A"], demo_seconds["B"].query("viewer == 0"), scenes=demo.scenes,
        permutations=100, draws=50,
    )  # fmt: skip
    assert found.minus("B") is found
    turned = found.minus("A")
    assert (turned.a, turned.b, turned.sentence) == ("B", "A", found.sentence)
    for table, other in ((turned.over_time, found.over_time), (turned.scenes, found.scenes)):
        assert list(table.columns) == list(other.columns)
        np.testing.assert_allclose(table["difference"], table["mean_a"] - table["mean_b"])
        np.testing.assert_allclose(table["mean_a"], other["mean_b"])
        np.testing.assert_allclose(table["low"], -other["high"])
        assert (table["n_a"] == other["n_b"]).all()
    assert [(one.higher, one.p) for one in turned.clusters] == [
        (one.higher, one.p) for one in found.clusters
    ]
    pd.testing.assert_frame_equal(turned.minus("B").scenes, found.scenes)


def test_the_answer_is_json_as_it_is_printed(
    demo: SimulatedStudy, demo_seconds: dict[str, pd.DataFrame]
) -> None:
    found = compare(demo_seconds["A"], demo_seconds["B"], scenes=demo.scenes)
    answer = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert {"a", "b", "n_a", "n_b", "clusters", "scenes", "sentence"} <= set(answer)
    assert {"from_ms", "to_ms", "measure", "p", "effect"} <= set(answer["clusters"][0])
    assert len(answer["scenes"]) == 18
    again = compare(demo_seconds["A"], demo_seconds["B"], scenes=demo.scenes)
    assert again.as_dict() == found.as_dict()


def test_under_six_viewers_a_side_nothing_is_claimed() -> None:
    rng = np.random.default_rng(0)
    a, b = _side(rng.normal(size=(5, 20)), "a"), _side(rng.normal(size=(9, 20)) + 9, "b")
    found = compare(a, b, measures=["engagement"], scenes=[Scene("all", 0, 20_000)])
    assert found.too_few
    assert found.clusters == ()
    assert found.scenes["p"].isna().all()
    assert found.scenes["difference"].iloc[0] < -5  # it is shown, and called by no name
    assert found.sentence == (
        "Too few viewers to compare A and B: 5 and 9; at least 6 a side are needed."
    )


def test_pairs_are_the_respondents_of_both_sides() -> None:
    rng = np.random.default_rng(1)
    levels = 10 * rng.normal(size=(12, 1))
    a = levels + rng.normal(size=(12, 20))
    b = levels[:10] + rng.normal(size=(10, 20))
    b[:, 8:12] += 2.0
    sides = _side(a, "a"), _side(b, "b")
    paired = compare(*sides, measures=["engagement"], by=["respondent"], pairs=True)
    assert (paired.n_a, paired.n_b) == (10, 10)
    assert "10 viewers who saw both" in paired.sentence
    spans = [(one.from_ms, one.to_ms) for one in paired.clusters if one.significant]
    assert spans == [(8_000, 12_000)]
    free = compare(*sides, measures=["engagement"])
    assert not any(one.significant for one in free.clusters)  # levels drown it
    with pytest.raises(DataError, match="paired"):
        compare(*sides, measures=["engagement"], pairs=True)


def test_no_difference_is_said_as_none_found() -> None:
    rng = np.random.default_rng(4)
    found = compare(
        _side(rng.normal(size=(8, 15)), "a"),
        _side(rng.normal(size=(7, 15)), "b"),
        measures=["engagement"],
        names=("Old", "New"),
    )
    assert (
        found.sentence == "No difference found between Old and New in engagement; 8 and 7 viewers."
    )


def test_measures_and_pairs_looked_at_together_are_corrected() -> None:
    """Under the null of three groups and two measures, an alarm anywhere is rare.

    40 studies at 5 % give 2 alarms; 7 or more would come in 1 of 300 runs of a right test,
    while six tests without correction would give about 10.
    """
    rng = np.random.default_rng(2)
    alarms = 0
    for at in range(40):
        groups = {}
        for name in "abc":
            table = _side(simulate_curves(rng, 10, 20), name)
            table["attention"] = simulate_curves(rng, 10, 20).ravel()
            groups[name] = table
        answers = compare_all(
            groups, measures=["engagement", "attention"], permutations=400, draws=50, seed=at
        )
        assert len(answers) == 3
        alarms += any(one.significant for found in answers.values() for one in found.clusters)
    assert alarms < 7


def test_the_table_over_time_shows_what_was_tested() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(9, 12))
    values[4:, 5] = np.nan
    a, b = _side(values, "a"), _side(rng.normal(size=(9, 14)), "b")
    table = compare(a, b, measures=["engagement"]).over_time.set_index("second")
    assert table.index.tolist() == list(range(12))  # the seconds that both know
    assert (table.loc[5, "n_a"], table.loc[5, "n_b"]) == (4, 9)
    assert np.isnan(table.loc[5, "t"])  # four viewers are too few
    assert table["difference"].between(table["low"], table["high"]).all()
    np.testing.assert_allclose(table["difference"], table["mean_a"] - table["mean_b"])


def test_what_cannot_be_compared_is_refused() -> None:
    a, b = _side(np.zeros((6, 5)), "a"), _side(np.zeros((6, 5)), "b")
    with pytest.raises(DataError, match="no viewers"):
        compare(a, b.iloc[:0])
    b["second"] += 50
    with pytest.raises(DataError, match="no second in common"):
        compare(a, b, measures=["engagement"])
    with pytest.raises(SettingsError, match="boredom"):
        compare(a, a, measures=["boredom"])
    with pytest.raises(SettingsError, match="two to six"):
        compare_all({"a": a})
