"""Faces kept for review: small grey pictures in the session's own folder, and only there.

They are the crops that the model saw, the least certain one of every viewer and second. A
chunk ``faces/000007.npz`` is written before the shard of the same number: a run that was
killed between the two writes both again, under the same number, so a face is neither lost
nor there twice. What a person had forgotten is never written again.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from fer_core.errors import StoreError
from fer_core.files import remove_parts, replacing
from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.storage.ids import check_id
from fer_core.types import Bytes, Float, FrameResult, Int

#: Held-out faces come in stretches: neighbouring seconds look alike, and a face that has its
#: twin in training proves nothing.
STRETCH_S: Final = 4
HELD_OUT_EVERY: Final = 5

_NAME = re.compile(r"(\d{6,})\.npz")
_FORGOTTEN: Final = "forgotten"


@dataclass(frozen=True, slots=True)
class KeptFaces:
    """A session's kept faces, in the order of their frames; a row each."""

    frame: Int
    t_ms: Int
    viewer: Int
    crops: Bytes  # (n, size, size), as the model saw them
    probabilities: Float  # (n, 7) in the order of labels.EMOTIONS

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, rows: Any) -> KeptFaces:
        return KeptFaces(*(getattr(self, f.name)[rows] for f in fields(self)))

    @property
    def confidence(self) -> Float:
        found: Float = self.probabilities.max(axis=1, initial=0.0)
        return found

    @property
    def held_out(self) -> np.ndarray:
        return held_out(self.t_ms)


def held_out(t_ms: Any) -> np.ndarray:
    """Whether a face of this moment is held out from training: four seconds of every twenty.

    It follows from the moment alone, so that it is the same for every labeller, every time,
    and every viewer seen for long enough has a part on which a new model can be judged.
    """
    found: np.ndarray = (np.asarray(t_ms) // (1000 * STRETCH_S)) % HELD_OUT_EVERY == 2
    return found


def item_of(session_id: str, frame: int, viewer: int) -> str:
    """The name by which a label means a kept face."""
    return f"{session_id}/{frame}/{viewer}"


def faces_folder(home: Home, session_id: str) -> Path:
    return home.session(check_id(session_id)) / "faces"


class FaceKeeper:
    """Collects the faces of a shard: of each viewer and second the least certain usable one."""

    def __init__(self, home: Home, session_id: str) -> None:
        self._folder = faces_folder(home, session_id)
        self._best: dict[tuple[int, int], tuple[float, FrameResult, int]] = {}
        self._first: int | None = None

    def take(self, result: FrameResult) -> FrameResult:
        """Note what is to be kept of a frame; the frame without its pictures comes back."""
        if result.crops is None:
            return result
        if self._first is None:
            self._first = result.frame
        sure = result.probabilities.max(axis=1, initial=-1.0)
        for row in np.flatnonzero(result.usable & np.isfinite(sure)):
            key = (int(result.viewer[row]), result.t_ms // 1000)
            if key not in self._best or sure[row] < self._best[key][0]:
                self._best[key] = (float(sure[row]), result, int(row))
        return replace(result, crops=None)

    def write(self, number: int) -> Path | None:
        """Write what was collected as the chunk of this number; None where nothing was asked.

        A chunk without faces is written too: it takes the place of older ones from its first
        frame on, as its shard does.
        """
        if self._first is None:
            return None
        rows = sorted((r.frame, int(r.viewer[i]), r, i) for _, r, i in self._best.values())
        size = next((r.crops.shape[1] for _, _, r, _ in rows if r.crops is not None), 1)
        arrays: dict[str, np.ndarray] = {
            "frame": np.array([frame for frame, *_ in rows], np.int32),
            "t_ms": np.array([r.t_ms for *_, r, _ in rows], np.int32),
            "viewer": np.array([viewer for _, viewer, *_ in rows], np.int32),
            "crops": np.array([r.crops[i] for *_, r, i in rows if r.crops is not None], np.uint8),
            "probabilities": np.array([r.probabilities[i] for *_, r, i in rows], np.float32),
        }
        arrays["crops"] = arrays["crops"].reshape(len(rows), size, size)
        arrays["probabilities"] = arrays["probabilities"].reshape(len(rows), len(EMOTIONS))
        if (self._folder / _FORGOTTEN).exists():
            return None
        self._folder.mkdir(parents=True, exist_ok=True)
        remove_parts(self._folder)  # of a writer that was killed: there is one at a time
        return _save(self._folder / f"{number:06d}.npz", np.int32(self._first), arrays)

    def clear(self) -> None:
        """Begin the next chunk: this one's shard is on the disk."""
        self._best.clear()
        self._first = None


def _save(path: Path, first: np.int32, arrays: Mapping[str, np.ndarray]) -> Path:
    try:
        with replacing(path, mode=0o600) as part, part.open("wb") as out:
            np.savez_compressed(out, allow_pickle=False, first=first, **arrays)
    except OSError as error:
        raise StoreError(
            f"The faces kept for review cannot be written: {error.strerror}.",
            f"Check the free space and the permissions of {path.parent}.",
        ) from error
    return path


def chunk_files(home: Home, session_id: str) -> dict[int, Path]:
    """The chunks of a session by number, in order."""
    folder = faces_folder(home, session_id)
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return {}
    return dict(sorted((int(m[1]), folder / m[0]) for m in map(_NAME.fullmatch, names) if m))


def has_kept_faces(home: Home, session_id: str) -> bool:
    return bool(chunk_files(home, session_id))


def kept_stamp(home: Home, session_id: str) -> str:
    """Changes when the kept faces do."""
    files = chunk_files(home, session_id)
    return f"{len(files)} {max((p.stat().st_mtime_ns for p in files.values()), default=0)}"


def read_kept(home: Home, session_id: str) -> KeptFaces:
    """A session's kept faces, one of a viewer and second; none where none were kept."""
    parts: list[KeptFaces] = []
    end = int(np.iinfo(np.int32).max)
    for path in reversed(chunk_files(home, session_id).values()):
        first, chunk = _read(path)
        if len(chunk):
            parts.append(chunk[chunk.frame < end])
        end = min(end, first)
    sizes = {part.crops.shape[1] for part in parts if len(part)}
    parts = [part for part in parts[::-1] if len(part)]
    if not parts:
        return nothing()
    if len(sizes) > 1:
        raise StoreError(
            f"The kept faces of session {session_id} have several sizes.",
            "Forget them on the session's page and analyse the recording again.",
        )
    found = KeptFaces(
        *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(KeptFaces))
    )
    return found[_least_certain(found)]


def _least_certain(faces: KeptFaces) -> Int:
    """One row a viewer and second: a second may lie in two chunks."""
    best: dict[tuple[int, int], int] = {}
    sure = faces.confidence
    for row in range(len(faces)):
        key = (int(faces.viewer[row]), int(faces.t_ms[row]) // 1000)
        if key not in best or sure[row] < sure[best[key]]:
            best[key] = row
    return np.array(sorted(best.values()), np.int32)


def nothing() -> KeptFaces:
    none = np.zeros(0, np.int32)
    return KeptFaces(
        none, none, none, np.zeros((0, 48, 48), np.uint8), np.zeros((0, len(EMOTIONS)), np.float32)
    )


_LARGEST = 2 << 30


def _read(path: Path) -> tuple[int, KeptFaces]:
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _LARGEST:
                raise ValueError("it unpacks to more than a chunk has")
        with np.load(path, allow_pickle=False) as stored:
            first = int(stored["first"])
            chunk = KeptFaces(*(stored[f.name] for f in fields(KeptFaces)))
        _check(chunk)
    except Exception as error:  # an archive and NumPy fail on damage in two dozen ways
        raise StoreError(
            f"{path.name} of the kept faces of {path.parents[1].name} is damaged.",
            "Forget the faces on the session's page and analyse the recording again.",
        ) from error
    return first, chunk


def _check(chunk: KeptFaces) -> None:
    """ValueError where the arrays do not belong together."""
    n = len(chunk.frame)
    shapes = [chunk.frame.shape, chunk.t_ms.shape, chunk.viewer.shape, chunk.crops.shape[:1]]
    square = chunk.crops.ndim == 3 and chunk.crops.shape[1] == chunk.crops.shape[2]
    if set(shapes) != {(n,)} or not square or chunk.crops.dtype != np.uint8:
        raise ValueError("its arrays do not fit together")
    if chunk.probabilities.shape != (n, len(EMOTIONS)):
        raise ValueError("its probabilities are not those of faces")


def forget(home: Home, session_id: str) -> None:
    """Remove a session's kept faces for good, and keep none of it any more."""
    folder = faces_folder(home, session_id)
    if folder.is_dir():
        (folder / _FORGOTTEN).touch()
        for path in chunk_files(home, session_id).values():
            path.unlink(missing_ok=True)
        remove_parts(folder)


def remove_viewer(home: Home, session_id: str, pieces: Iterable[tuple[int, int, int]]) -> None:
    """Remove one person's kept faces: tracked numbers, each from and to in milliseconds.

    A chunk that cannot be read is removed whole: nobody can say whose faces are in it.
    """
    for path in chunk_files(home, session_id).values():
        try:
            first, chunk = _read(path)
        except StoreError:
            path.unlink(missing_ok=True)
            continue
        theirs = np.zeros(len(chunk), bool)
        for viewer, start, end in pieces:
            theirs |= (chunk.viewer == viewer) & (chunk.t_ms >= start) & (chunk.t_ms < end)
        if theirs.any():
            left = chunk[~theirs]
            _save(path, np.int32(first), {f.name: getattr(left, f.name) for f in fields(left)})
