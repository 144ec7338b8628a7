"""Labelled faces from disk: one function, whatever the layout.

``load`` takes Kaggle's CSV (``emotion,pixels,Usage``), a folder of emotion folders, with
or without split folders above them, or a folder of mosaics (``SPLIT_00.webp`` … with
``SPLIT_labels.npz``). What is broken is named with its place, counted and left out.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_core.errors import DataError
from fer_core.labels import EMOTIONS
from fer_core.training.samples import FERPLUS, Samples, exact_copies
from fer_core.types import Bytes

SIDE = 48
PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}

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
    "publictest": "publictest",
    "validation": "publictest",
    "valid": "publictest",
    "val": "publictest",
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


def load(path: str | Path, *, usage: str | None = None) -> DataSet:
    """Read a data set; ``usage`` reads one split alone. DataError where nothing is usable."""
    path = Path(path).expanduser()
    wanted = split_name(usage) if usage else None
    if path.is_file():
        found = read_csv(path, wanted)
    elif path.is_dir() and list(path.glob("*_labels.npz")):
        found = read_mosaics(path, wanted)
    elif path.is_dir():
        found = read_folders(path, wanted)
    else:
        raise DataError(
            f"There is no data set at {path}.",
            "Give Kaggle's CSV or a folder with a folder of pictures for each emotion.",
        )
    if not any(len(samples) for samples in found.splits.values()):
        first = f" The first problem: {found.problems[0]}." if found.problems else ""
        which = f" in the split {usage!r}" if usage else ""
        raise DataError(
            f"{path} holds no usable face{which}.{first}",
            "Give Kaggle's CSV or a folder with a folder of pictures for each emotion.",
        )
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
    crops = np.stack([_brought_to_side(crop) for crop in crops])
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


def _collect(
    name: str, rows: Iterator[tuple[str, Bytes, int, np.ndarray | None]], problems: list[Problem]
) -> DataSet:
    images: dict[str, list[Bytes]] = {}
    labels: dict[str, list[int]] = {}
    votes: dict[str, list[np.ndarray]] = {}
    for split, image, label, voted in rows:
        images.setdefault(split, []).append(image)
        labels.setdefault(split, []).append(label)
        votes.setdefault(split, []).append(
            np.zeros(len(FERPLUS), np.int32) if voted is None else voted
        )
    splits = {}
    for split, pictures in images.items():
        voted_rows = np.stack(votes[split])
        splits[split] = Samples(
            np.stack(pictures),
            np.array(labels[split], np.int32),
            voted_rows if voted_rows.any() else None,
        )
    return DataSet(name, splits, tuple(problems))


def read_csv(path: Path, wanted: str | None = None) -> DataSet:
    """Kaggle's file; FER+'s ``fer2013new.csv`` beside it adds its votes row by row."""
    problems: list[Problem] = []
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            header = next(csv.reader(lines), [])
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as text.", "Give a CSV file.") from error
    columns = [name.strip().lower() for name in header]
    if "emotion" not in columns or "pixels" not in columns:
        raise DataError(
            f"{path.name} has the columns {', '.join(header) or 'of an empty file'}, "
            "not emotion, pixels and Usage.",
            "Give FER2013's CSV as Kaggle has it.",
        )
    votes = _votes_beside(path, problems)

    def rows() -> Iterator[tuple[str, Bytes, int, np.ndarray | None]]:
        # What is no text in the middle of the file is a row's trouble, not the file's.
        with path.open(newline="", encoding="utf-8", errors="replace") as lines:
            reader = csv.reader(lines)
            next(reader)
            for number in itertools.count():
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    problems.append(Problem(f"line {reader.line_num}", str(error)))
                    continue
                where = f"line {reader.line_num}"
                if len(row) != len(columns):
                    problems.append(Problem(where, f"{len(row)} columns instead of {len(columns)}"))
                    continue
                cells = dict(zip(columns, row))
                split = split_name(cells.get("usage", "train"))
                if wanted is not None and split != wanted:
                    continue
                label = cells["emotion"].strip()
                if not _is_number(label) or int(label) >= len(EMOTIONS):
                    problems.append(Problem(where, f"the label is {label!r}, not 0 to 6"))
                    continue
                try:
                    values = np.array(cells["pixels"].split(), dtype=np.int32)
                except (ValueError, OverflowError):
                    problems.append(Problem(where, _not_a_number(cells["pixels"])))
                    continue
                if len(values) != SIDE * SIDE:
                    problems.append(Problem(where, f"{len(values)} grey levels, not 48 x 48"))
                    continue
                if values.min() < 0 or values.max() > 255:
                    wrong = int(values[(values < 0) | (values > 255)][0])
                    problems.append(Problem(where, f"the grey level {wrong} is not 0 to 255"))
                    continue
                image = values.astype(np.uint8).reshape(SIDE, SIDE)
                yield split, image, int(label), None if votes is None else votes[number]

    return _collect(path.name, rows(), problems)


def _is_number(text: str) -> bool:
    """Whether these are digits, and few: «²» counts as one elsewhere, and int() refuses it."""
    return text.isascii() and text.isdigit() and len(text) < 10


def _not_a_number(text: str) -> str:
    wrong = next((word for word in text.split() if not word.lstrip("-").isdigit()), "")
    return f"{wrong[:20]!r} stands among the grey levels" if wrong else "a grey level is too large"


def _votes_beside(path: Path, problems: list[Problem]) -> np.ndarray | None:
    beside = path.with_name("fer2013new.csv")
    if not beside.exists() or beside == path:
        return None
    with beside.open(newline="", encoding="utf-8", errors="replace") as lines:
        reader = csv.reader(lines)
        next(reader, None)
        try:
            votes = np.array([row[2 : 2 + len(FERPLUS)] for row in reader], dtype=np.int32)
        except ValueError:
            problems.append(Problem(beside.name, "holds something that is no vote; left out"))
            return None
    with path.open("rb") as content:
        faces = sum(1 for line in content if line.strip()) - 1
    if len(votes) != faces:
        problems.append(
            Problem(beside.name, f"{len(votes)} rows of votes for {faces} faces; left out")
        )
        return None
    return votes


def emotion_of(folder: str) -> int | None:
    name = folder.strip().lower()
    name = ALIASES.get(name, name)
    if name in EMOTIONS:
        return EMOTIONS.index(name)
    return int(name) if _is_number(name) and int(name) < len(EMOTIONS) else None


def emotion_folders(path: Path) -> list[tuple[str, Path, int]]:
    """(split, folder, label) of each emotion folder; without split folders all is ``train``."""
    found = []
    for folder in sorted(child for child in path.iterdir() if child.is_dir()):
        label = emotion_of(folder.name)
        if label is not None:
            found.append(("train", folder, label))
            continue
        for inner in sorted(child for child in folder.iterdir() if child.is_dir()):
            label = emotion_of(inner.name)
            if label is not None:
                found.append((split_name(folder.name), inner, label))
    if not found:
        raise DataError(
            f"{path} holds no folder that is named after an emotion.",
            f"Name them {', '.join(EMOTIONS)}.",
        )
    return found


def pictures_in(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES)


def read_grey(path: Path) -> Bytes | None:
    import cv2

    content = np.frombuffer(path.read_bytes(), np.uint8)
    return cv2.imdecode(content, cv2.IMREAD_GRAYSCALE) if len(content) else None  # type: ignore[return-value]


def _brought_to_side(grey: Bytes) -> Bytes:
    if grey.shape == (SIDE, SIDE):
        return grey
    import cv2

    how = cv2.INTER_AREA if min(grey.shape) > SIDE else cv2.INTER_LINEAR
    return cv2.resize(grey, (SIDE, SIDE), interpolation=how).astype(np.uint8)


def read_folders(path: Path, wanted: str | None = None) -> DataSet:
    """Folders of faces. Without split folders, a ``wanted`` split means all of them."""
    problems: list[Problem] = []
    folders = emotion_folders(path)
    flat = all(folder.parent == path for _, folder, _ in folders)

    def rows() -> Iterator[tuple[str, Bytes, int, np.ndarray | None]]:
        for split, folder, label in folders:
            if flat and wanted is not None:
                split = wanted
            if wanted is not None and split != wanted:
                continue
            for picture in pictures_in(folder):
                grey = read_grey(picture)
                if grey is None:
                    problems.append(Problem(str(picture.relative_to(path)), "no picture"))
                    continue
                yield split, _brought_to_side(grey), label, None

    return _collect(path.name, rows(), problems)


def read_mosaics(path: Path, wanted: str | None = None) -> DataSet:
    """Sheets of 48x48 tiles, left to right and top to bottom, with labels and votes beside."""
    splits = {}
    for meta in sorted(path.glob("*_labels.npz")):
        split = meta.name.removesuffix("_labels.npz")
        if wanted is not None and split_name(split) != wanted:
            continue
        try:
            with np.load(meta, allow_pickle=False) as stored:
                labels = stored["labels"].astype(np.int32)
                votes = stored["votes"][:, : len(FERPLUS)].astype(np.int32)
        except (OSError, ValueError, KeyError) as error:
            raise DataError(
                f"{meta} does not hold labels and votes.", "Take the data set anew."
            ) from error
        tiles = []
        for sheet in sorted(path.glob(f"{split}_*.webp")):
            grey = read_grey(sheet)
            if grey is None or grey.shape[0] % SIDE or grey.shape[1] % SIDE:
                raise DataError(f"{sheet} is no mosaic of 48x48 faces.", "Take the data set anew.")
            high, wide = grey.shape[0] // SIDE, grey.shape[1] // SIDE
            cut = grey.reshape(high, SIDE, wide, SIDE).swapaxes(1, 2)
            tiles.append(cut.reshape(-1, SIDE, SIDE))
        images = np.concatenate(tiles) if tiles else np.zeros((0, SIDE, SIDE), np.uint8)
        if len(images) < len(labels):
            raise DataError(
                f"{path} holds {len(images)} faces and {len(labels)} labels of {split}.",
                "Take the data set anew.",
            )
        splits[split_name(split)] = Samples(images[: len(labels)], labels, votes)
    return DataSet(path.name, splits)


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
