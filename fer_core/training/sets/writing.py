"""A part of a source to shards of a training set: mirrored, rotated, balanced, without copies.

What becomes of a face follows from its row, its picture and the seed alone. So the same source and
seed give the same pictures, whoever works on which part, in which order, and however often.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fer_core.files import replacing
from fer_core.labels import EMOTIONS, VALIDATION
from fer_core.training.augment import NONE, apply_changes, draw_changes
from fer_core.training.datasets import SIDE, Problem
from fer_core.training.readers.prepared import SCHEMA
from fer_core.training.sets.parts import Face, Part, faces, rows_in, votes_of
from fer_core.types import Bytes

TRAIN: Final = "train"
_AT_ONCE: Final = 1_000  # faces in memory
_TOLD: Final = 20  # problems that a part names


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is made of a source."""

    copies: int = 1  # changed versions of each training face, beside the face itself
    mirror: float = 0.5  # probability, of a changed version
    rotate: float = 12.0  # degrees, one standard deviation being half of it
    balance: bool = False  # every emotion has about as many training faces
    hold_out: float = 0.1  # share for validation, where the source has no such split
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Counted:
    """What a part holds: rows, faces by split and label, and digests of faces that never train."""

    rows: int
    faces: dict[str, list[int]]
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """The shards of a part: faces by file and label, and what was left out."""

    files: dict[str, list[int]] = field(default_factory=dict)
    copies: int = 0
    problems: tuple[str, ...] = ()
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """A part and its place in the source."""

    part: Part
    number: int
    first: int  # rows before it
    rows: int


@dataclass(frozen=True, slots=True)
class Whole:
    """What every part must know of the others."""

    training: tuple[int, ...]  # training faces by label
    known: frozenset[str]  # digests of faces that never train
    voted: bool  # FER+'s votes lie beside the source
    hold_out: bool  # there is no split for validation: some training faces become one


def count(part: Part) -> Counted:
    """The first look at a part."""
    found: dict[str, Counter[int]] = {}
    known = set()
    for face in faces(part, []):
        found.setdefault(face.split, Counter())[face.label] += 1
        if face.split != TRAIN:
            known.add(digest(face.image))
    by_label = {split: [n[x] for x in range(len(EMOTIONS))] for split, n in found.items()}
    return Counted(rows_in(part), by_label, tuple(sorted(known)))


def write(placed: Placed, whole: Whole, recipe: Recipe, target: Path) -> Written:
    """Write a part's shards, one a split; each appears when it is whole, also a second time."""
    problems: list[Problem] = []
    part, first = placed.part, placed.first
    votes = votes_of(part, first, placed.rows) if whole.voted else None
    copies = 0
    by_split: dict[str, list[Face]] = {}
    files: dict[str, list[int]] = {}
    for face in faces(part, problems, first):
        key = digest(face.image)
        split = face.split
        if split == TRAIN and key in whole.known:
            copies += 1
            continue
        if split == TRAIN and whole.hold_out and _share(recipe.seed, key) < recipe.hold_out:
            split = VALIDATION
        by_split.setdefault(split, []).append(face)
    for split, found in sorted(by_split.items()):
        name = f"{split}-{placed.number:05d}.parquet"
        training = whole.training if split == TRAIN else ()
        rows = _rows(found, first, training, recipe)
        files[name] = _write_rows(rows, votes, first, target / name)
    told = tuple(str(one) for one in problems[:_TOLD])
    return Written(files, copies, told, len(problems))


def _rows(
    found: Sequence[Face], first: int, training: Sequence[int], recipe: Recipe
) -> Iterator[tuple[Face, int, Bytes]]:
    """Every face with its versions: the face, the version's number and its picture."""
    for face in found:
        yield face, 0, face.image
        if training:
            row = first + face.row
            for version in range(1, versions(face.label, row, training, recipe)):
                yield face, version, changed(face.image, row, version, recipe)


def versions(label: int, row: int, training: Sequence[int], recipe: Recipe) -> int:
    """How many pictures a training face becomes, itself counted."""
    wanted = float(1 + recipe.copies)
    if recipe.balance:
        wanted *= max(training) / training[label]
    whole = int(wanted)
    return whole + int(np.random.default_rng((recipe.seed, row)).random() < wanted - whole)


def changed(image: Bytes, row: int, version: int, recipe: Recipe) -> Bytes:
    """A face (48, 48) mirrored or not and rotated, as seed, row and version say."""
    how = replace(NONE, mirror=recipe.mirror, rotate=recipe.rotate)
    changes = draw_changes(how, 1, np.random.default_rng((recipe.seed, row, version)))
    made = apply_changes(image[None], SIDE, changes, NONE.erase_area)[0]
    turned: Bytes = np.rint(made).astype(np.uint8)
    return turned


def digest(image: Bytes) -> str:
    """Sixteen characters that two pictures share only where they are the same."""
    return hashlib.blake2b(image.tobytes(), digest_size=8).hexdigest()


def _share(seed: int, key: str) -> float:
    """A number from 0 to 1 that copies of one picture share."""
    return float(np.random.default_rng((seed, int(key, 16))).random())


def _write_rows(
    rows: Iterator[tuple[Face, int, Bytes]], votes: np.ndarray | None, first: int, path: Path
) -> list[int]:
    """Write a shard; faces by label."""
    counts = [0] * len(EMOTIONS)
    waiting: list[tuple[int, int, int, bytes, list[int] | None]] = []
    options = {"compression": "zstd", "write_page_checksum": True}
    with replacing(path) as part, pq.ParquetWriter(part, SCHEMA, **options) as out:

        def flush() -> None:
            columns = [pa.array(column, kind) for column, kind in zip(zip(*waiting), SCHEMA.types)]
            out.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))
            waiting.clear()

        for face, version, image in rows:
            counts[face.label] += 1
            voted = None if votes is None else votes[face.row].tolist()
            waiting.append((first + face.row, version, face.label, image.tobytes(), voted))
            if len(waiting) >= _AT_ONCE:
                flush()
        if waiting:
            flush()
    return counts
