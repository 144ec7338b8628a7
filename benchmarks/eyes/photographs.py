"""Movements held against labelled photographs: does a smile tell happy from the rest, and does
who laughs keep her attention?

Persons are split in two halves by their name; the first chose what ``calibration.movements``
calls rest and full, the second is reported.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from sklearn.metrics import roc_auc_score

from fer_core.calibration.movements import MOVEMENTS, read_movements
from fer_core.calibration.viewer import calibrate
from fer_core.faces import head_pose, make_detector
from fer_core.faces.readings import FaceReader
from fer_core.home import Home
from fer_core.measures import READINGS, SIGNS
from fer_core.types import Frame

#: Data set, and how many of its photographs are read, in an order drawn once.
SETS = {"photo_faces": 1500, "wild_faces": 739}
DRAWS = 1000
#: Data set, movements of which the larger counts, label, and what it is told from.
QUESTIONS = (
    ("photo_faces", ("smile",), "happy", ("neutral",)),
    ("wild_faces", ("smile",), "happy", ()),
    ("wild_faces", ("mouth_open",), "surprise", ("neutral",)),
    ("wild_faces", ("brows_up",), "surprise", ("neutral",)),
    ("wild_faces", ("mouth_open", "brows_up"), "surprise", ("neutral",)),
    ("wild_faces", ("mouth_open", "brows_up"), "surprise", ()),
    ("wild_faces", ("brows_drawn",), "angry", ("neutral",)),
    ("wild_faces", ("brows_drawn",), "angry", ()),
)


@dataclass(frozen=True)
class Photographs:
    """n read photographs: their movements, labels, persons, and which are reported."""

    movements: dict[str, np.ndarray]
    labels: np.ndarray
    persons: np.ndarray
    reported: np.ndarray
    readings: np.ndarray  # (n, 11)
    pose: np.ndarray  # (n, 3)


def read_photographs(name: str, count: int, shared: Path, home: Home) -> Photographs:
    folder = shared / "data" / name
    data = np.load(folder / f"{name}.npz")
    person = data["person"] if "person" in data else np.load(folder / "persons.npz")["person"]
    blob, offsets = data["blob"], data["offsets"]
    detector, reader = make_detector("mtcnn", cache=home.cache), FaceReader()
    rows, found, pose = [], [], []
    for i in np.random.default_rng(3).permutation(len(data["labels"]))[:count]:
        picture = cv2.imdecode(blob[offsets[i] : offsets[i + 1]], cv2.IMREAD_COLOR)[..., ::-1]
        edge = max(picture.shape) // 3  # many are cropped tightly
        picture = cv2.copyMakeBorder(picture, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
        rgb = np.ascontiguousarray(picture)
        grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        frame = Frame(0, 0, rgb, grey)
        faces = detector.detect(frame)
        if not len(faces):
            continue
        face = faces[[int(np.argmax(faces.boxes[:, 2]))]]
        readings = reader.read(frame, face, np.ones(1, bool), None)
        if np.isfinite(readings).all():
            found.append(readings[0])
            pose.append(head_pose(face.landmarks)[0])
            rows.append(i)
    persons = person[rows].astype(str)
    moved = [read_movements(one[None, -len(SIGNS) :], np.zeros(1)) for one in found]
    return Photographs(
        {key: np.array([one[key][0] for one in moved]) for key in MOVEMENTS},
        data["labels"][rows].astype(str),
        persons,
        np.array([half(one) for one in persons]) == 1,
        np.array(found),
        np.array(pose),
    )


def half(person: str) -> int:
    return int(hashlib.sha256(person.encode()).hexdigest(), 16) % 2


def page_part(sets: dict[str, Photographs]) -> str:
    lines = [
        "| movement | label | told from | photographs | AUC (95 %) | on the half that chose |",
        "| --- | --- | --- | ---: | ---: | ---: |",
    ]
    for name, keys, label, others in QUESTIONS:
        photographs = sets[name]
        counts = np.isin(photographs.labels, [label, *others]) if others else True
        value = np.max([photographs.movements[key] for key in keys], axis=0)
        rows = photographs.reported & counts
        auc, low, high = _interval(photographs, value, label, rows)
        chose = _auc(photographs.labels == label, value, ~photographs.reported & counts)
        lines.append(
            f"| {' or '.join(keys)} | {label} | {', '.join(others) or 'all other labels'} "
            f"({name}) | {(photographs.labels[rows] == label).sum()} of {rows.sum()} "
            f"| {auc:.3f} ({low:.2f} to {high:.2f}) | {chose:.3f} |"
        )
    return "\n".join(lines)


def laughing(photographs: Photographs) -> str:
    """Films made of one person's neutral photograph with her happy one for 3 of 12 s: what of
    them attends, and what is called shut? The readings are noisy as a film's are; the head faces
    the camera in both, as gaze would else tell two photographs apart by where they were taken."""
    rng = np.random.default_rng(0)
    t = np.arange(0, 12_000, 62)
    happy_now = (t >= 6000) & (t < 9000)
    attends, shut, people = [], [], 0
    for person in dict.fromkeys(photographs.persons[photographs.reported]):
        mine = photographs.persons == person
        of = {
            label: np.flatnonzero(mine & (photographs.labels == label))
            for label in ("neutral", "happy")
        }
        if not len(of["neutral"]) or not len(of["happy"]):
            continue
        people += 1
        rows = np.where(happy_now, of["happy"][0], of["neutral"][0])
        readings = photographs.readings[rows] + rng.normal(0, 0.004, (len(t), len(READINGS)))
        # the usual gaze of each photograph is straight ahead: only lids and movements are asked
        readings[:, 2:6] = rng.normal(0, 0.004, (len(t), 4))
        found = calibrate(t, readings, np.zeros((len(t), 3)))
        attends.append(found.attends[happy_now].mean())
        shut.append(found.columns["eyes_closed"][~happy_now].mean())
    kept = np.array(attends)
    return (
        f"Of {people} persons of whom there is a neutral and a happy photograph, each made into a "
        f"film with 3 s of happy: {(kept > 0.95).sum()} keep their attention over all of the "
        f"laugh, {(kept < 0.5).sum()} lose it for most of it; of the neutral time "
        f"{100 * np.mean(shut):.1f} % is called shut."
    )


def _auc(positive: np.ndarray, value: np.ndarray, rows: np.ndarray) -> float:
    return float(roc_auc_score(positive[rows], value[rows]))


def _interval(
    photographs: Photographs, value: np.ndarray, label: str, rows: np.ndarray
) -> tuple[float, float, float]:
    """The AUC, and 95 % of it over redrawn persons."""
    rng = np.random.default_rng(0)
    positive = photographs.labels == label
    at = np.flatnonzero(rows)
    _, owner = np.unique(photographs.persons[at], return_inverse=True)
    of_person = [at[owner == one] for one in range(owner.max() + 1)]
    drawn = []
    for _ in range(DRAWS):
        people = rng.integers(0, len(of_person), len(of_person))
        chosen = np.concatenate([of_person[one] for one in people])
        drawn.append(roc_auc_score(positive[chosen], value[chosen]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return _auc(positive, value, rows), float(low), float(high)
