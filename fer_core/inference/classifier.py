"""Crops to probabilities with LiteRT. TensorFlow is never imported here."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from fer_core.errors import ModelError
from fer_core.home import Home
from fer_core.inference.outputs import own_probabilities, served, to_seven
from fer_core.litert import interpreter
from fer_core.types import Bytes, CropSpec, Float
from fer_core.zoo.card import Card
from fer_core.zoo.model_store import StoredModel, find_model


class Classifier:
    """One model, ready to read faces. Calls from several threads wait for each other."""

    def __init__(self, stored: StoredModel, kind: str | None = None, *, threads: int = 1) -> None:
        self.card: Card = stored.card
        self.kind = kind or self.card.default
        content = stored.content(self.kind)
        self.digest = self.card.files[self.kind].sha256
        try:
            self._net: Any = interpreter(content, threads)
            self._net.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                f"LiteRT cannot run the {self.kind} file of {self.card.name}.",
                "Export the model again with rapt models export.",
            ) from error
        taken = self._net.get_input_details()[0]
        self._picture = self._net.tensor(taken["index"])
        self._answer = self._net.tensor(self._net.get_output_details()[0]["index"])
        wanted = (1, self.crop.size, self.crop.size, self.crop.channels)
        if tuple(taken["shape"]) != wanted:
            raise ModelError(
                f"{self.card.name} takes {tuple(taken['shape'])}, its card says {wanted}.",
                "Take the model's files anew, or train it again.",
            )
        self._lock = threading.Lock()

    @property
    def crop(self) -> CropSpec:
        return self.card.crop

    def logits(self, crops: Bytes) -> Float:
        """What the network answers, a row a face (n, labels of all outputs)."""
        size = self.crop.size
        if crops.ndim != 3 or crops.shape[1:] != (size, size):
            raise ValueError(f"crops must be (n, {size}, {size}), not {crops.shape}")
        width = sum(len(labels) for labels in self.card.outputs.values())
        rows = np.empty((len(crops), width), np.float32)
        with self._lock:
            for number, crop in enumerate(crops):
                # One face at a time: a face's numbers must not depend on its neighbours.
                grey = crop.astype(np.float32) - np.float32(self.card.mean)
                grey /= np.float32(self.card.scale)
                self._picture()[0] = grey[:, :, None]  # the same in all colours
                self._net.invoke()
                rows[number] = self._answer()[0]
        return rows

    def served_logits(self, crops: Bytes) -> Float:
        """The logits that count: the mean over the face and its mirror image, if the card says."""
        found = self.logits(crops)
        if self.card.mirror:
            found = found + self.logits(np.ascontiguousarray(crops[:, :, ::-1]))
            found *= np.float32(0.5)
        return found

    def own_probabilities(self, crops: Bytes, output: str | None = None) -> Float:
        """Calibrated probabilities over the labels of one output (the serving one)."""
        return own_probabilities(self.card, self.served_logits(crops), output)

    def probabilities(self, crops: Bytes, output: str | None = None) -> Float:
        """Calibrated probabilities (n, 7) in the order of labels.EMOTIONS."""
        logits = self.served_logits(crops)
        if output is None:
            return served(self.card, logits)
        return to_seven(self.card, own_probabilities(self.card, logits, output), output)


def open_classifier(
    name: str | None = None,
    *,
    home: Home | None = None,
    kind: str | None = None,
    threads: int = 1,
) -> Classifier:
    """A model by name (the one in use where none is given), from its LiteRT file."""
    return Classifier(find_model(name, home), kind, threads=threads)
