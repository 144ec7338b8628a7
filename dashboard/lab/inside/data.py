"""One face through one model: where it comes from, what is seen, what spoke for what."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from dashboard.lab.data.faces import faces_of, png
from fer_core.errors import DataError, FaceError, VideoError
from fer_core.evaluation.explain import Explanation, Stage, spread
from fer_core.evaluation.explain_process import ExplainProcess
from fer_core.evaluation.runner import sized
from fer_core.evaluation.trusted_weights import trusted_model
from fer_core.evaluation.whole_pictures import bordered
from fer_core.faces import cut, make_detector
from fer_core.home import Home
from fer_core.inference.classifier import Classifier
from fer_core.inference.outputs import own_probabilities, to_seven
from fer_core.jobs import face_cache
from fer_core.labels import EMOTIONS
from fer_core.storage import Store
from fer_core.storage.timeline.kept_faces import read_kept
from fer_core.text import clock
from fer_core.types import Bytes, CropSpec, Faces, Float, Frame
from fer_core.zoo.card import Card
from fer_core.zoo.model_store import find_model

#: A photograph is brought to this long side first: a phone's has more than any face needs.
LONG_SIDE = 1600
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


@dataclass(frozen=True)
class Answer:
    """What a model says of a face: its own labels and the seven, as probabilities."""

    crop: Bytes
    output: str
    own: dict[str, float]
    seven: dict[str, float]

    @property
    def guess(self) -> str:
        return max(self.own, key=lambda name: self.own[name])


# -- where faces come from ----------------------------------------------------------------


def from_photograph(home: Home, content: bytes, name: str) -> list[Face]:
    """The faces of a photograph, the largest first; an error in words where there is none."""
    coded = np.frombuffer(content, np.uint8)
    picture = cv2.imdecode(coded, cv2.IMREAD_COLOR_RGB) if len(coded) else None
    if picture is None:
        raise DataError(
            f"{name} is no picture that can be read.",
            "Take a JPEG, PNG or WebP file. Models are never loaded from a page.",
        )
    return faces_in(home, np.asarray(picture, np.uint8), name)


def faces_in(home: Home, picture: Bytes, name: str) -> list[Face]:
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


# -- what a model makes of it -------------------------------------------------------------


def read(home: Home, model: str, crop: Bytes, output: str | None = None) -> Answer:
    """What is served: the LiteRT file's answer."""
    network = Classifier(find_model(model, home))
    card = network.card
    output = output or card.serves
    logits = network.served_logits(crop[None])
    own = own_probabilities(card, logits, output)
    seven = to_seven(card, own, output)[0]
    return Answer(
        crop,
        output,
        dict(zip(card.outputs[output], own[0].astype(float).tolist())),
        dict(zip(EMOTIONS, seven.astype(float).tolist())),
    )


def see(
    home: Home, store: Store, process: ExplainProcess, model: str, crop: Bytes, output: str
) -> Explanation:
    """Maps and gradients, from the process that holds TensorFlow."""
    return process.see(trusted_model(store, home, model), crop, output)


def weights(home: Home, store: Store, model: str) -> str:
    """The checksum of the weights that would be loaded; an error in words where none may be."""
    stored = trusted_model(store, home, model)
    stored.checked("keras")
    return stored.card.files["keras"].sha256


@dataclass(frozen=True, slots=True)
class Spoken:
    """A face with what spoke for one expression."""

    link: str
    said: str


def explained(seen: Explanation, crop: Bytes, emotions: Sequence[str]) -> list[Spoken]:
    """Grad-CAM of the last stage for these expressions; pixels' weight where there is none."""
    found = []
    for name in dict.fromkeys(emotions):
        place = EMOTIONS.index(name)
        cam = seen.cams[-1][place] if seen.cams else seen.saliency[place]
        said = name if cam.max() > 0 else f"{name}: nothing speaks for it"
        found.append(Spoken(heat(crop, cam), said))
    return found


def splits(home: Home, data: str) -> dict[str, int]:
    """The splits of a data set and how many faces each has."""
    return face_cache.split_sizes(home, data)


def kept(home: Home, session_id: str) -> list[str]:
    """The faces kept of a session, in words."""
    found = read_kept(home, session_id)
    return [
        f"viewer {int(viewer)} at {clock(int(t))}" for viewer, t in zip(found.viewer, found.t_ms)
    ]


def jpeg(picture: Bytes) -> str:
    """A photograph as a data link, no larger than a page shows it."""
    longest = max(picture.shape[:2])
    if longest > 900:
        scale = 900 / longest
        size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    ok, content = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not ok:
        raise ValueError(f"a picture of shape {picture.shape} cannot be written")
    return "data:image/jpeg;base64," + base64.b64encode(content.tobytes()).decode()


def known_emotions(card: Card, output: str) -> list[str]:
    return [name for name in EMOTIONS if name in card.mapping(output).values()]


# -- pictures of it -----------------------------------------------------------------------

#: Low to high: from nothing to the accent; over grey faces, and safe for colour-blind eyes.
_WARM = np.array([[0, 0, 0], [120, 40, 10], [213, 94, 0], [240, 180, 60], [255, 245, 200]], float)


def heat(crop: Bytes, cam: Float, size: int = 288) -> str:
    """A face with a heat map over it; the face alone where nothing speaks for the emotion."""
    wide = cv2.resize(crop, (size, size), interpolation=cv2.INTER_CUBIC)
    face = np.repeat(wide[..., None], 3, axis=2).astype(np.float32)
    level = spread(cam, size)
    colour = _colours(level)
    strength = (0.75 * level)[..., None]
    return png((face * (1 - strength) + colour * strength).clip(0, 255).astype(np.uint8))


def _colours(level: Float) -> np.ndarray:
    at = level * (len(_WARM) - 1)
    low = np.floor(at).astype(int).clip(0, len(_WARM) - 2)
    part = (at - low)[..., None]
    return _WARM[low] * (1 - part) + _WARM[low + 1] * part


def map_sheet(maps: Float, stage: Stage, columns: int = 8, tile: int = 64, gap: int = 3) -> str:
    """A stage's strongest maps side by side, each at its own full range; columns for a flat one."""
    if stage.flat:
        rows = np.concatenate([_levels(one)[:, :1] for one in maps], axis=1)
        return png(cv2.resize(rows, None, fx=14, fy=8, interpolation=cv2.INTER_NEAREST))
    lines = -(-len(maps) // columns)
    columns = min(columns, len(maps))
    out = np.full((lines * (tile + gap) - gap, columns * (tile + gap) - gap), 128, np.uint8)
    for place, one in enumerate(maps):
        top, left = place // columns * (tile + gap), place % columns * (tile + gap)
        out[top : top + tile, left : left + tile] = cv2.resize(
            _levels(one), (tile, tile), interpolation=cv2.INTER_NEAREST
        )
    return png(out)


def _levels(one: Float) -> Bytes:
    low, high = float(one.min()), float(one.max())
    if high <= low:
        return np.zeros(one.shape, np.uint8)
    return ((one - low) / (high - low) * 255).astype(np.uint8)


# -- what the older way sees --------------------------------------------------------------


@dataclass(frozen=True)
class ByRule:
    """Features by rule, as the classical pipelines have them instead of learned maps."""

    patterns: str
    cosines: str
    zernike: list[tuple[str, float]]


def by_rule(crop: Bytes) -> ByRule:
    """Local binary patterns, the coarse picture that the cosines keep, Zernike's moments."""
    from skimage.feature import local_binary_pattern

    from fer_core.training.classical import COSINES, ORDER, zernike

    even = crop[: crop.shape[0] // 2 * 2, : crop.shape[1] // 2 * 2]
    codes = local_binary_pattern(even, 8, 1, "uniform")
    kept = cv2.dct(even.astype(np.float32) / 255)
    mask = np.zeros_like(kept)
    mask[:COSINES, :COSINES] = 1
    coarse = cv2.idct(kept * mask)
    names = [f"{n},{m}" for n in range(ORDER + 1) for m in range(n % 2, n + 1, 2)]
    moments = zernike(even[None])[0]
    return ByRule(
        png((codes / 9 * 255).astype(np.uint8)),
        png((coarse.clip(0, 1) * 255).astype(np.uint8)),
        list(zip(names, moments.astype(float).tolist())),
    )


def session_faces(home: Home, store: Store) -> list[dict[str, Any]]:
    """Sessions a face can be taken from: the recording is there, or faces were kept."""
    from pathlib import Path

    from fer_core.storage.timeline.kept_faces import has_kept_faces

    found = []
    for row in store.sessions.list(limit=500).to_dict("records"):
        path = row.get("path")
        there = isinstance(path, str) and Path(path).is_file()
        kept = has_kept_faces(home, str(row["session_id"]))
        if there or kept:
            found.append(
                {
                    "id": str(row["session_id"]), "name": str(row["name"]),
                    "path": path if there else None, "kept": kept,
                    "duration_s": float(row["duration_s"] or 0),
                }
            )  # fmt: skip
    return found
