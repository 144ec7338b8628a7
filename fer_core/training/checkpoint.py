"""What a run leaves behind after each epoch, whole or not at all.

One ``.npz`` holds every variable of the model (seeds of its dropout included), of the
optimizer and of the moving average, with the settings and the history as JSON beside
them. A killed run always finds the last whole one.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.errors import ModelError
from fer_core.files import replacing
from fer_core.training.settings import TrainSettings


@dataclass(frozen=True, slots=True)
class Checkpoint:
    settings: TrainSettings
    epoch: int  # epochs that are done
    step: int  # batches that are done
    rate: float
    history: tuple[dict[str, float], ...]
    best: float
    waited: int
    model: tuple[np.ndarray, ...]
    optimizer: tuple[np.ndarray, ...]
    average: tuple[np.ndarray, ...]

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "settings": self.settings.as_dict(),
            "epoch": self.epoch,
            "step": self.step,
            "rate": self.rate,
            "history": list(self.history),
            "best": self.best,
            "waited": self.waited,
        }
        arrays: dict[str, Any] = {"state": np.array(json.dumps(state))}
        for kind in ("model", "optimizer", "average"):
            for number, value in enumerate(getattr(self, kind)):
                arrays[f"{kind}_{number:04d}"] = value
        with replacing(path) as part, part.open("wb") as out:
            np.savez(out, **arrays)

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        try:
            with np.load(path, allow_pickle=False) as stored:
                state = json.loads(str(stored["state"]))
                lists = {
                    kind: tuple(stored[name] for name in sorted(stored) if name.startswith(kind))
                    for kind in ("model_", "optimizer_", "average_")
                }
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise ModelError(
                f"{path} is no checkpoint of a training run.",
                "Give the folder of a run that was started with rapt train.",
            ) from error
        return cls(
            settings=TrainSettings.from_dict(state["settings"]),
            epoch=state["epoch"],
            step=state["step"],
            rate=state["rate"],
            history=tuple(state["history"]),
            best=state["best"],
            waited=state["waited"],
            model=lists["model_"],
            optimizer=lists["optimizer_"],
            average=lists["average_"],
        )
