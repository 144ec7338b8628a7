"""Whether a new model should replace the one in use."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.lab.train import promotion
from dashboard.lab.train.data import Run
from fer_core.errors import ModelError
from fer_core.evaluation.paired import Paired
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.types import JobStatus
from fer_core.zoo import in_use
from tests.cards import on_disk


def test_only_a_model_that_this_store_saw_written_is_promoted(home: Home, store: Store) -> None:
    on_disk(home.models, "stranger")
    with pytest.raises(ModelError, match="was not made by this Rapt"):
        promotion.promote(home, store, "stranger")
    assert in_use(home) == "rapt-1"
    with pytest.raises(ModelError):
        promotion.roll_back(home, store)


def compared(on: str, difference: float, p: float) -> Paired:
    return Paired(on, 100, 0.6, 0.6 + difference, -0.1, 0.1, 0, 0, p)


def run(*found: Paired, forgot: bool = False) -> Run:
    return Run(
        "j", "new", JobStatus.DONE, "old", 3, 1.0, None, "", "", False,
        pd.Timestamp("2026-01-01").to_pydatetime(), comparison=found, forgot=forgot,
    )  # fmt: skip


def test_a_candidate_is_judged_by_own_labels_first_and_a_fall_elsewhere_is_told() -> None:
    better = promotion.verdict(
        run(compared("public labels", -0.002, 0.4), compared("own labels", 0.1, 0.001))
    )
    assert better.better
    assert better.sentence == "new is 10 points better than old on your held-out faces."
    assert not better.warnings
    fell = promotion.verdict(
        run(
            compared("public labels", -0.02, 0.001),
            compared("own labels", 0.1, 0.001),
            forgot=True,
        )
    )
    assert any("fell by 2.0 points, more than half a point" in one for one in fell.warnings)
    chance = promotion.verdict(run(compared("public labels", 0.01, 0.3)))
    assert not chance.better
    assert "do not clearly differ" in chance.sentence
    assert chance.warnings
    assert not promotion.verdict(run()).better
