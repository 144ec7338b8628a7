"""A recording's pieces to its session: stitched, its shards first and its file last."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np

from fer_core.batch.pieces import Asked, Piece, SharedRecording, longer
from fer_core.batch.stitch import SeamOpen, Uneven, joint_end, sections
from fer_core.files import write_json
from fer_core.home import Home
from fer_core.jobs.analysis import begin_session, finish
from fer_core.storage.timeline.session_file import change_session, read_session, writing
from fer_core.storage.timeline.shards import last_number, remove_shards, shard_files, write_shard
from fer_core.types import SessionStatus, VideoInfo

#: How far the earlier side of a seam is gone on with where both do not agree, in frames.
LONGER: Final = 750
MANIFEST: Final = "manifest.json"


def gather(home: Home, recording: SharedRecording, asked: Asked) -> Asked | None:
    """Write a recording's session from its pieces, all of which are done.

    What is still to be done where they do not fit together, else None: the session is whole.
    """
    try:
        if len(asked.pieces) > 1:
            joint_end(recording, asked)
            for _ in sections(recording, asked):
                pass  # all seams first: nothing is written of a film that does not fit
    except Uneven:
        for piece in asked.pieces:
            recording.drop(piece)
        return replace(asked, pieces=(Piece("whole"),))
    except SeamOpen as seam:
        return longer(asked, seam.at, LONGER)
    _write_manifest(recording, asked)
    _take(home, recording, asked)
    recording.remove()
    return None


def _write_manifest(recording: SharedRecording, asked: Asked) -> None:
    """What the session is made of: written when all of it is there, before any is taken."""
    found = [
        {
            **asdict(piece),
            "shards": {
                path.name: path.stat().st_size
                for path in shard_files(_shards(recording, piece)).values()
            },
        }
        for piece in asked.pieces
    ]
    write_json(recording.path / MANIFEST, {"session_id": recording.session_id, "pieces": found})


def _take(home: Home, recording: SharedRecording, asked: Asked) -> None:
    spec, first = asked.spec, asked.pieces[0]
    made = read_session(recording.home(first), recording.session_id)
    assert made is not None  # the piece is done
    with writing(home, spec.session_id):
        before = last_number(home.shards(spec.session_id))  # of an analysis that was not ended
        if before:
            remove_shards(home.shards(spec.session_id))
        info = VideoInfo(**made.info)
        begin_session(home, spec, str(made.digest), info, made.versions)
        if len(asked.pieces) > 1:
            end = joint_end(recording, asked)
            _write_shards(home, recording, asked, before)
            finish(home, spec.session_id, end)
            return
        source = recording.home(first).session(spec.session_id)
        for kind, ending in (("shards", "parquet"), ("faces", "npz")):
            _move(source / kind, home.session(spec.session_id) / kind, ending, before)
        change_session(home, spec.session_id, status=SessionStatus.DONE, summary=made.summary)


def _write_shards(home: Home, recording: SharedRecording, asked: Asked, before: int) -> None:
    """A shard a section, with numbers after ``before``."""
    folder = home.shards(recording.session_id)
    for number, section in enumerate(sections(recording, asked), start=before + 1):
        columns = [section.frames[name].to_numpy() for name in ("frame", "t_ms", "faces")]
        frames = np.stack(columns, axis=1).tolist()
        write_shard(folder, number, section.timeline, frames, None)


def _shards(recording: SharedRecording, piece: Piece) -> Path:
    return recording.home(piece).shards(recording.session_id)


def _move(source: Path, target: Path, ending: str, after: int) -> None:
    """Files that are numbered, with numbers that follow those that were there."""
    for path in sorted(source.glob(f"*.{ending}")):
        target.mkdir(parents=True, exist_ok=True)
        number = int(path.stem) + after
        part = target / f".{number:06d}.{ending}.part"
        shutil.copyfile(path, part)  # another file system, perhaps
        part.replace(target / f"{number:06d}.{ending}")
