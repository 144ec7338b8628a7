"""Cards that several rooms' tests begin from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fer_core.labels import EMOTIONS
from fer_core.training.samples import FERPLUS
from fer_core.types import CropSpec
from fer_core.zoo.card import Card, ModelFile
from fer_core.zoo.model_store import StoredModel

#: Labels and votes, as the flagship has them; the votes serve.
TWO_OUTPUTS = Card(
    name="two",
    about="",
    arch="tiny",
    outputs={"fer2013": EMOTIONS, "ferplus": FERPLUS},
    serves="ferplus",
)


def a_card(name: str = "small") -> Card:
    return Card(
        name=name,
        about="for tests",
        arch="tiny",
        outputs={"fer2013": EMOTIONS, "ferplus": ("neutral", "happiness", "contempt")},
        serves="ferplus",
        crop=CropSpec(size=48, margin=0.9),
        temperature={"ferplus": 1.5},
    )


def on_disk(folder: Path, name: str = "small") -> StoredModel:
    """A card and a file of weights in FOLDER; nothing can be computed with it."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / f"{name}.tflite"
    weights.write_bytes(b"weights of " + name.encode())
    card = replace(a_card(name), files={"litert": ModelFile.of(weights)})
    card.write(folder / f"{name}.json")
    return StoredModel(card, folder)
