"""What was measured, as rows of one file, and what must hold of every row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.sets import NOT_COUNTED, TOTALS, LabelledSet
from benchmarks.peers.systems import SYSTEMS
from fer_core.evaluation.metrics import f1
from fer_core.labels import EMOTIONS

FILE = Path(__file__).resolve().parent / "rows.json"
#: In a row's answers: a digit is a place in labels.EMOTIONS, this a picture without a face.
NO_FACE = "-"
DRAWS = 2000


class WrongRow(ValueError):
    """A row that cannot have been measured."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """One system's answers to one set. Of every ``every``-th picture, a letter each."""

    system: str
    set: str
    every: int
    border: float  # grey around photographs, as a share of the longer side
    answers: str
    counts: list[list[int]]  # 7 true emotions × 7 answers and, last, no face found
    interval: list[float]  # 95 % of ``accuracy``
    versions: dict[str, str]
    measured: str

    @property
    def table(self) -> np.ndarray:
        return np.array(self.counts)

    @property
    def n(self) -> int:
        return int(self.table.sum())

    @property
    def accuracy(self) -> float:
        """Over all pictures: a face not found is a wrong answer."""
        return float(np.trace(self.table[:, :-1]) / self.n)

    @property
    def found(self) -> float:
        return float(self.table[:, :-1].sum() / self.n)

    @property
    def accuracy_of_found(self) -> float:
        return float(np.trace(self.table[:, :-1]) / max(1, self.table[:, :-1].sum()))

    @property
    def macro_f1(self) -> float:
        """Over the emotions that the set shows; a face not found is a miss."""
        square = np.pad(self.table, ((0, 1), (0, 0)))
        return float(f1(square)[:-1][self.table.sum(axis=1) > 0].mean())


@dataclass(frozen=True, slots=True)
class Speed:
    """One system's turn: the film, then single faces, in a process of its own."""

    system: str
    turn: int
    frames: int
    faces: int
    seconds: float
    cpu_seconds: float
    crops: int
    crop_seconds: float
    crop_cpu_seconds: float
    peak_mb: float
    versions: dict[str, str]
    measured: str

    @property
    def fps(self) -> float:
        return self.frames / self.seconds

    @property
    def ms_a_face(self) -> float:
        return 1000 * self.crop_seconds / self.crops


@dataclass(frozen=True, slots=True)
class Rows:
    accuracy: tuple[Accuracy, ...] = ()
    speed: tuple[Speed, ...] = ()

    def with_accuracy(self, new: Accuracy) -> Rows:
        kept = [row for row in self.accuracy if (row.system, row.set) != (new.system, new.set)]
        return Rows((*kept, new), self.speed)

    def of(self, name: str) -> dict[str, Accuracy]:
        """One set's rows by their system, in the order of the tables."""
        found = {row.system: row for row in self.accuracy if row.set == name}
        return {system: found[system] for system in SYSTEMS if system in found}


def read_rows(file: Path = FILE) -> Rows:
    if not file.exists():
        return Rows()
    stored: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return Rows(
        tuple(Accuracy(**row) for row in stored["accuracy"]),
        tuple(Speed(**row) for row in stored["speed"]),
    )


def write_rows(rows: Rows, file: Path = FILE) -> None:
    """One row a line, so that a change shows which."""
    parts = []
    for name, part in (("accuracy", rows.accuracy), ("speed", rows.speed)):
        lines = ",\n".join(json.dumps(asdict(row), ensure_ascii=False) for row in part)
        parts.append(f'"{name}": [\n{lines}\n]')
    file.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def tally(answers: str, truth: np.ndarray) -> list[list[int]]:
    """Counts (7, 8) of answers to pictures with these labels."""
    table: np.ndarray = np.zeros((len(EMOTIONS), len(EMOTIONS) + 1), int)
    for letter, label in zip(answers, truth, strict=True):
        if label != NOT_COUNTED:
            table[label, len(EMOTIONS) if letter == NO_FACE else int(letter)] += 1
    return [[int(count) for count in row] for row in table]


def interval(answers: str, pictures: LabelledSet) -> list[float]:
    """Of the accuracy over all pictures, by a bootstrap over persons."""
    counted = pictures.truth != NOT_COUNTED
    right = np.array([letter == str(label) for letter, label in zip(answers, pictures.truth)])
    names, index = np.unique(pictures.person[counted], return_inverse=True)
    hits = np.bincount(index, right[counted], len(names))
    sizes = np.bincount(index, minlength=len(names))
    random = np.random.default_rng(0)
    shares = []
    for _ in range(DRAWS):
        drawn = random.integers(0, len(names), len(names))
        shares.append(hits[drawn].sum() / sizes[drawn].sum())
    return [round(float(edge), 4) for edge in np.percentile(shares, (2.5, 97.5))]


def check(rows: Rows, sets: Mapping[str, LabelledSet] | None = None) -> None:
    """Refuse a row whose numbers do not fit each other or, where they are there, the labels."""
    for row in rows.accuracy:
        _check_counts(row)
        if sets is not None:
            _check_against(row, sets[row.set])
    for turn in rows.speed:
        if min(turn.frames, turn.crops, turn.seconds, turn.crop_seconds, turn.peak_mb) <= 0:
            raise WrongRow(f"{turn.system}, turn {turn.turn}: nothing was measured")


def _check_counts(row: Accuracy) -> None:
    where = f"{row.system} on {row.set}"
    if row.table.shape != (len(EMOTIONS), len(EMOTIONS) + 1) or row.table.min() < 0:
        raise WrongRow(f"{where}: no table of counts")
    if row.every == 1 and tuple(row.table.sum(axis=1)) != TOTALS[row.set]:
        raise WrongRow(f"{where}: {row.table.sum(axis=1)} faces, not {TOTALS[row.set]}")
    said = [row.answers.count(letter) for letter in "0123456" + NO_FACE]
    if sum(said) != len(row.answers):
        raise WrongRow(f"{where}: answers that are none")
    more = row.table.sum(axis=0) > said if row.set == "ferplus" else row.table.sum(axis=0) != said
    if more.any():
        raise WrongRow(f"{where}: {row.table.sum(axis=0)} counted of the answers {said}")
    if not row.interval[0] <= row.accuracy <= row.interval[1]:
        raise WrongRow(f"{where}: {row.accuracy:.4f} lies outside {row.interval}")


def _check_against(row: Accuracy, pictures: LabelledSet) -> None:
    some = pictures.each(row.every)
    if len(row.answers) != len(some.truth):
        raise WrongRow(
            f"{row.system} on {row.set}: {len(row.answers)} answers to {len(some.truth)}"
        )
    if tally(row.answers, some.truth) != row.counts:
        raise WrongRow(f"{row.system} on {row.set}: the answers give other counts")
    if interval(row.answers, some) != row.interval:
        raise WrongRow(f"{row.system} on {row.set}: the answers give another interval")
