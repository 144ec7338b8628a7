"""One crop, three ways through the shipped model: Keras, LiteRT and the pipeline agree.

The crops are those of the sample clip, cut by the pipeline itself.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.home import Home
from fer_core.inference.classifier import Classifier
from fer_core.inference.outputs import served
from fer_core.pipeline import Analysis
from fer_core.types import AnalysisSettings, Bytes, Float
from fer_core.zoo.model_store import DEFAULT, StoredModel, find_model
from tests.networks import with_networks

#: The promise. Seen: under 1e-6 between Keras and LiteRT, 0 between LiteRT and the pipeline.
AGREE = 1e-4


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, face_networks: Path) -> Home:
    """A home with the shipped model as ``exact``: its fp32 file serves, whichever ships so."""
    home = with_networks(Home(tmp_path_factory.mktemp("parity")), face_networks)
    stored = find_model(DEFAULT)
    home.models.mkdir(parents=True)
    for kind in ("keras", "litert"):
        path = stored.file(kind)
        shutil.copy(path, home.models / path.name)
    replace(stored.card, name="exact", default="litert").write(home.models / "exact.json")
    return home


@pytest.fixture(scope="module")
def model(home: Home) -> StoredModel:
    return find_model("exact", home)


@pytest.fixture(scope="module")
def analysed(home: Home, sample: Path) -> tuple[Bytes, Float]:
    """Crops and probabilities of the faces in the sample clip's first seconds."""
    settings = AnalysisSettings(model="exact", keep_faces=True)
    crops, probabilities = [], []
    with Analysis(sample, settings, home=home) as analysis:
        for result in analysis:
            assert result.crops is not None
            crops.append(result.crops[result.usable])
            probabilities.append(result.probabilities[result.usable])
            if sum(map(len, crops)) >= 40:
                break
    return np.concatenate(crops), np.concatenate(probabilities)


def by_keras(model: StoredModel, crops: Bytes) -> Float:
    """What the .keras file answers, through the card's own calibration."""
    import keras

    network = keras.saving.load_model(model.file("keras"), compile=False, safe_mode=True)
    grey = ((crops.astype(np.float32) - model.card.mean) / model.card.scale)[..., None]
    faces = np.repeat(grey, model.card.crop.channels, axis=3)
    logits = np.asarray(network(faces), np.float32)
    if model.card.mirror:
        logits = (logits + np.asarray(network(faces[:, :, ::-1]), np.float32)) / 2
    return served(model.card, logits)


def test_keras_litert_and_the_pipeline_give_the_same_probabilities(
    model: StoredModel, analysed: tuple[Bytes, Float]
) -> None:
    crops, in_the_pipeline = analysed
    assert len(crops) >= 40
    assert np.abs(in_the_pipeline - by_keras(model, crops)).max() < AGREE
    # The clip's faces leave the model in no doubt; dim and upturned ones do: there it would show.
    dim = [(crops * share).astype(np.uint8) for share in (0.6, 0.3, 0.1)]
    turned = [crops[:, ::-1], crops.transpose(0, 2, 1), crops.transpose(0, 2, 1)[:, ::-1]]
    doubtful = np.ascontiguousarray(np.concatenate([*dim, *turned]))
    keras = by_keras(model, doubtful)
    assert keras.std(axis=0).max() > 0.05
    assert np.abs(Classifier(model, "litert").probabilities(doubtful) - keras).max() < AGREE
