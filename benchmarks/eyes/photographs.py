"""Movements held against labelled photographs: does a smile tell happy from the rest?

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
from fer_core.faces import make_detector
from fer_core.faces.eyes import EyeReader
from fer_core.faces.mesh import FaceMesh
from fer_core.faces.movements import distances
from fer_core.home import Home
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


def read_photographs(name: str, count: int, shared: Path, home: Home) -> Photographs:
    folder = shared / "data" / name
    data = np.load(folder / f"{name}.npz")
    person = data["person"] if "person" in data else np.load(folder / "persons.npz")["person"]
    blob, offsets = data["blob"], data["offsets"]
    detector, mesh, eyes = make_detector("mtcnn", cache=home.cache), FaceMesh(), EyeReader()
    rows, found = [], []
    for i in np.random.default_rng(3).permutation(len(data["labels"]))[:count]:
        picture = cv2.imdecode(blob[offsets[i] : offsets[i + 1]], cv2.IMREAD_COLOR)[..., ::-1]
        edge = max(picture.shape) // 3  # many are cropped tightly
        picture = cv2.copyMakeBorder(picture, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
        rgb = np.ascontiguousarray(picture)
        grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        faces = detector.detect(Frame(0, 0, rgb, grey))
        if not len(faces):
            continue
        face = faces[[int(np.argmax(faces.boxes[:, 2]))]]
        points, _ = mesh.read(grey, face)
        measured = distances(points, eyes.read(grey, face.landmarks))
        found.append(read_movements(measured, np.zeros(1)))
        rows.append(i)
    persons = person[rows].astype(str)
    return Photographs(
        {key: np.array([one[key][0] for one in found]) for key in MOVEMENTS},
        data["labels"][rows].astype(str),
        persons,
        np.array([_half(one) for one in persons]) == 1,
    )


def _half(person: str) -> int:
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
