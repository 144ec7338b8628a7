"""Drawn faces: the same everywhere, told apart, and what learns from them is never in use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.home import Home
from fer_core.jobs.training_sources import prepared_of
from fer_core.labels import EMOTIONS
from fer_core.training.datasets import load
from fer_core.training.practice.data import write_practice
from fer_core.training.practice.drawn import draw
from fer_core.training.settings import TrainSettings
from fer_core.zoo.model_store import find_model, in_use, use_model


def test_drawn_faces_are_a_data_set_that_says_what_it_is(tmp_path: Path) -> None:
    path = write_practice(tmp_path / "faces.csv", each=10)
    found = load(path)
    assert found.practice
    assert {name: len(samples) for name, samples in found.splits.items()} == {
        "train": 56, "publictest": 14,
    }  # fmt: skip
    for samples in found.splits.values():
        assert set(np.bincount(samples.labels, minlength=7)) == {len(samples) // 7}
    again = write_practice(tmp_path / "again.csv", each=10)
    assert again.read_bytes() == path.read_bytes()
    moved = path.rename(tmp_path / "fer2013.csv")
    assert load(moved).practice  # it cannot pass for another set under another name
    assert prepared_of([(load(moved), 1.0)], TrainSettings(arch="tiny")).practice


def test_an_expression_is_seen_where_it_is_drawn() -> None:
    """The mean face of each expression differs from the neutral one, most about the mouth or
    brows: a drawing that ignored its expression would not."""
    mean = {
        emotion: np.mean([draw(emotion, np.random.default_rng(seed)) for seed in range(40)], axis=0)
        for emotion in EMOTIONS
    }
    for emotion in EMOTIONS:
        if emotion != "neutral":
            apart = np.abs(mean[emotion] - mean["neutral"])
            assert apart[8:44, 8:40].mean() > 2 * apart[:, :4].mean(), emotion


def test_a_practice_model_cannot_be_put_into_use(home: Home) -> None:
    home.models.mkdir(parents=True)
    card = find_model("rapt-1").card
    replace(card, name="practice", practice=True).write(home.models / "practice.json")
    assert find_model("practice", home).card.practice
    with pytest.raises(ModelError, match="practice model"):
        use_model("practice", home)
    assert in_use(home) == "rapt-1"
