"""From a checkpoint to a model that serves: ``.keras``, LiteRT files and the card.

Everything is written under another name first; the card comes last, so that a model
whose export was broken off is no model.
"""

from __future__ import annotations

import datetime as dt
import functools
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.errors import ModelError
from fer_core.files import write_json
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.described import describe_litert, describe_onnx, hold_against
from fer_core.training.networks import build_model
from fer_core.training.settings import TrainSettings
from fer_core.training.targets import COUNTS_AS, labels_of
from fer_core.types import CropSpec
from fer_core.web.table import model_table
from fer_core.zoo.card import Card, ModelFile
from fer_core.zoo.counting import multiply_adds
from fer_core.zoo.model_store import StoredModel
from fer_core.zoo.registry import architecture

SUFFIX = {
    "keras": ".keras", "litert": ".tflite", "int8": ".int8.tflite", "fp16": ".fp16.tflite",
}  # fmt: skip


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
            "settings": {
                **settings.as_dict(),
                "start": Path(settings.start).name,
                "teachers": [Path(path).name for path in settings.teachers],
            },
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
        kinds = ("litert", "int8") if int8 else ("litert",)
        served = {kind: Path(temporary) / f"{card.name}{SUFFIX[kind]}" for kind in kinds}
        to_litert(model, served)
        made |= served
        files = {kind: ModelFile.of(path) for kind, path in made.items()}
        for path in made.values():
            shutil.move(path, folder / path.name)
    card = replace(
        card, files=files, parameters=int(model.count_params()), multiply_adds=multiply_adds(model)
    )
    card.write(folder / f"{card.name}.json")
    return card


def to_litert(model: Any, files: Mapping[str, Path]) -> None:
    """LiteRT files that take one face, by kind: ``litert``, or with smaller weights ``int8`` (in
    8 bits) and ``fp16`` (in half precision).

    What Keras' own export to LiteRT does, but the network is traced once for all of them.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        _to_litert_elsewhere(model, files)
        return
    import tensorflow as tf

    face = keras.InputSpec(shape=(1, *model.input_shape[1:]), dtype="float32", name="face")
    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(model)
        call = functools.partial(model.__call__, training=False)
        archive.add_endpoint("serve", call, input_signature=[face])
        archive.write_out(folder, verbose=False)
        for kind, path in files.items():
            converter = tf.lite.TFLiteConverter.from_saved_model(folder)
            converter.target_spec.supported_ops = [
                tf.lite.OpsSet.TFLITE_BUILTINS,
                tf.lite.OpsSet.SELECT_TF_OPS,
            ]
            converter.experimental_enable_resource_variables = True
            if kind in ("int8", "fp16"):
                converter.optimizations = [tf.lite.Optimize.DEFAULT]
            if kind == "fp16":
                converter.target_spec.supported_types = [tf.float16]
            path.write_bytes(converter.convert())


def _to_litert_elsewhere(model: Any, files: Mapping[str, Path]) -> None:
    """Only TensorFlow makes LiteRT files: a process that uses it does it for the others."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "model.keras"
        model.save(source)
        wanted = [f"{kind}={path}" for kind, path in files.items()]
        done = subprocess.run(
            [sys.executable, "-m", "fer_core.training.export", source, *wanted],
            env={**os.environ, "KERAS_BACKEND": "tensorflow"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        names = " and ".join(path.name for path in files.values())
        raise ModelError(
            f"TensorFlow could not make {names}: {done.stderr.strip().splitlines()[-1:]}",
            "Train or resume with KERAS_BACKEND=tensorflow.",
        )


def need(packages: tuple[str, ...]) -> None:
    """ModelError where one of the packages that only ONNX files need is missing."""
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise ModelError(
                f"ONNX files need the package {package}, which is not installed.",
                "Run pip install 'rapt[onnx]'.",
            )


def write_as(stored: StoredModel, kind: str, folder: Path) -> Path:
    """One of a model's other forms, made from its ``.keras`` file (loaded in safe mode).

    LiteRT and ONNX files say in their own metadata how a face becomes what they take; those in
    single precision are held against the model. ``web`` is a folder for browsers: the LiteRT
    files and that description as JSON.
    """
    if kind == "onnx":
        need(("onnx", "tf2onnx"))
    import keras

    source = stored.file("keras")
    try:
        model = keras.saving.load_model(source, compile=False, safe_mode=True)
    except (ValueError, TypeError, OSError) as error:
        raise ModelError(f"Keras cannot load {source}.", "Take the model's files anew.") from error
    # Keras exports what was called at least once; loading alone does not count.
    model(np.zeros((1, *model.input_shape[1:]), np.float32))
    name = stored.card.name
    if kind == "savedmodel":
        path = folder / f"{name}-savedmodel"
        model.export(str(path), format="tf_saved_model", verbose=False)
    elif kind == "web":
        path = folder / f"{name}-web"
        path.mkdir(exist_ok=True)
        for one in ("litert", "fp16", "int8"):
            _litert(model, stored.card, path, one)
        write_json(path / f"{name}.json", model_table(stored.card))
    elif kind == "onnx":
        path = folder / f"{name}.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # Keras' own, on an alias of NumPy
            model.export(str(path), format="onnx", verbose=False)
        describe_onnx(path, stored.card)
        if importlib.util.find_spec("onnxruntime") is not None:
            hold_against(path, model, exact=True)
    else:
        path = _litert(model, stored.card, folder, kind)
    return path


def _litert(model: Any, card: Card, folder: Path, kind: str) -> Path:
    path = folder / f"{card.name}{SUFFIX[kind]}"
    to_litert(model, {kind: path})
    describe_litert(path, card)
    hold_against(path, model, exact=kind == "litert")
    return path


def _main(source: str, *wanted: str) -> None:
    import keras

    model = keras.saving.load_model(source, compile=False, safe_mode=True)
    pairs = (one.split("=", 1) for one in wanted)
    to_litert(model, {kind: Path(path) for kind, path in pairs})


if __name__ == "__main__":
    _main(*sys.argv[1:])
