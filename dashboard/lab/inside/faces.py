"""Faces to look inside a model with: from a photograph, a data set, a recording, or kept ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from dashboard.lab.data.faces import faces_of
from fer_core.errors import DataError, FaceError, VideoError
from fer_core.evaluation.runner import sized
from fer_core.evaluation.whole_pictures import LONG_SIDE, bordered
from fer_core.faces import cut, make_detector
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.storage import Store
from fer_core.storage.timeline.kept_faces import has_kept_faces, read_kept
from fer_core.text import clock
from fer_core.types import Bytes, CropSpec, Faces, Float, Frame

MIN_FACE = 24
#: A picture that is all face has no room for the detector; it is given this much around it.
BORDER = 0.25
#: A face is shown with so many times its longer side around its middle.
AROUND = 1.4


@dataclass(frozen=True, slots=True)
class Face:
    """A face before a model sees it: a grey picture, where it is in it, and its name."""

    grey: Bytes
    box: Float | None  # x, y, w, h; None: the picture is a crop already
    landmarks: Float | None
    name: str
    rgb: Bytes | None = None

    def crop(self, spec: CropSpec) -> Bytes:
        """The face as this model sees it."""
        if self.box is None or self.landmarks is None:
            return sized([self.grey], spec.size)[0]
        return cut(self.grey, self.box[None], self.landmarks[None], replace(spec, channels=1))[0]

    @property
    def context(self) -> Bytes:
        """The face's surroundings with its box drawn."""
        shown = self.rgb if self.rgb is not None else np.repeat(self.grey[..., None], 3, axis=2)
        if self.box is None:
            return shown
        x, y, w, h = (round(float(v)) for v in self.box)
        reach = round(AROUND * max(w, h))
        top, left = max(0, y + h // 2 - reach), max(0, x + w // 2 - reach)
        part = shown[top : y + h // 2 + reach, left : x + w // 2 + reach]
        thick = max(1, round(max(part.shape[:2]) / 200))
        corners = (x - left, y - top), (x + w - left, y + h - top)
        drawn = cv2.rectangle(np.ascontiguousarray(part), *corners, (37, 99, 235), thick)
        return np.asarray(drawn, np.uint8)


def from_photograph(home: Home, content: bytes, name: str) -> list[Face]:
    """The faces of a photograph, the largest first; a FaceError where there is none."""
    coded = np.frombuffer(content, np.uint8)
    picture = cv2.imdecode(coded, cv2.IMREAD_COLOR_RGB) if len(coded) else None
    if picture is None:
        raise DataError(
            f"{name} is no picture that can be read.",
            "Take a JPEG, PNG or WebP file. Models are never loaded from a page.",
        )
    return faces_in(home, np.asarray(picture, np.uint8), name)


def faces_in(home: Home, picture: Bytes, name: str) -> list[Face]:
    """The faces that the detector finds in a picture (h, w, 3), the largest first."""
    longest = max(picture.shape[:2])
    if longest > LONG_SIDE:
        scale = LONG_SIDE / longest
        size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    rgb = bordered(picture, BORDER)
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    found = make_detector("mtcnn", cache=home.cache, min_face=MIN_FACE).detect(
        Frame(0, 0, rgb, grey)
    )
    if not len(found):
        raise FaceError(
            f"No face was found in {name}.",
            "Take a picture in which the face is larger, lit and turned to the camera.",
        )
    return _faces(found, grey, rgb, name)


def _faces(found: Faces, grey: Bytes, rgb: Bytes, name: str) -> list[Face]:
    order = np.argsort(-(found.boxes[:, 2] * found.boxes[:, 3]), kind="stable")
    many = len(order) > 1
    return [
        Face(
            grey,
            found.boxes[k],
            found.landmarks[k],
            f"{name}, face {place}" if many else name,
            rgb,
        )
        for place, k in enumerate(order, start=1)
    ]


def from_data(home: Home, data: str, item: str) -> Face:
    """A face of a data set by its name."""
    return Face(faces_of(home, data, [item])[0], None, None, item)


def from_kept(home: Home, session_id: str, row: int) -> Face:
    """One of the faces that were kept for review in a session."""
    kept = read_kept(home, session_id)
    if not 0 <= row < len(kept):
        raise DataError("This face is no longer kept.", "Choose another.")
    name = f"viewer {int(kept.viewer[row])} at {clock(int(kept.t_ms[row]))}"
    return Face(np.asarray(kept.crops[row], np.uint8), None, None, name)


def from_recording(home: Home, store: Store, session_id: str, path: str, t_ms: int) -> list[Face]:
    """The faces in the first frame of a recording from a moment on."""
    from fer_core.video import Decoder

    known = store.timeline.frames(session_id)
    after = known.loc[known["t_ms"] >= t_ms, "frame"]
    start = int(after.iloc[0]) if len(after) else 0
    with Decoder(path, start=start) as frames:
        frame = next(iter(frames), None)
    if frame is None:
        raise VideoError("There is no frame that can be read at this moment.", "Choose another.")
    return faces_in(home, frame.rgb, clock(frame.t_ms))


def splits(home: Home, data: str) -> dict[str, int]:
    """The splits of a data set and how many faces each has."""
    return face_cache.split_sizes(home, data)


def kept(home: Home, session_id: str) -> list[str]:
    """The names of the faces that were kept of a session."""
    found = read_kept(home, session_id)
    return [
        f"viewer {int(viewer)} at {clock(int(t))}" for viewer, t in zip(found.viewer, found.t_ms)
    ]


@dataclass(frozen=True, slots=True)
class SessionWithFaces:
    """A session that a face can be taken from."""

    session_id: str
    name: str
    path: str | None  # None: the recording is not there, but faces were kept
    duration_s: float


def sessions_with_faces(home: Home, store: Store) -> list[SessionWithFaces]:
    """Sessions a face can be taken from: the recording is there, or faces were kept."""
    table = store.sessions.list(limit=500)
    columns = (table[name] for name in ("session_id", "name", "path", "duration_s"))
    found = []
    for session_id, name, path, duration_s in zip(*columns):
        there = isinstance(path, str) and Path(path).is_file()
        if there or has_kept_faces(home, session_id):
            length = float(duration_s or 0)
            found.append(SessionWithFaces(session_id, name, path if there else None, length))
    return found
