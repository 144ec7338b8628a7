"""Groups of the demo study compared."""

from __future__ import annotations

import pandas as pd

from dashboard.audience.compare import charts, data
from fer_core.palette import LIGHT
from fer_core.studies.membership import Study


def test_a_minimum_group_hides_what_a_comparison_would_tell_of_few(
    study: Study, seconds: pd.DataFrame
) -> None:
    two = data.kinds(study)["session"][:2]
    found = data.compared(study, seconds, two, "engagement", minimum=5)
    (one,) = found.compared.pairs.values()
    assert one.over_time["difference"].isna().all()
    assert one.scenes[["mean_a", "difference", "effect"]].isna().all(axis=None)
    assert all(table["mean"].isna().all() for table in found.curves.values())
    assert one.sentence.startswith("Too few viewers")
    shown = data.compared(study, seconds, two, "engagement", minimum=1)
    assert next(iter(shown.compared.pairs.values())).over_time["difference"].notna().any()


def test_of_several_pairs_each_sentence_says_which_it_is_of(
    study: Study, seconds: pd.DataFrame
) -> None:
    a, b = data.kinds(study)["condition"]
    half = a.sessions.iloc[::2]
    rest = data.Group("The rest of A", a.sessions.drop(half.index))
    groups = [data.Group("Half of A", half), rest, b]
    said = data.compared(study, seconds, groups, "engagement").compared.sentences
    assert len(said) == 3
    assert said[0].startswith("No difference found between Half of A and The rest of A")
    assert said[1].startswith("Half of A and B: B ")
    assert said[2].startswith("The rest of A and B: B ")


def test_every_viewers_mean_is_in_the_spread(study: Study, seconds: pd.DataFrame) -> None:
    groups = data.kinds(study)["condition"]
    found = data.compared(study, seconds, groups, "attention")
    counts = found.spread.groupby(["scene", "group"]).size()
    assert len(counts) == 6 * 2
    assert set(counts) == {24}
    figure = charts.spread(found.spread, found.compared.names, "attention", LIGHT)
    assert [len(one.y) for one in figure.data] == [6 * 24, 6 * 24]
    assert data.compared(study, seconds, groups, "attention", minimum=5).spread.empty
