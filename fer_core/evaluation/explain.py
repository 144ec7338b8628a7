"""Feature maps, class activation maps and saliency of a network for one face.

Imports TensorFlow, which takes 0.7 GB: pages reach it through ``explain_process``. Weights
come as bytes whose checksum somebody else has compared; they are loaded in safe mode.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fer_core.errors import ModelError
from fer_core.labels import EMOTIONS
from fer_core.types import Bytes, Float
from fer_core.zoo.card import Card

#: Channels of a stage that are shown, the strongest first.
MOST_MAPS = 32
BATCH = 128


@dataclass(frozen=True, slots=True)
class Stage:
    """The last answer of a network at one size: (height, width, channels), or (rows, channels)."""

    name: str
    shape: tuple[int, ...]

    @property
    def flat(self) -> bool:
        """Of a one-dimensional network, whose maps are columns."""
        return len(self.shape) == 2


@dataclass(frozen=True, slots=True)
class Explanation:
    """One face through a network. ``maps`` and ``cams`` have an entry a stage.

    A map is (channels, height, width), the strongest first, as it was answered. A cam is
    (7, height, width) in the order of labels.EMOTIONS, not negative, zero for emotions that
    the output does not know. ``saliency`` is (7, size, size): how much each pixel counts.
    """

    logits: Float
    stages: tuple[Stage, ...]
    maps: tuple[Float, ...]
    cams: tuple[Float, ...]
    saliency: Float


class Explainer:
    """One network, loaded from bytes whose digest is on its card."""

    def __init__(self, card: Card, content: bytes) -> None:
        self.card = card
        self.model = _load(card.name, content)
        size = (card.crop.size, card.crop.size, card.crop.channels)
        if tuple(self.model.input_shape[1:]) != size:
            raise ModelError(
                f"{card.name} takes {tuple(self.model.input_shape[1:])}, its card says {size}.",
                "Take the model's files anew, or train it again.",
            )
        self._layers = list(_stages(self.model))
        self.stages = tuple(Stage(layer.name, _shape(layer)) for layer in self._layers)
        self._wide: Any = None
        self._embed: Any = None

    def scaled(self, crops: Bytes) -> Float:
        """Crops (n, size, size), uint8, as the network takes them: (n, size, size, channels)."""
        grey = (crops.astype(np.float32) - self.card.mean) / self.card.scale
        return np.asarray(np.repeat(grey[..., None], self.card.crop.channels, axis=3), np.float32)

    def see(self, crop: Bytes, output: str | None = None) -> Explanation:
        """Everything of one face; gradients are of the emotions' logits in ``output``."""
        import keras
        import tensorflow as tf

        if self._wide is None:
            answers = [*(layer.output for layer in self._layers), self.model.outputs[0]]
            self._wide = keras.Model(self.model.inputs, answers)
        face = tf.convert_to_tensor(self.scaled(crop[None]))
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(face)
            said = self._wide(face, training=False)
            # a network without maps has one answer, and that comes without a list
            *answers, logits = said if isinstance(said, (list, tuple)) else [said]
            scores = [
                tf.add_n([logits[0, column] for column in columns]) if columns else None
                for columns in columns_of(self.card, output)
            ]
        found = [np.asarray(answer)[0] for answer in answers]
        cams = [np.zeros((len(EMOTIONS), *_plane(one)), np.float32) for one in found]
        side = self.card.crop.size
        saliency = np.zeros((len(EMOTIONS), side, side), np.float32)
        for emotion, score in enumerate(scores):
            if score is None:
                continue
            slopes = tape.gradient(score, [*answers, face])
            for stage, slope in enumerate(slopes[:-1]):
                if slope is not None:
                    cams[stage][emotion] = grad_cam(found[stage], np.asarray(slope)[0])
            saliency[emotion] = np.abs(np.asarray(slopes[-1])[0]).max(axis=-1)
        return Explanation(
            logits=np.asarray(logits)[0].astype(np.float32),
            stages=self.stages,
            maps=tuple(strongest(one) for one in found),
            cams=tuple(cams),
            saliency=saliency,
        )

    def features(self, crops: Bytes) -> Float:
        """What the last layer is given, a row a face."""
        import keras
        import tensorflow as tf

        if self._embed is None:
            before = keras.Model(self.model.inputs, self.model.layers[-1].input)
            self._embed = tf.function(
                lambda faces: before(faces, training=False),
                input_signature=[tf.TensorSpec((None, *self.model.input_shape[1:]), tf.float32)],
            )
        rows = [
            np.asarray(self._embed(self.scaled(crops[start : start + BATCH])))
            for start in range(0, len(crops), BATCH)
        ]
        return np.concatenate(rows).reshape(len(crops), -1).astype(np.float32)


def _load(name: str, content: bytes) -> Any:
    """The bytes that were compared are the bytes that are loaded: not the file once more."""
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ModelError(
            f"Looking inside needs TensorFlow, not {keras.backend.backend()}.",
            "Unset KERAS_BACKEND.",
        )
    with tempfile.TemporaryDirectory(prefix="rapt-explain-") as folder:
        path = Path(folder) / "model.keras"
        path.touch(0o600)
        path.write_bytes(content)
        try:
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
        except (ValueError, TypeError, OSError, KeyError) as error:
            raise ModelError(
                f"Keras cannot load {name}.", "Take the model's files anew, or train it again."
            ) from error
    model.trainable = False
    return model


def _shape(layer: Any) -> tuple[int, ...]:
    return tuple(int(side) for side in layer.output.shape[1:])


def _stages(model: Any) -> Iterator[Any]:
    """For each size that the network works at, the last layer that answers at it."""
    last: dict[tuple[int, ...], Any] = {}
    started = False
    for layer in model.layers:
        kind = type(layer).__name__
        started = started or kind.startswith(("Conv", "DepthwiseConv", "SeparableConv"))
        shape = tuple(layer.output.shape[1:])
        wide = len(shape) == 3 and min(shape[:2]) > 1
        long = len(shape) == 2 and shape[0] > 1
        if started and not kind.startswith("ZeroPadding") and (wide or long):
            last[shape[:-1]] = layer
    # the largest first; a dictionary alone would keep the order in which sizes came up
    yield from (last[key] for key in sorted(last, key=lambda key: -int(np.prod(key))))


def columns_of(card: Card, output: str | None = None) -> list[list[int]]:
    """For each of the seven emotions its columns in the row of logits; none where unknown."""
    output = output or card.serves
    start = card.part(output).start
    mapping = card.mapping(output)
    return [
        [start + k for k, label in enumerate(card.outputs[output]) if mapping.get(label) == emotion]
        for emotion in EMOTIONS
    ]


def _plane(answer: Float) -> tuple[int, int]:
    """A one-dimensional answer is a column of rows."""
    return (answer.shape[0], 1) if answer.ndim == 2 else (answer.shape[0], answer.shape[1])


def grad_cam(answer: Float, slope: Float) -> Float:
    """Selvaraju et al. 2017: channels weighted by their mean slope; what speaks against is 0."""
    places = tuple(range(answer.ndim - 1))
    weights = slope.mean(axis=places)
    return np.maximum(answer @ weights, 0).reshape(_plane(answer)).astype(np.float32)


def strongest(answer: Float, most: int = MOST_MAPS) -> Float:
    """The channels with the largest mean size, first (channels, height, width)."""
    size = np.abs(answer).mean(axis=tuple(range(answer.ndim - 1)))
    order = np.argsort(-size, kind="stable")[:most]
    chosen = np.moveaxis(answer, -1, 0)[order].astype(np.float32)
    return chosen.reshape(len(order), *_plane(answer))


def spread(heat: Float, size: int) -> Float:
    """A heat map at a picture's size, its largest value 1; all zero where nothing speaks."""
    top = float(heat.max())
    if top <= 0:
        return np.zeros((size, size), np.float32)
    wide = cv2.resize(heat / top, (size, size), interpolation=cv2.INTER_CUBIC)
    return np.clip(wide, 0, 1).astype(np.float32)


def quiet() -> None:
    """TensorFlow's notices on start are nobody's business; before it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
