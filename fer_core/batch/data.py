"""Training sets prepared by the processes of this machine, or by the executors of a Spark cluster.

Two rounds over the parts of a source: what is there, then the shards. Both engines do the same to
each part (``training.sets``); what comes back is counts, so the driver's memory does not grow.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fer_core.batch.spark import open_session
from fer_core.errors import DataError
from fer_core.files import write_json
from fer_core.labels import EMOTIONS, VALIDATION
from fer_core.training.datasets import PRACTICE
from fer_core.training.readers.kaggle import columns_of
from fer_core.training.readers.prepared import FORMAT, MANIFEST
from fer_core.training.sets.parts import Part, has_votes, parts_of
from fer_core.training.sets.writing import (
    TRAIN,
    Counted,
    Placed,
    Recipe,
    Whole,
    Written,
    count,
    write,
)

if TYPE_CHECKING:
    import pandas as pd

#: Does one thing to each of many, and gives the results, which are JSON, in the same order.
Each = Callable[[Callable[[Any], str], Sequence[Any]], list[str]]
_PROBLEMS: Final = 100  # that the manifest names


@dataclass(frozen=True, slots=True)
class Made:
    """What was written."""

    faces: dict[str, dict[str, int]]  # by split and emotion
    shards: int
    copies: int  # training faces left out, for they are copies of faces that judge
    bad: int  # rows or pictures left out
    problems: tuple[str, ...]


@contextmanager
def local(workers: int | None = None) -> Iterator[Each]:
    """The processes of this machine."""
    number = workers or os.cpu_count() or 1
    with ProcessPoolExecutor(number, mp_context=get_context("spawn")) as pool:
        yield lambda work, items: list(pool.map(work, items))


@contextmanager
def spark(master: str, conf: Mapping[str, str]) -> Iterator[Each]:
    """The executors of a cluster, one task an item. Source and target have the same path there."""
    session = open_session(master, conf)

    def each(work: Callable[[Any], str], items: Sequence[Any]) -> list[str]:
        ids = session.range(0, len(items), 1, len(items))
        rows = ids.mapInPandas(partial(_task, work, tuple(items)), "number long, result string")
        found = {row["number"]: row["result"] for row in rows.collect()}
        return [found[number] for number in range(len(items))]

    try:
        yield each
    finally:
        session.stop()


def _task(
    work: Callable[[Any], str], items: Sequence[Any], ids: Iterator[pd.DataFrame]
) -> Iterator[pd.DataFrame]:
    import pandas as pd

    for batch in ids:
        for number in batch["id"]:
            yield pd.DataFrame({"number": [number], "result": [work(items[number])]})


def prepare_set(source: Path, target: Path, recipe: Recipe, each: Each, shards: int = 16) -> Made:
    """Write a training set from a CSV or a folder; the manifest comes last.

    DataError where the source has no training face, or the target holds something else.
    """
    check_target(target)
    parts = parts_of(source, shards)
    counted = [Counted(**json.loads(one)) for one in each(_count, parts)] if parts else []
    training = [sum(n) for n in zip(*(one.faces.get(TRAIN, _NONE) for one in counted))]
    if not any(training):
        raise DataError(f"{source} holds no face to train on.", "Give a CSV or emotion folders.")
    first, placed = 0, []
    for number, (part, one) in enumerate(zip(parts, counted, strict=True)):
        placed.append(Placed(part, number, first, one.rows))
        first += one.rows
    whole = Whole(
        training=tuple(training),
        known=frozenset(key for one in counted for key in one.known),
        voted=has_votes(source, first),
        hold_out=not any(VALIDATION in one.faces for one in counted),
    )
    target.mkdir(parents=True, exist_ok=True)
    work = partial(_write, whole=whole, recipe=recipe, target=target)
    written = [Written(**json.loads(one)) for one in each(work, placed)]
    return _finish(source, target, recipe, written)


_NONE: Final = [0] * len(EMOTIONS)


def check_target(target: Path) -> None:
    """DataError where a folder holds anything but an earlier, unfinished preparation."""
    if target.is_file() or (target.is_dir() and any(
        path.name == MANIFEST or path.suffix not in (".parquet", ".part")
        for path in target.iterdir()
    )):  # fmt: skip
        raise DataError(f"There is something in {target} already.", "Give a new folder.")


def _count(part: Part) -> str:
    return json.dumps(asdict(count(part)))


def _write(placed: Placed, whole: Whole, recipe: Recipe, target: Path) -> str:
    return json.dumps(asdict(write(placed, whole, recipe, target)))


def _finish(source: Path, target: Path, recipe: Recipe, written: Sequence[Written]) -> Made:
    files = {name: counts for one in written for name, counts in one.files.items()}
    for left in target.glob("*.parquet"):
        if left.name not in files:
            left.unlink()  # of another division into parts
    faces: dict[str, dict[str, int]] = {}
    for name, counts in files.items():
        split = faces.setdefault(name.rpartition("-")[0], dict.fromkeys(EMOTIONS, 0))
        for emotion, n in zip(EMOTIONS, counts):
            split[emotion] += n
    problems = [told for one in written for told in one.problems][:_PROBLEMS]
    write_json(
        target / MANIFEST,
        {
            "format": FORMAT,
            "source": source.name,
            "recipe": asdict(recipe),
            "practice": source.is_file() and PRACTICE in columns_of(source),
            "faces": faces,
            "problems": problems,
            "files": files,
        },
    )
    copies, bad = sum(one.copies for one in written), sum(one.bad for one in written)
    return Made(faces, len(files), copies, bad, tuple(problems))
