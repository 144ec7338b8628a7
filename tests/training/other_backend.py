"""A small training on the backend that KERAS_BACKEND names; prints what came of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import keras
import numpy as np

from fer_core.errors import Cancelled
from fer_core.inference.classifier import Classifier
from fer_core.training.batches import scaled
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.export import export, first_card, serving_model
from fer_core.training.loop import train
from fer_core.zoo.model_store import StoredModel
from tests.training.sets import some_faces
from tests.training.settings import SHORT

FACES, OTHERS = some_faces(70), some_faces(21, seed=1)


def interrupted(folder: Path) -> Checkpoint:
    """Stopped in the second epoch and resumed."""
    done: list[int] = []
    try:
        train(
            SHORT, FACES, OTHERS, folder,
            on_batch=lambda batch, total: done.append(batch),
            cancelled=lambda: len(done) >= 6,
        )  # fmt: skip
    except Cancelled:
        return train(SHORT, FACES, OTHERS, folder, resume=True)
    raise AssertionError("the run was not stopped")


def main(folder: Path) -> None:
    whole = train(SHORT, FACES, OTHERS, folder / "whole")
    resumed = interrupted(folder / "resumed")
    card = export(whole, first_card(whole, "other"), folder / "export", int8=False)
    served = Classifier(StoredModel(card, folder / "export")).logits(OTHERS.images)
    model = serving_model(whole)
    own = model.predict_on_batch(scaled(OTHERS.images.astype(np.float32), SHORT))
    answer = {
        "backend": keras.backend.backend(),
        "losses": [epoch["loss"] for epoch in whole.history],
        "same": all(
            np.array_equal(a, b)
            for one, other in zip(
                (whole.model, whole.optimizer, whole.average),
                (resumed.model, resumed.optimizer, resumed.average),
            )
            for a, b in zip(one, other, strict=True)
        ),
        "apart": float(np.abs(np.asarray(own) - served).max()),
    }
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
