"""Labelled faces from disk: one function, whatever the layout.

``load`` asks the readers of ``training.readers`` which of them takes a path. What is broken is
named with its place, counted and left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_core.errors import DataError
from fer_core.labels import EMOTIONS, VALIDATION
from fer_core.training.samples import FERPLUS, Samples, exact_copies
from fer_core.types import Bytes

SIDE = 48
#: The column that says of a CSV that its faces were drawn.
PRACTICE = "practice"

#: Other names of the emotions, as other data sets have them.
ALIASES = {
    "anger": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}
#: Kaggle's and others' names of the splits.
SPLITS = {
    "training": "train",
    "train": "train",
    "publictest": VALIDATION,
    "validation": VALIDATION,
    "valid": VALIDATION,
    "val": VALIDATION,
    "privatetest": "privatetest",
    "test": "privatetest",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was left out: where it stands and what is wrong with it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set's splits, and what could not be read of it."""

    name: str
    splits: dict[str, Samples]
    problems: tuple[Problem, ...] = ()
    own: bool = False  # somebody's own labels, not a published set
    practice: bool = False  # drawn faces: what learns from them is for practice only

    def __getitem__(self, split: str) -> Samples:
        if split not in self.splits:
            raise DataError(
                f"{self.name} has no split {split!r}.", f"It has: {', '.join(self.splits)}."
            )
        return self.splits[split]


def split_name(usage: str) -> str:
    """The split that a name from a file or a command line means."""
    key = usage.strip().lower()
    return SPLITS.get(key, key)


def is_label(text: str) -> bool:
    """Whether this is the number of an emotion: «²» counts as a digit, and int() refuses it."""
    return text.isascii() and text.isdigit() and len(text) < 10 and int(text) < len(EMOTIONS)


def emotion_of(folder: str) -> int | None:
    """The emotion's place in EMOTIONS that a folder's name means; None: no emotion."""
    name = folder.strip().lower()
    name = ALIASES.get(name, name)
    if name in EMOTIONS:
        return EMOTIONS.index(name)
    return int(name) if is_label(name) else None


def to_side(grey: Bytes) -> Bytes:
    """A grey face (h, w) as (48, 48)."""
    if grey.shape == (SIDE, SIDE):
        return grey
    import cv2

    how = cv2.INTER_AREA if min(grey.shape) > SIDE else cv2.INTER_LINEAR
    return cv2.resize(grey, (SIDE, SIDE), interpolation=how).astype(np.uint8)


def load(path: str | Path, *, usage: str | None = None) -> DataSet:
    """Read a data set; ``usage`` reads one split alone. DataError where nothing is usable."""
    from fer_core.training.readers import READERS

    path = Path(path).expanduser()
    hint = "Give Kaggle's CSV or a folder with a folder of pictures for each emotion."
    readers = sorted(READERS, key=lambda one: one.order)
    reader = next((one for one in readers if one.takes(path)), None)
    if reader is None:
        raise DataError(f"There is no data set at {path}.", hint)
    found = reader.read(path, split_name(usage) if usage else None)
    if not any(len(samples) for samples in found.splits.values()):
        first = f" The first problem: {found.problems[0]}." if found.problems else ""
        which = f" in the split {usage!r}" if usage else ""
        raise DataError(f"{path} holds no usable face{which}.{first}", hint)
    return found


#: FER+'s name of each of the seven emotions.
AS_VOTES = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}
#: As many as FER+ asked: one's own judgement counts as if all of them had agreed.
OWN_VOTES = 10


def from_labels(
    crops: Bytes,
    emotions: Sequence[str],
    held_out: Sequence[bool] | np.ndarray,
    *,
    name: str = "own labels",
) -> DataSet:
    """One's own judgements of kept faces, as splits ``train`` and ``held_out``.

    A picture that is held out once is held out everywhere: its copies never train. An
    output that learns votes takes a judgement as votes of one mind.
    """
    n = len(crops)
    held = np.asarray(held_out, bool)
    if n == 0:
        raise DataError("There are no labelled faces yet.", "Label some on the page Label.")
    if crops.ndim != 3 or crops.dtype != np.uint8:
        raise ValueError(f"crops must be (n, {SIDE}, {SIDE}) uint8, not {crops.shape}")
    crops = np.stack([to_side(crop) for crop in crops])
    if len(emotions) != n or held.shape != (n,):
        raise ValueError(f"{n} crops, {len(emotions)} emotions, {held.shape} held out")
    unknown = sorted({emotion for emotion in emotions if emotion not in EMOTIONS})
    if unknown:
        raise DataError(
            f"{unknown[0]!r} is none of the emotions.", f"They are {', '.join(EMOTIONS)}."
        )
    votes = np.zeros((n, len(FERPLUS)), np.int32)
    votes[np.arange(n), [FERPLUS.index(AS_VOTES[emotion]) for emotion in emotions]] = OWN_VOTES
    labels = np.array([EMOTIONS.index(emotion) for emotion in emotions], np.int32)
    everything = Samples(crops, labels, votes, own=np.ones(n, bool))
    held |= exact_copies(crops, crops[held])
    splits = {"train": everything[~held], "held_out": everything[held]}
    splits = {key: samples for key, samples in splits.items() if len(samples)}
    return DataSet(name, splits, own=True)


def mix(parts: Sequence[tuple[Samples, float]]) -> Samples:
    """Faces of several sources in one; each gets its share of every epoch, whatever its size.

    (public, 3) and (own, 1): every fourth face of an epoch is one's own, and where there
    are few of those, the same ones come again.
    """
    parts = [(samples, weight) for samples, weight in parts if len(samples) and weight > 0]
    if not parts:
        raise DataError("Nothing is left to train on.", "Give at least one source a weight.")
    shapes = {samples.images.shape[1:] for samples, _ in parts}
    if len(shapes) > 1:
        raise ValueError(f"faces of different sizes cannot be mixed: {sorted(shapes)}")
    voted = any(samples.votes is not None for samples, _ in parts)
    nobody = [np.zeros((len(samples), len(FERPLUS)), np.int32) for samples, _ in parts]
    votes = [
        none if samples.votes is None else samples.votes
        for none, (samples, _) in zip(nobody, parts, strict=True)
    ]
    weights = []
    for samples, weight in parts:
        own = np.ones(len(samples)) if samples.weights is None else samples.weights
        weights.append(weight * own / own.sum())
    return Samples(
        np.concatenate([samples.images for samples, _ in parts]),
        np.concatenate([samples.labels for samples, _ in parts]),
        np.concatenate(votes) if voted else None,
        np.concatenate(weights).astype(np.float32),
        np.concatenate(
            [
                np.zeros(len(samples), bool) if samples.own is None else samples.own
                for samples, _ in parts
            ]
        ),
    )


def stratified(samples: Samples, share: float, seed: int) -> tuple[Samples, Samples]:
    """Split off a share of every class (at least one face of a class that has two)."""
    rng = np.random.default_rng(seed)
    held = []
    for label in np.unique(samples.labels):
        rows = rng.permutation(np.flatnonzero(samples.labels == label))
        count = max(1, round(share * len(rows))) if len(rows) > 1 else 0
        held.append(rows[:count])
    out = np.zeros(len(samples), bool)
    out[np.concatenate(held)] = True
    return samples[~out], samples[out]
