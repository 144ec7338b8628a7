"""From data sets to what a run trains on and what it is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from fer_core.errors import DataError
from fer_core.labels import EMOTIONS, VALIDATION
from fer_core.training.datasets import DataSet, mix, stratified
from fer_core.training.samples import Samples, exact_copies
from fer_core.training.targets import columns


@dataclass(frozen=True, slots=True)
class Prepared:
    """Training faces without those that it is judged by, and what was done about it."""

    training: Samples
    validation: Samples
    notes: tuple[str, ...]
    public: bool = True  # validation comes from a data set, not from one's own labels
    held_out: Samples | None = None  # the held-out part of one's own labels
    practice: bool = False  # drawn faces are among them


class Part(NamedTuple):
    """What one data set gives to a run: its faces that train, and their share of an epoch."""

    data: DataSet
    faces: Samples
    weight: float


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
    if len(data.splits.get(VALIDATION, ())):
        validation = data[VALIDATION]
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


def gather(sources: Sequence[tuple[DataSet, float]], *, seed: int = 1) -> Prepared:
    """Several data sets, each with the share of every epoch that it gets.

    The held-out part of one's own labels never trains; it judges the result beside the
    first public set's validation faces.
    """
    if len(sources) == 1 and not sources[0][0].own:
        return prepare(sources[0][0], seed=seed)
    notes: list[str] = []
    parts: list[Part] = []
    judges: list[Samples] = []
    held: list[Samples] = []
    for data, weight in sources:
        if not data.own:
            ready = prepare(data, seed=seed)
            notes += [f"{data.name}: {note}" for note in ready.notes]
            judges.append(ready.validation)
            parts.append(Part(data, ready.training, weight))
            continue
        if "held_out" in data.splits:
            held.append(data["held_out"])
        else:
            notes.append(f"no face of {data.name} is held out: the gain cannot be measured")
        if "train" in data.splits:
            parts.append(Part(data, data["train"], weight))
            notes += _of_one_emotion(data)
        else:
            notes.append(f"all faces of {data.name} are held out: none of them trains")
    if not judges and not held and parts:
        # Neighbouring frames may be on both sides: good for following a run, not for judging it.
        faces, aside = stratified(parts[0].faces, 0.1, seed)
        parts[0] = parts[0]._replace(faces=faces)
        judges.append(aside)
    parts = _without_copies(parts, [*judges, *held], notes)
    training = mix([(one.faces, one.weight) for one in parts])
    _check_emotions(training)
    own = mix([(samples, len(samples)) for samples in held]) if held else None
    public = any(not data.own for data, _ in sources)
    if not public:
        notes.append("no public faces: what the model forgets cannot be measured")
    validation = judges[0] if judges else own
    assert validation is not None  # without judges and held-out faces, some were set aside above
    return Prepared(training, validation, tuple(notes), public, own)


def _without_copies(
    parts: Sequence[Part], unseen: Sequence[Samples], notes: list[str]
) -> list[Part]:
    """The parts without faces that the model is judged by, or that a person judged anew."""
    judged_by = np.concatenate([samples.images for samples in unseen])
    corrected = [one.data["train"].images for one in parts if one.data.own]
    found = []
    for part in parts:
        faces = part.faces
        if corrected and not part.data.own:
            # A face of the public set that a person judged anew: that judgement counts.
            faces = faces[~exact_copies(faces.images, np.concatenate(corrected))]
        copies = exact_copies(faces.images, judged_by)
        if copies.any():
            notes.append(
                f"{int(copies.sum())} faces of {part.data.name} left out: "
                "they are copies of faces that the model is judged by"
            )
            faces = faces[~copies]
        found.append(part._replace(faces=faces))
    return found


def _of_one_emotion(own: DataSet) -> list[str]:
    """What to expect where a person labelled all training faces alike."""
    said = [name for name, count in own["train"].counts().items() if count]
    if len(said) != 1:
        return []
    return [
        f"all {len(own['train'])} faces of {own.name} are {said[0]}: the model may "
        f"come to call {said[0]} whatever looks like these pictures"
    ]


def _check_emotions(training: Samples) -> None:
    """DataError where all faces show one emotion."""
    present = [name for name, count in training.counts().items() if count]
    if len(present) < 2:
        raise DataError(
            f"All {len(training)} training faces are {present[0]}.",
            "A model needs faces of at least two emotions; add a public data set.",
        )


def for_output(prepared: Prepared, output: str) -> Prepared:
    """Without the faces whose emotion the output does not have."""
    place = columns(output) if output != "ferplus" else np.zeros(len(EMOTIONS), np.int32)
    training = prepared.training[place[prepared.training.labels] >= 0]
    validation = prepared.validation[place[prepared.validation.labels] >= 0]
    return replace(prepared, training=training, validation=validation)
