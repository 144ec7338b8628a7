"""The labels that people gave on the pages Label and Mistakes, with their faces, as a data set.

Several labellers may judge a face: the emotion that most of them gave counts, each one's
last word alone. Where they are split evenly, or most say that it is no face, it is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from fer_core.errors import DataError, StoreError
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.labels import EMOTIONS
from fer_core.storage import open_store
from fer_core.storage.lab.labels import Label
from fer_core.storage.timeline.kept_faces import KeptFaces, held_out, item_of, read_kept
from fer_core.text import whole_number
from fer_core.training.datasets import SIDE, DataSet, from_labels, split_name
from fer_core.types import Bytes

if TYPE_CHECKING:
    from fer_core.storage import Store

#: ``labels.source`` of a judgement of a kept face; any other source is a data set's path.
SESSION: Final = "session"


@dataclass(frozen=True, slots=True)
class Judged:
    """One face's verdict: an emotion, or why there is none (``tie``, ``not_a_face`` …)."""

    item: str
    source: str
    session_id: str | None
    verdict: str
    emotion: str | None
    labellers: int


@dataclass(frozen=True, slots=True)
class OwnFaces:
    """Judged faces with their pictures, a row each, and what had to be left out, counted."""

    crops: Bytes
    emotions: tuple[str, ...]
    held_out: np.ndarray
    items: tuple[Judged, ...]
    left_out: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.emotions)


def verdicts(labels: Sequence[Label]) -> list[Judged]:
    """Each face's verdict, in the order in which faces were first judged."""
    said: dict[tuple[str, str], dict[str, str]] = {}  # face → labeller → last word
    sessions: dict[tuple[str, str], str | None] = {}
    for label in labels:
        face = (label.source, label.item)
        said.setdefault(face, {})[label.labeller] = label.said
        sessions[face] = label.session_id
    return [_verdict(face, words, sessions[face]) for face, words in said.items()]


def _verdict(face: tuple[str, str], words: dict[str, str], session: str | None) -> Judged:
    if len(words) == 1:
        what = next(iter(words.values()))
    else:
        top = Counter(word for word in words.values() if word != "skip").most_common(2)
        what = top[0][0] if top else "skip"
        if len(top) == 2 and top[0][1] == top[1][1]:
            what = "tie"
    emotion = what if what in EMOTIONS else None
    verdict = "emotion" if emotion else what
    return Judged(face[1], face[0], session, verdict, emotion, len(words))


def own_faces(store: Store, home: Home) -> OwnFaces:
    """Every judged face whose picture is still here."""
    crops: list[np.ndarray] = []
    kept: list[Judged] = []
    held: list[bool] = []
    left_out: Counter[str] = Counter()
    pictures = _Pictures(home)
    for one in verdicts(store.labels.list()):
        if one.emotion is None:
            left_out[one.verdict] += 1
            continue
        found = pictures.of(one)
        if found is None:
            left_out["forgotten"] += 1
            continue
        crops.append(_sized(found[0]))
        held.append(found[1])
        kept.append(one)
    stacked = np.stack(crops) if crops else np.zeros((0, SIDE, SIDE), np.uint8)
    emotions = tuple(str(one.emotion) for one in kept)
    return OwnFaces(stacked, emotions, np.array(held, bool), tuple(kept), dict(left_out))


def own_labels(home: Home) -> DataSet:
    """The labels that stand, with their faces, as a data set. DataError where there are none."""
    with open_store(home) as store:
        faces = own_faces(store, home)
    return from_labels(faces.crops, faces.emotions, faces.held_out)


class _Pictures:
    """Where judged faces lie, each source read once."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._sessions: dict[str, tuple[KeptFaces, dict[str, int]]] = {}
        self._splits: dict[tuple[str, str], Any] = {}

    def of(self, one: Judged) -> tuple[Bytes, bool] | None:
        """A face and whether it is held out; None where its picture is gone."""
        return self._kept(one) if one.source == SESSION else self._of_set(one)

    def _kept(self, one: Judged) -> tuple[Bytes, bool] | None:
        session_id = one.item.split("/")[0]
        if session_id not in self._sessions:
            try:
                faces = read_kept(self._home, session_id)
            except StoreError as error:
                raise DataError(error.message, error.hint) from error
            rows = {
                item_of(session_id, int(frame), int(viewer)): row
                for row, (frame, viewer) in enumerate(zip(faces.frame, faces.viewer))
            }
            self._sessions[session_id] = (faces, rows)
        faces, rows = self._sessions[session_id]
        row = rows.get(one.item)
        if row is None:
            return None
        return faces.crops[row], bool(held_out(faces.t_ms[row]))

    def _of_set(self, one: Judged) -> tuple[Bytes, bool] | None:
        """A corrected face of a data set; those of its test splits never train."""
        split, _, row = one.item.rpartition("/")
        key = (one.source, split)
        if key not in self._splits:
            try:
                images = face_cache.load_faces(self._home, one.source, split)[0]
            except DataError:
                images = None  # moved or deleted since: its labels wait until it is back
            self._splits[key] = images
        images = self._splits[key]
        number = whole_number(row)
        if images is None or number is None or number >= len(images):
            return None
        return np.asarray(images[number]), split_name(split) != "train"


def _sized(crop: Bytes) -> Bytes:
    """As a data set has it: 48x48."""
    if crop.shape == (SIDE, SIDE):
        return crop
    how = cv2.INTER_AREA if crop.shape[0] > SIDE else cv2.INTER_LINEAR
    found: Bytes = cv2.resize(crop, (SIDE, SIDE), interpolation=how).astype(np.uint8)
    return found


def write_kaggle(faces: OwnFaces, path: Path) -> int:
    """Kaggle's layout: emotion, pixels, Usage; the held-out faces are its PublicTest."""
    with path.open("w", encoding="ascii") as out:
        out.write("emotion,pixels,Usage\n")
        for crop, emotion, held in zip(faces.crops, faces.emotions, faces.held_out):
            usage = "PublicTest" if held else "Training"
            out.write(f"{EMOTIONS.index(emotion)},{' '.join(map(str, crop.ravel()))},{usage}\n")
    return len(faces)


def folder_files(faces: OwnFaces) -> list[tuple[str, bytes]]:
    """The same as pictures in a folder an emotion, below a folder a split."""
    files = []
    for number, (crop, emotion) in enumerate(zip(faces.crops, faces.emotions)):
        split = "PublicTest" if faces.held_out[number] else "Training"
        name = faces.items[number].item.replace("/", "-")
        png = cv2.imencode(".png", crop)[1].tobytes()
        files.append((f"{split}/{emotion}/{number:05d}-{name}.png", png))
    return files
