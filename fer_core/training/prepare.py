"""From a data set to what a run trains on and what it is judged by."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fer_core.errors import DataError
from fer_core.labels import EMOTIONS
from fer_core.training.datasets import DataSet, stratified
from fer_core.training.samples import Samples, exact_copies
from fer_core.training.targets import columns


@dataclass(frozen=True, slots=True)
class Prepared:
    """Training faces without those that validation holds too, and what was done about it."""

    training: Samples
    validation: Samples
    notes: tuple[str, ...]


def prepare(data: DataSet, *, share: float = 0.1, seed: int = 1) -> Prepared:
    """Take the data set's own validation split, or hold out a share of every class."""
    notes = []
    if data.problems:
        notes.append(
            f"{len(data.problems)} rows or pictures left out; the first: {data.problems[0]}"
        )
    training = data["train"]
    present = [name for name, count in training.counts().items() if count]
    if len(present) < 2:
        raise DataError(
            f"All {len(training)} training faces of {data.name} are {present[0]}.",
            "A model needs faces of at least two emotions.",
        )
    absent = [name for name in EMOTIONS if name not in present]
    if absent:
        notes.append(f"no training face is {', '.join(absent)}: the model cannot learn it")
    if len(data.splits.get("publictest", ())):
        validation = data["publictest"]
    else:
        training, validation = stratified(training, share, seed)
        notes.append(
            f"no validation split: {len(validation)} faces held out, a share of each class"
        )
        if not len(validation):
            raise DataError(
                f"{data.name} has too few faces to hold some out for validation.",
                "Give at least two faces of every emotion.",
            )
    copies = exact_copies(training.images, validation.images)
    if copies.any():
        shown = int(exact_copies(validation.images, training.images).sum())
        training = training[~copies]
        notes.append(
            f"{int(copies.sum())} training faces left out: "
            f"they are copies of {shown} validation faces"
        )
    return Prepared(training, validation, tuple(notes))


def for_output(prepared: Prepared, output: str) -> Prepared:
    """Without the faces whose emotion the output does not have."""
    place = columns(output) if output != "ferplus" else np.zeros(len(EMOTIONS), np.int32)
    training = prepared.training[place[prepared.training.labels] >= 0]
    validation = prepared.validation[place[prepared.validation.labels] >= 0]
    return replace(prepared, training=training, validation=validation)
