"""A difference is that of the two numbers beside it, on page, in report and in terminal."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dashboard.shared.charts import tables
from fer_core.cli.audience.compare import _row
from fer_core.reports.comparing import _difference

MEASURES = ("engagement", "attention", "valence")


def scenes(measure: str, seed: int = 3) -> pd.DataFrame:
    """Rows as ``analytics.compare`` makes them, of which many round the two apart."""
    rng = np.random.default_rng(seed)
    scale = 100.0 if measure == "engagement" else 1.0
    mean_a, mean_b = scale * rng.uniform(0.2, 0.9, (2, 40))
    return pd.DataFrame(
        {
            "scene": "s", "from_ms": 0, "to_ms": 1000, "measure": measure, "mean_a": mean_a,
            "mean_b": mean_b, "difference": mean_a - mean_b, "low": np.nan, "high": np.nan,
            "effect": 0.1, "p": 0.5, "p_corrected": 0.5, "n_a": 9, "n_b": 9,
        }
    )  # fmt: skip


def number(text: str) -> float:
    found = re.search(r"[+−-]?\d+(\.\d+)?", text)
    assert found is not None, text
    return float(found.group().replace("−", "-"))


def on_the_page(table: pd.DataFrame, measure: str) -> list[list[str]]:
    html = tables.differences(table, "A", "B", measure)
    return [re.findall(r"<td>(.*?)</td>", row)[:3] for row in html.split("<tr>")[2:]]


def in_the_report(table: pd.DataFrame, measure: str) -> list[list[str]]:
    return [[one.text for one in _difference(row, measure)[1:4]] for row in records(table)]


def in_the_terminal(table: pd.DataFrame, measure: str) -> list[list[str]]:
    return [[_row(row)[key] for key in ("a", "b", "difference")] for row in records(table)]


def records(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return list(table.to_dict("records"))


@pytest.mark.parametrize("said", [on_the_page, in_the_report, in_the_terminal])
@pytest.mark.parametrize("measure", MEASURES)
def test_a_difference_is_that_of_the_numbers_beside_it(measure: str, said: Any) -> None:
    rows = said(scenes(measure), measure)
    assert len(rows) == 40
    for a, b, difference in rows:
        assert number(difference) == pytest.approx(number(a) - number(b), abs=1e-9)
