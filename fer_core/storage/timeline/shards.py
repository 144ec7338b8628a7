"""Timeline shards: how a worker hands its rows to the store, and where it goes on from.

A shard is one Parquet file that appears by a rename, when all of it is on the disk. Its
metadata hold the frames (also those without a face) and the pipeline's state after the
last of them, so rows and the state to continue from can never disagree. Work that went
back to an older state writes the same frames again: from its first frame on, a shard
takes the place of those before it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fer_core.errors import StoreError
from fer_core.files import parse_json, read_json, remove_parts, replacing, sync_folder, write_json
from fer_core.home import Home
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.measures import (
    FACE_MEASURES,
    FLAGS,
    READINGS,
    STORED_COLUMNS,
    TIMELINE_COLUMNS,
    leading_emotion,
)
from fer_core.storage.ids import check_id
from fer_core.storage.timeline.kept_faces import FaceKeeper
from fer_core.types import FrameBatch, FrameResult

_ARROW = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "FLOAT": pa.float32(),
    "BOOLEAN": pa.bool_(),
}
#: Of exports, and of what is stored.
TIMELINE_SCHEMA = pa.schema([(name, _ARROW[kind]) for name, kind in TIMELINE_COLUMNS.items()])
STORED_SCHEMA = pa.schema([(name, _ARROW[kind]) for name, kind in STORED_COLUMNS.items()])
FRAMES_SCHEMA = pa.schema(
    [
        ("session_id", pa.string()),
        ("frame", pa.int32()),
        ("t_ms", pa.int32()),
        ("faces", pa.int32()),
    ]
)
_KEY = ("session_id", "t_ms", "frame", "viewer")  # what names a row: never missing
#: Worth a dictionary. One of every column, and statistics that nobody reads, make the shard of a
#: few seconds a third larger and dearer to write.
_REPEATED = ["session_id", "why_not", "emotion"]
_STATE, _FRAMES = b"rapt.state", b"rapt.frames"
_NAME = re.compile(r"(\d{6,})\.parquet(\.damaged)?")
_REMOVED = "removed.json"  # the last number of shards that the store took and removed


@dataclass(frozen=True, slots=True)
class Shard:
    """What one shard file holds."""

    number: int
    timeline: pa.Table
    frames: pa.Table
    state: Mapping[str, Any] | None  # its writer's own, as JSON

    @property
    def first_frame(self) -> int:
        return int(self.frames["frame"][0].as_py())

    @property
    def first_ms(self) -> int:
        return int(self.frames["t_ms"][0].as_py())

    @property
    def last_ms(self) -> int:
        return int(self.frames["t_ms"][-1].as_py())


class ShardWriter:
    """Collects frames and writes them out as the session's next shard.

    Faces that came with their pictures are kept for review beside it.
    """

    def __init__(self, home: Home, session_id: str) -> None:
        self.session_id = check_id(session_id)
        self._folder = home.shards(session_id)
        self._waiting: list[FrameResult | FrameBatch] = []
        self._frames = 0
        self._faces = FaceKeeper(home, session_id)
        self._number = last_number(self._folder)

    def __len__(self) -> int:
        """Frames that wait for the next flush."""
        return self._frames

    @property
    def number(self) -> int:
        """The number of the shard written last; 0 before the first."""
        return self._number

    def add(self, result: FrameResult | FrameBatch) -> None:
        if isinstance(result, FrameBatch):
            self._waiting.append(result)
            self._frames += len(result.frame)
        else:
            self._waiting.append(self._faces.take(result))
            self._frames += 1

    def flush(self, state: Mapping[str, object] | None = None) -> Path | None:
        """Write what waits, with the state to go on from; None where nothing waits."""
        if not self._waiting:
            return None
        frames = [row for each in self._waiting for row in _frames_of(each)]
        table = to_timeline(self.session_id, self._waiting)
        self._faces.write(self._number + 1)
        path = write_shard(self._folder, self._number + 1, table, frames, state)
        self._number += 1
        self._waiting.clear()
        self._frames = 0
        self._faces.clear()
        return path


def _frames_of(result: FrameResult | FrameBatch) -> list[list[int]]:
    """Frame, time in ms and visible faces of each frame."""
    visible = ~np.isnan(result.faces.scores)
    if isinstance(result, FrameResult):
        return [[result.frame, result.t_ms, int(np.count_nonzero(visible))]]
    of = np.repeat(np.arange(len(result.frame)), result.counts)
    faces = np.bincount(of[visible], minlength=len(result.frame))
    rows: list[list[int]] = np.stack([result.frame, result.t_ms, faces], axis=1).tolist()
    return rows


def write_shard(
    folder: Path,
    number: int,
    timeline: pa.Table,
    frames: Sequence[Sequence[int]],
    state: Mapping[str, object] | None,
) -> Path:
    """Write one shard: rows, (frame, t_ms, faces) of each frame, and the state after them."""
    table = timeline.replace_schema_metadata(
        {_FRAMES: json.dumps(frames), _STATE: json.dumps(state)}
    )
    path = folder / f"{number:06d}.parquet"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            pq.write_table(
                table, part, compression="zstd", use_dictionary=_REPEATED, write_statistics=False
            )
        sync_folder(folder)
    except OSError as e:
        raise StoreError(
            f"The timeline of session {folder.parent.name} cannot be written: {e.strerror}.",
            f"Check the free space and the permissions of {folder}.",
        ) from e
    return path


def to_timeline(session_id: str, results: Sequence[FrameResult | FrameBatch]) -> pa.Table:
    """Rows of the timeline, one a face and frame, in the order of STORED_COLUMNS."""
    total = sum(len(r) for r in results)
    probabilities = _stack([r.probabilities for r in results], len(EMOTIONS))
    names, confidence = leading_emotion(probabilities)
    boxes = _stack([r.faces.boxes for r in results], 4)
    pose = _stack([r.pose for r in results], 3)
    readings = _stack([_readings(r) for r in results], len(READINGS))
    columns: dict[str, Any] = {
        "session_id": pa.repeat(pa.scalar(session_id, pa.string()), total),
        "t_ms": _join([_a_face(r, r.t_ms) for r in results], np.int32),
        "frame": _join([_a_face(r, r.frame) for r in results], np.int32),
        "viewer": _join([r.viewer for r in results], np.int32),
        **{name: boxes[:, i] for i, name in enumerate(("x", "y", "w", "h"))},
        "score": _join([r.faces.scores for r in results], np.float32),
        **{name: pose[:, i] for i, name in enumerate(("yaw", "pitch", "roll"))},
        "usable": _join([r.usable for r in results], np.bool_),
        "why_not": [why for r in results for why in r.why_not],
        **{name: probabilities[:, i] for i, name in enumerate(PROBABILITY_COLUMNS)},
        "emotion": names,
        "confidence": confidence,
        **{key: _join([r.measures[key] for r in results], np.float32) for key in FACE_MEASURES},
        **{key: _flags([r.measures[key] for r in results]) for key in FLAGS},
        "eyes_away": pa.nulls(total, pa.bool_()),
        **{name: readings[:, i] for i, name in enumerate(READINGS)},
    }
    arrays = [
        value
        if isinstance(value, pa.Array)
        else pa.array(value, type=STORED_SCHEMA.field(name).type, from_pandas=True)
        for name, value in ((name, columns[name]) for name in STORED_COLUMNS)
    ]
    return pa.Table.from_arrays(arrays, schema=STORED_SCHEMA)


def _flags(parts: list[np.ndarray]) -> pa.Array:
    """True, false, or null where it is not known."""
    values = _join(parts, np.float32)
    return pa.array(values > 0.5, mask=np.isnan(values))


def _a_face(result: FrameResult | FrameBatch, of_frame: Any) -> np.ndarray:
    """What is known of the frame, for each of its faces."""
    counts = result.counts if isinstance(result, FrameBatch) else len(result)
    return np.repeat(np.asarray(of_frame, np.int32), counts)


def _readings(result: FrameResult | FrameBatch) -> np.ndarray:
    if result.readings is None:
        return np.full((len(result), len(READINGS)), np.nan, np.float32)
    return result.readings


def _stack(parts: list[np.ndarray], width: int) -> np.ndarray:
    filled = [part for part in parts if len(part)]
    return np.concatenate(filled) if filled else np.zeros((0, width), np.float32)


def _join(parts: list[np.ndarray], kind: Any) -> np.ndarray:
    filled = [part for part in parts if len(part)]
    return np.concatenate(filled).astype(kind, copy=False) if filled else np.zeros(0, kind)


def shard_files(folder: Path) -> dict[int, Path]:
    """The finished shards of a folder by number, in order."""
    found = {}
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return {}
    for name in names:
        match = _NAME.fullmatch(name)
        if match and not match[2]:
            found[int(match[1])] = folder / name
    return dict(sorted(found.items()))


def last_number(folder: Path) -> int:
    """The highest number ever used in a folder: damaged and removed shards count too."""
    removed = read_json(folder / _REMOVED)
    numbers = [int(removed["last"])] if removed else [0]
    if folder.is_dir():
        numbers += [int(m[1]) for m in map(_NAME.fullmatch, os.listdir(folder)) if m]
    return max(numbers)


def read_shard(path: Path, session_id: str) -> Shard:
    """One shard, checked. StoreError where it is damaged or not this session's."""
    try:
        table = pq.read_table(path)
        metadata = table.schema.metadata or {}
        state = parse_json(metadata.get(_STATE, b"null"))
        rows = np.array(parse_json(metadata[_FRAMES]), np.int32).reshape(-1, 3)
        timeline = _with_all_columns(table).cast(STORED_SCHEMA)
        if not len(rows):
            raise ValueError("no frames in it")
        if state is not None and not isinstance(state, dict):
            raise ValueError("its state is none")
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, OverflowError) as e:
        reason = str(e).strip().splitlines()[0] if str(e).strip() else type(e).__name__
        raise StoreError(
            f"Shard {path.name} of session {session_id} is damaged: {reason}",
            "Its rows are left out; analyse the file again to have them.",
        ) from e
    if timeline.num_rows and set(timeline["session_id"].unique().to_pylist()) != {session_id}:
        raise StoreError(f"Shard {path.name} holds rows of another session than {session_id}.")
    frames = pa.Table.from_arrays(
        [
            pa.repeat(pa.scalar(session_id, pa.string()), len(rows)),
            *(pa.array(rows[:, i]) for i in range(3)),
        ],
        schema=FRAMES_SCHEMA,
    )
    number = int(path.name.split(".")[0])
    return Shard(number, timeline, frames, state)


def _with_all_columns(table: pa.Table) -> pa.Table:
    """The timeline's columns in their order; one that is younger than the shard is null."""
    for name in STORED_SCHEMA.names:
        if name not in table.column_names and name not in _KEY:
            kind = STORED_SCHEMA.field(name).type
            table = table.append_column(name, pa.nulls(table.num_rows, kind))
    return table.select(STORED_SCHEMA.names)


def last_state(home: Home, session_id: str) -> Mapping[str, Any] | None:
    """The state to go on from: that of the last readable shard. None: start anew.

    Also removes what a killed worker left half-written, and sets damaged shards aside: the
    work that they held will be done again.
    """
    folder = home.shards(session_id)
    remove_parts(folder)
    for path in reversed(shard_files(folder).values()):
        try:
            state = read_shard(path, session_id).state
        except (StoreError, FileNotFoundError):
            set_aside(path)
            continue
        if state is not None:
            return state
    return None


def set_aside(path: Path) -> Path:
    """Keep a damaged shard for a look, out of the way."""
    target = path.with_name(path.name + ".damaged")
    path.replace(target)
    return target


def _kept(home: Home, session_id: str) -> Iterator[tuple[Shard, int]]:
    """Readable shards, last first, each with the frame from which a later one replaced it."""
    end = np.iinfo(np.int32).max
    for path in reversed(shard_files(home.shards(session_id)).values()):
        shard = read_shard(path, session_id)
        yield shard, int(end)
        end = min(end, shard.first_frame)


def read_shards(home: Home, session_id: str) -> pa.Table:
    """All timeline rows of a session's shards, in the order they were written."""
    tables = [
        shard.timeline.filter(pc.less(shard.timeline["frame"], end))
        for shard, end in _kept(home, session_id)
    ]
    return pa.concat_tables(tables[::-1]) if tables else STORED_SCHEMA.empty_table()


def read_frames(home: Home, session_id: str) -> pa.Table:
    """All frames of a session's shards: session_id, frame, t_ms, faces."""
    tables = [
        shard.frames.filter(pc.less(shard.frames["frame"], end))
        for shard, end in _kept(home, session_id)
    ]
    return pa.concat_tables(tables[::-1]) if tables else FRAMES_SCHEMA.empty_table()


def remove_shards(folder: Path) -> None:
    """Remove shards that the store has, so that later numbers still go on from theirs."""
    write_json(folder / _REMOVED, {"last": last_number(folder)})
    for path in shard_files(folder).values():
        path.unlink(missing_ok=True)
