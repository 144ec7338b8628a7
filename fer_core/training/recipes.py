"""Runs by name: what `rapt train --recipe NAME` repeats."""

from __future__ import annotations

from dataclasses import dataclass

from fer_core.errors import SettingsError
from fer_core.training.augment import NONE
from fer_core.training.settings import TrainSettings


@dataclass(frozen=True, slots=True)
class Recipe:
    """A run's settings and which of its outputs serves."""

    settings: TrainSettings
    about: str
    serves: str = "fer2013"


RECIPES: dict[str, Recipe] = {
    # Small pictures first: an epoch at 32x32 costs a third of one at 48x48, and the network
    # learns from it nearly as much while the learning rate is high.
    "flagship": Recipe(
        TrainSettings(
            arch="rapt1",
            outputs=("fer2013", "ferplus"),
            epochs=80,
            batch=128,
            sizes=((0.0, 32), (0.5, 40), (0.75, 48)),
            optimizer="sgd",
            rate=0.1,
            decay=0.004,
            warmup=2.0,
            ema=0.998,
            precision="mixed_bfloat16",
        ),
        "Rapt's own network on labels and votes together, made for an ordinary processor",
        serves="ferplus",
    ),
    "tiny": Recipe(
        TrainSettings(arch="tiny", epochs=3, batch=32, rate=0.05, ema=0.0, augmentation=NONE),
        "A few hundred weights in seconds: to see that training works",
    ),
}


def recipe(name: str) -> Recipe:
    if name not in RECIPES:
        raise SettingsError(
            f"There is no recipe {name!r}.", f"These exist: {', '.join(sorted(RECIPES))}."
        )
    return RECIPES[name]
