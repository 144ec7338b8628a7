"""Trainings on the device by Keras on JAX, beside the plain loop; prints what came of them.

Started by test_fused in a process of its own, for a process has one backend of Keras.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np

from fer_core.training.augment import (
    Augmentation,
    apply_changes,
    draw_changes,
    draw_mixing,
    mix,
)
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.export import serving_model
from fer_core.training.fused import augment as fused
from fer_core.training.fused.loop import Run
from fer_core.training.fused.steps import climbed
from fer_core.training.loop import train
from tests.training.sets import some_faces
from tests.training.settings import SHORT

FACES, OTHERS = some_faces(70), some_faces(21, seed=1)
#: Every change often enough to matter; two of four batches are mixed.
MUCH = Augmentation(blur=0.5, low_resolution=0.5, erase=0.5, mixup=0.3, cutmix=0.3)
SETTINGS = replace(SHORT, augmentation=MUCH, sizes=((0.0, 48),))


def forever() -> float:
    return 1e9


def run(folder: Path, **changes: Any) -> Checkpoint:
    settings = replace(SETTINGS, **changes)
    return Run(settings, FACES, folder, validation=OTHERS).train(forever)


def apart(one: tuple[np.ndarray, ...], other: tuple[np.ndarray, ...]) -> float:
    pairs = zip(one, other, strict=True)
    return float(max(np.abs(np.asarray(a, np.float64) - b).max() for a, b in pairs))


def augmentation() -> dict[str, Any]:
    """The device's pictures beside the processor's, in grey levels."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (64, 8, 8)).repeat(6, axis=1).repeat(6, axis=2)
    images = coarse.astype(np.uint8)
    found: dict[str, Any] = {}
    for size in (48, 32):
        changes = draw_changes(MUCH, len(images), rng)
        ours = apply_changes(images, size, changes, MUCH.erase_area)
        theirs = fused.apply_changes(
            jnp.asarray(images), size, jax.tree.map(jnp.asarray, changes), MUCH.erase_area
        )
        found[str(size)] = float(np.abs(ours - np.asarray(theirs)).mean())
    targets = np.eye(64, dtype=np.float32)
    worst = 0.0
    for how in (replace(MUCH, mixup=1.0), replace(MUCH, mixup=0.0, cutmix=1.0)):
        mixing = draw_mixing(how, 64, 48, rng)
        pictures = images.astype(np.float32)
        for a, b in zip(mix(pictures, targets, mixing), fused.mix(pictures, targets, mixing)):
            worst = max(worst, float(np.abs(a - np.asarray(b)).max()))
    return {"pictures": found, "mixed": worst}


def resumed(folder: Path, whole: Checkpoint) -> float:
    """A run that had time for one epoch, taken up again by another process' means."""
    epochs: list[dict[str, float]] = []
    first = Run(SETTINGS, FACES, folder, validation=OTHERS)
    first.train(lambda: 1e9 if not epochs else 0.0, on_epoch=epochs.append)
    assert len(epochs) == 1
    assert not first.done
    again = Run(SETTINGS, FACES, folder, validation=OTHERS).train(forever)
    parts = ("model", "optimizer", "average")
    return max(apart(getattr(again, part), getattr(whole, part)) for part in parts)


def main(folder: Path) -> None:
    plain = train(SETTINGS, FACES, OTHERS, folder / "plain")
    whole = run(folder / "whole")
    sharp = run(folder / "sharp", sharpness=0.05)
    uphill = climbed([jnp.zeros(3), jnp.ones(1)], [jnp.array([3.0, 0, 4]), jnp.zeros(1)], 0.5)
    calm = replace(
        SETTINGS, epochs=12, optimizer="adam", rate=0.01, ema=0.0, augmentation=Augmentation(
            mirror=0, rotate=0, shift=0, zoom=0, shear=0, contrast=0, brightness=0, blur=0,
            low_resolution=0, erase=0, mixup=0,
        ),
    )  # fmt: skip
    learned = Run(calm, some_faces(140), folder / "learned", validation=OTHERS)
    pace = learned.measure()
    fits = learned.fit(pace.epoch_s * 6 / 0.95 + 1e-9, least=2), learned.fit(pace.epoch_s, least=5)
    learned.settings = learned.steps.settings = calm
    history = learned.train(forever).history
    model = serving_model(whole)
    model.save(folder / "jax.keras")
    pictures = ((OTHERS.images.astype(np.float32) - SHORT.mean) / SHORT.scale)[..., None]
    np.save(folder / "logits.npy", np.asarray(model(pictures)))
    answer = {
        "augmentation": augmentation(),
        "losses": [[one["loss"] for one in found.history] for found in (plain, whole, sharp)],
        "apart": apart(plain.average, whole.average),
        "resumed": resumed(folder / "resumed", whole),
        "uphill": [np.asarray(one).tolist() for one in uphill],
        "sharp": apart(sharp.average, whole.average),
        "learned": [history[0]["loss"], history[-1]["loss"], max(e["accuracy"] for e in history)],
        "fits": fits,
        "pictures_per_s": pace.pictures_per_s,
    }
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
