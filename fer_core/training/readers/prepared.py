"""A training set that ``rapt data prepare`` wrote: shards in Parquet, and a manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fer_core.errors import DataError
from fer_core.files import read_json
from fer_core.labels import EMOTIONS
from fer_core.training.datasets import SIDE, DataSet, Problem, split_name
from fer_core.training.readers import READERS, Reader
from fer_core.training.samples import FERPLUS, Samples

MANIFEST: Final = "prepared.json"
FORMAT: Final = 1
SCHEMA: Final = pa.schema(
    [
        ("row", pa.int64()),  # of the source
        ("version", pa.int32()),  # 0: as it is there
        ("label", pa.int32()),
        ("image", pa.binary(SIDE * SIDE)),
        ("votes", pa.list_(pa.int32(), len(FERPLUS))),
    ]
)


def _is_prepared(path: Path) -> bool:
    return (path / MANIFEST).is_file()


def read_prepared(path: Path, wanted: str | None = None) -> DataSet:
    """Every shard that the manifest names. DataError where one is not as it was written."""
    try:
        about: dict[str, Any] = read_json(path / MANIFEST) or {}
        if about["format"] != FORMAT:
            raise DataError(f"{path} was made by another version of Rapt.", "Prepare it again.")
        names = {Path(name).name: sum(map(int, n)) for name, n in about["files"].items()}
        problems = tuple(Problem("source", str(one)) for one in about["problems"])
        practice = bool(about["practice"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise DataError(f"{path / MANIFEST} is damaged.", "Prepare the data again.") from error
    shards: dict[str, list[pa.Table]] = {}
    for name, rows in sorted(names.items()):
        split = split_name(name.rpartition("-")[0])
        if wanted is None or split == wanted:
            shards.setdefault(split, []).append(_read(path / name, rows))
    splits = {split: _samples(pa.concat_tables(tables)) for split, tables in shards.items()}
    return DataSet(path.name, splits, problems, practice=practice)


def _read(path: Path, rows: int) -> pa.Table:
    try:
        table = pq.read_table(path, partitioning=None, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"The shard {path} cannot be read.", "Prepare the data again.") from error
    labels = table["label"].to_numpy() if table.schema.equals(SCHEMA) else None
    if (
        labels is None
        or table["image"].null_count
        or not np.isin(labels, range(len(EMOTIONS))).all()
    ):
        raise DataError(f"The shard {path} holds something else.", "Prepare the data again.")
    if table.num_rows != rows:
        raise DataError(
            f"The shard {path} has {table.num_rows:,} faces, not {rows:,}.",
            "Prepare the data again.",
        )
    return table


def _samples(table: pa.Table) -> Samples:
    n = table.num_rows
    images = np.frombuffer(b"".join(table["image"].to_pylist()), np.uint8)
    votes = table["votes"].to_pylist()
    voted = None
    if any(one is not None for one in votes):
        nobody = [0] * len(FERPLUS)
        voted = np.array([nobody if one is None else one for one in votes], np.int32)
    labels = table["label"].to_numpy().astype(np.int32)
    return Samples(images.reshape(n, SIDE, SIDE).copy(), labels, voted)


READERS.add("prepared", Reader(0, _is_prepared, read_prepared))
