from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from fer_core.analytics.simulate import SimulatedStudy
from fer_core.analytics.study import members, sheets, viewer_sheet


def test_a_study_keeps_good_sessions_and_says_why_others_are_out() -> None:
    table = members(
        {"good": 0.95, "fair": 0.7, "poor": 0.5, "kept": 0.4, "odd": 0.99, "none": float("nan")},
        taken_back={"kept": "lit from behind, read well"},
        left_out={"odd": "not a respondent"},
    ).set_index("session_id")
    assert table["included"].to_dict() == {
        "good": True,
        "fair": True,
        "poor": False,
        "kept": True,
        "odd": False,
        "none": False,
    }
    assert table["flagged"].tolist() == [False, True, True, True, False, True]
    assert "50 %" in table.loc["poor", "reason"]
    assert "lit from behind" in table.loc["kept", "reason"]
    assert "not a respondent" in table.loc["odd", "reason"]
    assert members({}).empty
    still = members({"a": 1.0, "b": 1.0}, taken_back={"b": "asked for"}, photographs={"a", "b"})
    assert still["included"].tolist() == [False, True]


def test_the_viewers_sheet_has_every_viewer_and_how_long_it_was_away(
    demo_seconds: dict[str, pd.DataFrame],
) -> None:
    table = viewer_sheet(demo_seconds["A"])
    assert len(table) == 24
    assert (table["seconds"] == 30).all()
    one = demo_seconds["A"][demo_seconds["A"]["session_id"] == table.loc[0, "session_id"]]
    assert table.loc[0, "away"] == pytest.approx(
        one["away"].sum() / (one["away"].sum() + one["seen"].sum())
    )
    assert table.loc[0, "attention"] == pytest.approx(one["attention"].mean())


def test_a_workbook_reads_back_equal(
    demo: SimulatedStudy, demo_seconds: dict[str, pd.DataFrame]
) -> None:
    book = sheets(
        demo_seconds["B"],
        ["engagement", "p_happy"],
        scenes=demo.scenes,
        markers=demo.markers,
        settings={"baseline": "off"},
    )
    assert list(book) == [
        "seconds", "scenes", "markers", "synchrony", "key numbers", "viewers", "method",
    ]  # fmt: skip
    hook = book["key numbers"].set_index("measure").loc["engagement", "hook"]
    line = book["seconds"][book["seconds"]["measure"] == "engagement"]
    assert hook == pytest.approx(line["mean"].head(8).mean())
    assert len(book["seconds"]) == 60
    assert len(book["markers"]) == 4
    assert "engagement/2" in book["method"]["version"].tolist()
    assert "baseline" in book["method"]["name"].tolist()
    # The film moves everyone at the same moments: the demo's faces go together.
    tie = book["synchrony"].set_index("measure").loc["p_happy"]
    assert tie["synchrony"] > tie["high"]
    memory = io.BytesIO()
    with pd.ExcelWriter(memory, engine="openpyxl") as writer:
        for name, table in book.items():
            table.to_excel(writer, sheet_name=name, index=False)
    for name, table in book.items():
        again = pd.read_excel(memory, sheet_name=name)
        numbers = table.select_dtypes("number")
        np.testing.assert_allclose(again[numbers.columns], numbers, rtol=1e-12)


def test_a_minimum_group_leaves_no_row_of_a_single_viewer(
    demo_seconds: dict[str, pd.DataFrame],
) -> None:
    few = demo_seconds["A"][demo_seconds["A"]["session_id"] < "sim-a-05"]
    book = sheets(few, ["engagement"], minimum=5)
    assert "viewers" not in book
    assert book["seconds"]["mean"].isna().all()
    assert (book["seconds"]["n"] == 4).all()
    assert book["synchrony"].empty
