"""The description inside an exported model's file, and the check that it answers as the model.

A file that leaves Rapt carries how a face becomes what it takes, and its logits the seven
emotions: as JSON under the name ``rapt`` in the metadata of LiteRT and ONNX files.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from fer_core.errors import ModelError
from fer_core.litert import MOST_APART
from fer_core.types import Float
from fer_core.web.table import model_table
from fer_core.zoo.card import Card

NAME: Final = "rapt"
_FACES: Final = 16


def describe_litert(path: Path, card: Card) -> None:
    """Write the description into a LiteRT file's own metadata."""
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    model: Any = flatbuffer_utils.read_model(str(path))
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = np.frombuffer(_text(card).encode(), np.uint8)
    entry.name, entry.buffer = NAME.encode(), len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    flatbuffer_utils.write_model(model, str(path))


def describe_onnx(path: Path, card: Card) -> None:
    """Write the description into an ONNX file's own metadata."""
    import onnx

    model = onnx.load(str(path))
    entry = model.metadata_props.add()
    entry.key, entry.value = NAME, _text(card)
    onnx.save(model, str(path))


def _text(card: Card) -> str:
    return json.dumps(model_table(card), separators=(",", ":"))


def hold_against(path: Path, model: Any, *, exact: bool) -> float:
    """How far a LiteRT file's logits are from the model's, on made faces; ModelError where a
    file in single precision (``exact``) differs by more than ``MOST_APART``."""
    rng = np.random.default_rng(0)
    shape = (1, *model.input_shape[1:])
    faces = rng.normal(0, 0.8, (_FACES, *shape)).astype(np.float32)
    run = runner(path)
    apart = max(
        float(np.abs(run(one) - np.asarray(model(one, training=False))).max()) for one in faces
    )
    if exact and not apart <= MOST_APART:
        path.unlink()
        raise ModelError(
            f"{path.name} answers otherwise than the model ({apart:.2g} in a logit).",
            "It was removed. Install the pinned packages again.",
        )
    return apart


def runner(path: Path) -> Callable[[Float], Float]:
    """Runs a LiteRT or ONNX file: one scaled face (1, h, w, channels) in, its logits (1, n) out."""
    if path.suffix == ".onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        return lambda face: np.asarray(session.run(None, {name: face})[0])
    from fer_core.litert import interpreter

    net = interpreter(path.read_bytes())
    net.allocate_tensors()
    source = net.get_input_details()[0]["index"]
    target = net.get_output_details()[0]["index"]

    def run(face: Float) -> Float:
        net.set_tensor(source, face)
        net.invoke()
        return np.asarray(net.get_tensor(target))

    return run
