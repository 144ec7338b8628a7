"""Models small enough for tests, as a home has them: a card, its files, and the store's memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.storage import Store, open_store
from fer_core.storage.lab.models import AddModel
from fer_core.training.export import to_litert
from fer_core.types import CropSpec
from fer_core.zoo.card import Card, ModelFile
from fer_core.zoo.registry import architecture, create

#: Makes a session of this name with a kept face a second, each as sure as given.
KeepFaces = Callable[[str, tuple[float, ...]], None]


class Lab(NamedTuple):
    """A home with evaluated models, its store, and the data set that they were evaluated on."""

    home: Home
    store: Store
    data: Path


def card_of(arch: str, name: str = "", labels: tuple[str, ...] = EMOTIONS) -> Card:
    entry = architecture(arch)
    return Card(
        name=name or arch,
        about=entry.about,
        arch=arch,
        outputs={"fer2013" if len(labels) == 7 else "three": labels},
        serves="fer2013" if len(labels) == 7 else "three",
        crop=CropSpec(size=entry.size, channels=entry.channels),
    )


def network(arch: str, labels: int = 7, seed: int = 3) -> tuple[object, bytes]:
    """A network with random weights, and its ``.keras`` file as bytes."""
    import keras

    keras.utils.set_random_seed(seed)
    model = create(arch, classes=labels)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.keras"
        model.save(path)
        return model, path.read_bytes()


@lru_cache
def _files(arch: str, seed: int) -> tuple[bytes, bytes, int]:
    """The ``.keras`` and the LiteRT file, and the weights; exporting takes seconds."""
    model, content = network(arch, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.tflite"
        to_litert(model, {"litert": path})
        return content, path.read_bytes(), int(model.count_params())  # type: ignore[attr-defined]


def plant_model(
    home: Home, name: str, *, arch: str = "tiny", seed: int = 3, remembered: bool = True
) -> Card:
    """A model in HOME/models that no training took time for; its store remembers writing it."""
    content, litert, parameters = _files(arch, seed)
    home.models.mkdir(parents=True, exist_ok=True)
    keras_file, serving = home.models / f"{name}.keras", home.models / f"{name}.tflite"
    keras_file.write_bytes(content)
    serving.write_bytes(litert)
    card = replace(
        card_of(arch, name),
        files={"keras": ModelFile.of(keras_file), "litert": ModelFile.of(serving)},
        parameters=parameters,
        created="2026-11-01",
        training={
            "epochs": 6,
            "chosen_epoch": 5,
            "curves": [
                {"epoch": k, "loss": 2 / k, "accuracy": 0.2 + 0.05 * k, "rate": 0.1 / k}
                for k in range(1, 7)
            ],
        },
    )
    card.write(home.models / f"{name}.json")
    if remembered:
        with open_store(home) as store:
            store.run(
                AddModel( model=name, path=str(home.models / f"{name}.json"),
                checksum=card.files["litert"].sha256, source="trained", card=asdict(card),
            ))  # fmt: skip
    return card


def predictions(n: int, seed: int = 0) -> dict[str, list[object]]:
    """As many answers as asked for, right two times in three."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(7, 0.4), n)
    guess = p.argmax(axis=1)
    truth = np.where(rng.random(n) < 0.65, guess, rng.integers(0, 7, n))
    return {
        "item": [f"publictest/{k:06d}" for k in range(n)],
        "truth": [EMOTIONS[k] for k in truth],
        "guess": [EMOTIONS[k] for k in guess],
        "confidence": p.max(axis=1).tolist(),
        **{f"p_{name}": p[:, k].tolist() for k, name in enumerate(EMOTIONS)},
    }
