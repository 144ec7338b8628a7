"""What rare emotions get in a timeline, and that a finished model's card says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.home import Home
from fer_core.jobs.training import Source, TrainSpec, log_prior, train_model
from fer_core.labels import EMOTIONS
from fer_core.training.recipes import recipe
from fer_core.training.samples import FERPLUS, Samples
from fer_core.zoo.card import Card
from tests.cards import TWO_OUTPUTS as CARD
from tests.training.sets import some_faces, write_csv


def faces(*counts: int) -> Samples:
    """So many faces of each emotion, ten people agreeing on each."""
    labels = np.repeat(np.arange(7, dtype=np.int32), counts)
    names = {"angry": "anger", "happy": "happiness", "sad": "sadness"}
    votes = np.zeros((len(labels), 8), np.int32)
    for row, label in enumerate(labels):
        emotion = EMOTIONS[label]
        votes[row, FERPLUS.index(names.get(emotion, emotion))] = 10
    return Samples(np.zeros((len(labels), 48, 48), np.uint8), labels, votes)


def test_an_emotion_is_lifted_by_how_rare_it_was() -> None:
    shown = faces(20, 5, 20, 80, 20, 20, 80)
    whole = log_prior(CARD, shown, 1.0)
    assert whole["happy"] == whole["neutral"] == 0
    assert whole["angry"] == pytest.approx(np.log(4), abs=1e-3)
    assert whole["disgust"] == pytest.approx(np.log(16), abs=1e-3)
    half = log_prior(CARD, shown, 0.5)
    assert half["disgust"] == pytest.approx(np.log(4), abs=1e-3)
    assert log_prior(CARD, shown, 0.0) == {}


def test_an_emotion_that_never_came_is_not_lifted() -> None:
    assert log_prior(CARD, faces(20, 0, 20, 80, 20, 20, 80), 1.0)["disgust"] == 0


def test_each_output_counts_by_its_share() -> None:
    shown = faces(20, 5, 20, 80, 20, 20, 80)
    votes = shown.votes
    assert votes is not None
    votes[shown.labels == EMOTIONS.index("disgust")] = 0  # nobody saw disgust
    both = replace(CARD, also_serves=("fer2013",), shares={"ferplus": 0.75, "fer2013": 0.25})
    assert log_prior(both, shown, 1.0)["disgust"] == pytest.approx(0.25 * np.log(16), abs=1e-3)


def test_a_finished_model_says_how_it_serves(home: Home, tmp_path: Path) -> None:
    parts = ((some_faces(70), "Training"), (some_faces(35, seed=1), "PublicTest"))
    data = write_csv(tmp_path / "public.csv", *parts)
    settings = replace(recipe("tiny").settings, epochs=1)
    spec = TrainSpec("lifted", settings, (Source(str(data)),), rarity=1.0)
    again = TrainSpec.from_dict(spec.as_dict())
    assert again == spec
    card = train_model(home, again)
    counts = np.bincount(some_faces(70).labels, minlength=7)
    expected = np.log(counts.max() / counts)
    assert [card.log_prior[emotion] for emotion in EMOTIONS] == pytest.approx(expected, abs=1e-3)
    assert Card.read(home.models / "lifted.json").log_prior == card.log_prior
