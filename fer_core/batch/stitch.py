"""Pieces of a film to one timeline: where they meet, the same viewers have the same numbers.

Both sides of a seam have seen the film before it. Where they end up with the very same faces,
nothing of what came earlier matters any more, and the later side is what an analysis in one go
would have found; where they do not, the earlier side is to go on until they do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.optimize import linear_sum_assignment

from fer_core.batch.pieces import Asked, Piece, SharedRecording
from fer_core.jobs.analysis import FileEnd
from fer_core.storage.timeline.session_file import read_session
from fer_core.storage.timeline.shards import read_frames, read_shards
from fer_core.tracking.association import overlap
from fer_core.types import DecodeReport, VideoInfo

#: Both sides of a seam agree when they have the same faces for so long: six full detections.
AGREE_MS: Final = 2_400
#: Boxes that overlap more are one face.
SAME_FACE: Final = 0.5
_BOX: Final = ("x", "y", "w", "h")
_KEY: Final = ("session_id", "viewer")


class Uneven(Exception):
    """The film was not read alike by all its pieces: it has to be analysed in one."""


class SeamOpen(Exception):
    """The two sides before piece ``at`` do not agree yet."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


@dataclass(frozen=True, slots=True)
class Section:
    """What one piece adds to a timeline: its rows, and (frame, t_ms, faces) of its frames."""

    timeline: pa.Table
    frames: pa.Table


@dataclass(frozen=True, slots=True)
class _Read:
    piece: Piece
    timeline: pa.Table
    frames: pa.Table


def sections(recording: SharedRecording, asked: Asked) -> Iterator[Section]:
    """What each piece of a divided film adds, with its viewers' final numbers; two pieces at a
    time are in memory. Raises SeamOpen, or Uneven."""
    left: _Read | None = None
    numbers: dict[int, int] = {}
    known = 0  # viewers so far
    for at, piece in enumerate(asked.pieces):
        part = piece.part
        assert part is not None
        right = _read(recording, piece)
        frames = _between(right.frames, part.own, part.end)
        if left is not None and piece.after is None:
            if not _agree(left, right, part.own):
                raise SeamOpen(at)
            numbers = _same_viewers(left.timeline, right.timeline, numbers)
        timeline = _between(right.timeline, part.own, part.end)
        new = sorted(set(pc.unique(timeline["viewer"]).to_pylist()) - numbers.keys())
        numbers |= {viewer: known + n for n, viewer in enumerate(new, start=1)}
        known = max([known, *numbers.values()])
        yield Section(_numbered(timeline, numbers), frames)
        left = right


def joint_end(recording: SharedRecording, asked: Asked) -> FileEnd:
    """How a divided film was read, as a whole. Uneven where a piece had trouble with it."""
    info, spent, frames = None, 0.0, 0
    for piece in asked.pieces:
        made = read_session(recording.home(piece), recording.session_id)
        found = None if made is None else made.summary
        if made is None or found is None or found.frames_lost or found.lost_note:
            raise Uneven
        info = info or VideoInfo(**made.info)
        frames += found.frames
        spent += found.frames / max(found.fps or 0.0, 1e-3)
    last = read_frames(recording.home(asked.pieces[-1]), recording.session_id)
    decoded, last_t_ms = last["frame"].to_pylist()[-1] + 1, last["t_ms"].to_pylist()[-1]
    assert info is not None  # there is a piece
    return FileEnd(info, DecodeReport(decoded, 0, last_t_ms, ()), frames / max(spent, 1e-3))


def _read(recording: SharedRecording, piece: Piece) -> _Read:
    home, key = recording.home(piece), recording.session_id
    return _Read(piece, read_shards(home, key), read_frames(home, key))


def _between(table: pa.Table, begin: int, end: int) -> pa.Table:
    frame = table["frame"]
    return table.filter(pc.and_(pc.greater_equal(frame, begin), pc.less(frame, end)))


def _agree(left: _Read, right: _Read, own: int) -> bool:
    """Whether both have the same rows, to the last bit, in the time before the seam.

    A time with faces in it: while nobody is there, rows do not show when each looks next.
    """
    before = _between(right.frames, 0, own)
    t_ms = before["t_ms"].to_numpy()
    seen = t_ms[before["faces"].to_numpy() > 0]
    if not len(seen) or seen[-1] - AGREE_MS < t_ms[0]:
        return False
    first = int(before["frame"].to_numpy()[np.searchsorted(t_ms, seen[-1] - AGREE_MS)])
    if not _between(left.frames, first, own).equals(_between(right.frames, first, own)):
        return False
    order = [("frame", "ascending"), ("x", "ascending"), ("y", "ascending")]
    one, two = (
        _between(side.timeline, first, own).drop_columns([*_KEY]).sort_by(order)
        for side in (left, right)
    )
    return bool(one.equals(two))


def _same_viewers(left: pa.Table, right: pa.Table, numbers: dict[int, int]) -> dict[int, int]:
    """The final numbers of the later side's viewers whom the earlier side has as well.

    ``numbers`` are those of the earlier side. Of two who share faces, those who share most.
    """
    pairs = _faces(left).merge(_faces(right), on="frame", suffixes=("", "_"))
    boxes = pairs[[*_BOX]].to_numpy(), pairs[[f"{name}_" for name in _BOX]].to_numpy()
    pairs = pairs[[bool(_alike(a, b)) for a, b in zip(*boxes)]]
    shared = pairs.groupby(["viewer", "viewer_"]).size().unstack(fill_value=0)
    if shared.empty:
        return {}
    rows, columns = linear_sum_assignment(-shared.to_numpy())
    return {
        int(shared.columns[column]): numbers[int(shared.index[row])]
        for row, column in zip(rows, columns)
        if shared.iat[row, column] and int(shared.index[row]) in numbers
    }


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(overlap(one[None], other[None])[0, 0] > SAME_FACE)


def _faces(table: pa.Table) -> Any:
    seen = table.filter(pc.and_(pc.is_valid(table["score"]), pc.greater(table["viewer"], 0)))
    return seen.select(["frame", "viewer", *_BOX]).to_pandas()


def _numbered(timeline: pa.Table, numbers: dict[int, int]) -> pa.Table:
    viewer = timeline["viewer"].to_pylist()
    at = timeline.column_names.index("viewer")
    renamed = pa.array([numbers.get(one, one) for one in viewer], timeline.schema.field(at).type)
    table = timeline.set_column(at, timeline.schema.field(at), renamed)
    return table.sort_by([("frame", "ascending"), ("viewer", "ascending")])


__all__ = ["SeamOpen", "Section", "Uneven", "joint_end", "sections"]
