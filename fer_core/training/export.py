"""From a checkpoint to a model that serves: ``.keras``, LiteRT files and the card.

Everything is written under another name first; the card comes last, so that a model
whose export was broken off is no model.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from fer_core.errors import ModelError
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.loop import build_model
from fer_core.training.settings import TrainSettings
from fer_core.training.targets import COUNTS_AS, labels_of
from fer_core.types import CropSpec
from fer_core.zoo.card import Card, ModelFile
from fer_core.zoo.counting import multiply_adds
from fer_core.zoo.registry import architecture
from fer_core.zoo.shelf import Shelved

SUFFIX = {"keras": ".keras", "litert": ".tflite", "int8": ".int8.tflite"}


def serving_model(checkpoint: Checkpoint) -> Any:
    """The network in single precision at its last size, with the averaged weights if any."""
    settings = checkpoint.settings
    size = settings.sizes[-1][1]
    fixed = replace(settings, sizes=((0.0, size),))
    classes = sum(len(names) for names in labels_of(settings.outputs).values())
    model = build_model(fixed, classes, precision="float32")
    if checkpoint.average:
        model.set_weights(list(checkpoint.average))
    else:
        for variable, value in zip(model.variables, checkpoint.model, strict=True):
            variable.assign(value)
    return model


def first_card(
    checkpoint: Checkpoint, name: str, *, about: str = "", serves: str | None = None
) -> Card:
    """What the run itself knows; measuring and calibrating fill in the rest."""
    settings: TrainSettings = checkpoint.settings
    outputs = labels_of(settings.outputs)
    entry = architecture(settings.arch)
    return Card(
        name=name,
        about=about or entry.about,
        arch=settings.arch,
        options=dict(settings.options),
        outputs=outputs,
        serves=serves or next(iter(outputs)),
        crop=CropSpec(size=settings.sizes[-1][1], channels=entry.channels),
        mean=settings.mean,
        scale=settings.scale,
        activation=settings.loss,
        counts_as={a: b for name in outputs for a, b in COUNTS_AS.get(name, {}).items()},
        training={
            # a path of this machine is nobody's business
            "settings": {**settings.as_dict(), "start": Path(settings.start).name},
            "epochs": len(checkpoint.history),
            "seconds": round(sum(one["seconds"] for one in checkpoint.history)),
            "curves": [
                {key: round(value, 4) for key, value in one.items()} for one in checkpoint.history
            ],
        },
        created=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d"),
    )


def export(checkpoint: Checkpoint, card: Card, folder: Path, *, int8: bool = True) -> Card:
    """Write the model's files and its card into ``folder``; the finished card is returned."""
    model = serving_model(checkpoint)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".export-") as temporary:
        made: dict[str, Path] = {"keras": Path(temporary) / f"{card.name}.keras"}
        model.save(made["keras"])
        for kind in ("litert", "int8") if int8 else ("litert",):
            made[kind] = Path(temporary) / f"{card.name}{SUFFIX[kind]}"
            to_litert(model, made[kind], int8=kind == "int8")
        files = {kind: ModelFile.of(path) for kind, path in made.items()}
        for path in made.values():
            shutil.move(path, folder / path.name)
    card = replace(
        card, files=files, parameters=int(model.count_params()), multiply_adds=multiply_adds(model)
    )
    card.write(folder / f"{card.name}.json")
    return card


def to_litert(model: Any, path: Path, *, int8: bool = False) -> None:
    """A LiteRT file that takes one face. ``int8``: weights in 8 bits, sums as they come."""
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ModelError(
            f"LiteRT files are made with TensorFlow, not with {keras.backend.backend()}.",
            "Run rapt models export with KERAS_BACKEND=tensorflow.",
        )
    options: dict[str, Any] = {}
    if int8:
        import tensorflow as tf

        options["optimizations"] = [tf.lite.Optimize.DEFAULT]
    shape = (1, *model.input_shape[1:])
    model.export(
        str(path),
        format="litert",
        verbose=False,
        input_signature=[keras.InputSpec(shape=shape, dtype="float32", name="face")],
        **options,
    )


def write_as(shelved: Shelved, kind: str, folder: Path) -> Path:
    """One of a model's other forms, made from its ``.keras`` file (loaded in safe mode)."""
    import keras

    source = shelved.file("keras")
    try:
        model = keras.saving.load_model(source, compile=False, safe_mode=True)
    except (ValueError, TypeError, OSError) as error:
        raise ModelError(f"Keras cannot load {source}.", "Take the model's files anew.") from error
    name = shelved.card.name
    if kind == "savedmodel":
        path = folder / f"{name}-savedmodel"
        model.export(str(path), format="tf_saved_model", verbose=False)
    elif kind == "onnx":
        path = folder / f"{name}.onnx"
        try:
            model.export(str(path), format="onnx", verbose=False)
        except ImportError as error:
            raise ModelError(
                "ONNX files need a package that is not installed.", "Run pip install tf2onnx."
            ) from error
    else:
        path = folder / f"{name}{SUFFIX[kind]}"
        to_litert(model, path, int8=kind == "int8")
    return path
