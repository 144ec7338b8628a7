"""The job of kind ``look``: inspects a data set once and caches what it finds.

A large data set takes a minute to read and its near copies longer: no page waits for that.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from fer_core.errors import Cancelled
from fer_core.files import JsonObject, read_json, write_json
from fer_core.home import Home
from fer_core.jobs.kinds import Progress
from fer_core.labels import DISPLAY_ORDER, EMOTIONS, VALIDATION
from fer_core.storage.ids import check_id
from fer_core.training.datasets import DataSet, load
from fer_core.training.review import groups, near_groups
from fer_core.training.samples import Samples

#: Faces shown of each emotion.
STRIP: Final = 12
#: Broken rows that are named; all are counted.
MOST_NAMED: Final = 200
#: Near copies are looked for among so many faces at most: the work grows with their square.
MOST_COMPARED: Final = 60_000
FIRST: Final = ("train", VALIDATION, "privatetest")


@dataclass(frozen=True, slots=True)
class SplitInspection:
    """One split: its faces by emotion, those with votes, and the copies in it."""

    name: str
    faces: int
    counts: dict[str, int]
    voted: int
    exact: int  # faces that equal an earlier one of this split
    near: int  # those that look the same, equal ones left out
    exact_in_train: int  # of another split's faces: those that stand in training too
    near_in_train: int


@dataclass(frozen=True, slots=True)
class DataInspection:
    """What a page says of a data set: its splits, what is wrong with it, and examples."""

    splits: tuple[SplitInspection, ...]
    problems: tuple[tuple[str, str], ...]
    problem_count: int
    strips: dict[str, str]  # a row of faces of each emotion, as a data link

    @property
    def faces(self) -> int:
        """How many faces there are in all splits."""
        return sum(split.faces for split in self.splits)


def inspection_path(home: Home, data_id: str) -> Path:
    """The file that keeps what was found."""
    return home.cache / "looks" / f"{check_id(data_id)}.json"


def known_inspection(home: Home, data_id: str) -> DataInspection | None:
    """What was found, or None where nobody has looked yet."""
    found = read_json(inspection_path(home, data_id))
    if not isinstance(found, dict):
        return None
    return DataInspection(
        tuple(SplitInspection(**split) for split in found["splits"]),
        tuple((where, what) for where, what in found["problems"]),
        int(found["problem_count"]),
        dict(found["strips"]),
    )


def inspect_data(data: DataSet, progress: Progress | None = None) -> DataInspection:
    """Everything that a page says of a data set."""

    def tell(done: int, message: str) -> None:
        if progress is not None:
            if progress.should_stop():
                raise Cancelled
            progress(done, 4, message)

    names = sorted(data.splits, key=lambda n: (FIRST.index(n) if n in FIRST else 9, n))
    images = np.concatenate([data.splits[name].images for name in names])
    which = np.repeat(np.arange(len(names)), [len(data.splits[name]) for name in names])
    everything = Samples(images, np.zeros(len(images), np.int32))
    tell(1, "Looking for copies")
    exact = groups(everything)
    tell(2, "Looking for near copies")
    near = exact
    if len(images) <= MOST_COMPARED:
        near = near_groups(everything)
    tell(3, "Choosing examples")
    rows = np.arange(len(images))
    train = names.index("train") if "train" in names else -1
    splits = []
    for place, name in enumerate(names):
        mine = which == place
        samples = data.splits[name]
        twin, alike = mine & (exact != rows), mine & (near != rows) & (exact == rows)
        there = mine if place != train else np.zeros_like(mine)
        splits.append(
            SplitInspection(
                name=name,
                faces=len(samples),
                counts={e: samples.counts()[e] for e in DISPLAY_ORDER},
                voted=int(samples.voted.sum()),
                exact=int((twin & (which[exact] == place)).sum()),
                near=int((alike & (which[near] == place)).sum()),
                exact_in_train=int((there & (which[exact] == train)).sum()),
                near_in_train=int((there & alike & (which[near] == train)).sum()),
            )
        )
    problems = tuple((p.where, p.what) for p in data.problems)
    return DataInspection(tuple(splits), problems[:MOST_NAMED], len(problems), strips(data, names))


def strips(data: DataSet, names: list[str]) -> dict[str, str]:
    """Some faces of each emotion in a row, from the first split that has them."""
    rng = np.random.default_rng(0)
    found = {}
    for emotion in DISPLAY_ORDER:
        for name in names:
            samples = data.splits[name]
            rows = np.flatnonzero(samples.labels == EMOTIONS.index(emotion))
            if len(rows):
                chosen = samples.images[rng.permutation(rows)[:STRIP]]
                found[emotion] = data_link(np.concatenate(list(chosen), axis=1))
                break
    return found


def data_link(grey: np.ndarray) -> str:
    """A grey picture (h, w), uint8, as a ``data:`` link to WebP."""
    encoded = cv2.imencode(".webp", grey, [cv2.IMWRITE_WEBP_QUALITY, 80])[1].tobytes()
    return "data:image/webp;base64," + base64.b64encode(encoded).decode()


def run_job(home: Home, spec: JsonObject, progress: Progress) -> JsonObject:
    """Read the data set of the spec and keep what was found."""
    progress(0, 4, "Reading the data set")
    look = inspect_data(load(str(spec["path"])), progress)
    write_json(
        inspection_path(home, str(spec["data_id"])),
        {
            "splits": [
                {name: getattr(split, name) for name in SplitInspection.__slots__}
                for split in look.splits
            ],
            "problems": [list(one) for one in look.problems],
            "problem_count": look.problem_count,
            "strips": look.strips,
        },
    )
    progress(4, 4, "")
    return {"faces": look.faces, "problems": look.problem_count}
