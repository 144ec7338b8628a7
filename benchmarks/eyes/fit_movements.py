"""The weights of movements: fitted to labelled photographs, none of which the benchmark reports.

    python -m benchmarks.eyes.fit_movements [--shared FOLDER] [--keep FOLDER]

From the half of the persons of photo_faces and wild_faces that ``benchmarks.eyes`` does not report,
and from training pictures of FER2013 on whose expression six of ten annotators agree. A smile is
learned as happy against all else, an open mouth as surprise against neutral and sad (an angry mouth
is open, too), raised brows as surprise and drawn ones as angry against all else. Prints the AUC by
five folds of persons within that half of wild_faces; writes fer_core/faces/movements.npz.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from benchmarks.eyes.photographs import half
from benchmarks.eyes.render import HERE
from fer_core.faces.eyes import EyeReader
from fer_core.faces.mesh import FaceMesh
from fer_core.faces.movements import LOOKS_AT, describe
from fer_core.faces.regions import RegionReader
from fer_core.types import Faces

WEIGHTS = HERE.parents[1] / "fer_core" / "faces" / "movements.npz"
#: Pictures of photo_faces, and of FER2013 for each expression.
PHOTOGRAPHS, OF_FER = 1500, 300
FER_PLUS = ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear")
#: Gradients weigh more than distances do under the same penalty.
SHARPER = 4.0


@dataclass(frozen=True)
class Aim:
    """What a movement learns: its label, what it is told from (None: all else), the penalty, and
    what a photograph of photo_faces and one of FER2013 count beside one of wild_faces."""

    label: str
    others: tuple[str, ...] | None
    c: float
    photo: float
    fer: float


AIMS = {
    "smile": Aim("happy", None, 0.03, 0.3, 0.3),
    "mouth_open": Aim("surprise", ("neutral", "sad"), 0.005, 0.0, 0.3),
    "brows_up": Aim("surprise", None, 0.005, 0.0, 0.3),
    "brows_drawn": Aim("angry", None, 0.005, 0.3, 0.3),
}


@dataclass(frozen=True)
class Looks:
    mouth: np.ndarray
    brows: np.ndarray
    labels: np.ndarray
    persons: np.ndarray
    source: np.ndarray


def photographs(shared: Path, name: str, most: int) -> Iterator[tuple[np.ndarray, str, str]]:
    """Grey pictures with label and person, of the persons that choose."""
    folder = shared / "data" / name
    data = np.load(folder / f"{name}.npz")
    person = data["person"] if "person" in data else np.load(folder / "persons.npz")["person"]
    blob, offsets = data["blob"], data["offsets"]
    for i in np.random.default_rng(3).permutation(len(person))[:most]:
        if half(str(person[i])) == 0:
            grey = cv2.imdecode(blob[offsets[i] : offsets[i + 1]], cv2.IMREAD_GRAYSCALE)
            yield grey, str(data["labels"][i]), str(person[i])


def small_pictures(shared: Path) -> Iterator[tuple[np.ndarray, str, str]]:
    folder = shared / "data" / "fer2013"
    spec = importlib.util.spec_from_file_location("fer2013", folder / "fer2013.py")
    assert spec is not None
    assert spec.loader is not None
    fer2013 = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fer2013)
    pictures, _, votes = fer2013.load("train")
    agreed = (votes.max(axis=1) >= 0.6 * votes.sum(axis=1)) & (votes.sum(axis=1) > 0)
    rng = np.random.default_rng(5)
    for number, label in enumerate(FER_PLUS):
        rows = np.flatnonzero(agreed & (votes.argmax(axis=1) == number))
        for i in rng.permutation(rows)[:OF_FER]:
            yield cv2.resize(pictures[i], (192, 192), interpolation=cv2.INTER_CUBIC), label, f"f{i}"


class Describer:
    """A face that fills its picture, found by the mesh itself: each pass starts from the last."""

    def __init__(self) -> None:
        self.mesh, self.eyes, self.regions = FaceMesh(), EyeReader(), RegionReader()

    def read(self, grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        high, wide = grey.shape
        edge = max(grey.shape) // 3
        grey = cv2.copyMakeBorder(grey, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
        places = np.array([[0.33, 0.4], [0.67, 0.4], [0.5, 0.6], [0.38, 0.75], [0.62, 0.75]])
        marks = (edge + places * (wide, high)).astype(np.float32)
        box = edge + np.array([0.08 * wide, 0.04 * high, 0, 0])
        box[2:] = 0.84 * wide, 0.92 * high
        for _ in range(3):
            face = Faces(box[None].astype(np.float32), np.ones(1, np.float32), marks[None])
            points, _ = self.mesh.read(grey, face)
            mesh = points[0]
            eyes = [mesh[list(pair), :2].mean(axis=0) for pair in ((33, 133), (362, 263))]
            marks = np.stack([*eyes, mesh[4, :2], mesh[61, :2], mesh[291, :2]])
            least, most = mesh[:, :2].min(axis=0), mesh[:, :2].max(axis=0)
            side = float((most - least).max()) * 1.5 / 1.3
            middle = (least + most) / 2 - np.array([0, 0.04 * side])
            box = np.append(middle - side / 2, [side, side])
        found = describe(self.regions, grey, points, self.eyes.read(grey, marks[None]))
        return found["mouth"][0], found["brows"][0]


def read_all(shared: Path) -> Looks:
    describer, rows = Describer(), []
    sources = {
        "wild": photographs(shared, "wild_faces", 10_000),
        "photo": photographs(shared, "photo_faces", PHOTOGRAPHS),
        "fer": small_pictures(shared),
    }
    for source, pictures in sources.items():
        for grey, label, person in pictures:
            rows.append((*describer.read(grey), label, person, source))
    mouth, brows, *names = zip(*rows, strict=True)
    return Looks(np.array(mouth), np.array(brows), *(np.array(one) for one in names))


def fit(looks: Looks, name: str, rows: np.ndarray) -> np.ndarray:
    """The weights, and last what is added; from 0 at neutral's median to 1 at the label's 90th
    percentile, over the rows of wild_faces."""
    aim, values = AIMS[name], _values(looks, name)
    counts = np.select([looks.source == "wild", looks.source == "photo"], [1.0, aim.photo], aim.fer)
    told = rows & (counts > 0)
    if aim.others:
        told &= np.isin(looks.labels, [aim.label, *aim.others])
    if aim.label != "happy":
        told &= (looks.source != "photo") | (looks.labels == "neutral")
    scale = StandardScaler().fit(values[told])
    model = LogisticRegression(C=aim.c, max_iter=500, class_weight="balanced")
    model.fit(scale.transform(values[told]), looks.labels[told] == aim.label, counts[told])
    weights = model.coef_[0] / scale.scale_
    added = float(model.intercept_[0] - weights @ scale.mean_)
    found = values @ weights + added
    wild = rows & (looks.source == "wild")
    rest = float(np.median(found[wild & (looks.labels == "neutral")]))
    full = float(np.percentile(found[wild & (looks.labels == aim.label)], 90)) - rest
    weights = weights * np.concatenate([np.full(_gradients(name), SHARPER), np.ones(_others(name))])
    return np.append(weights, added - rest) / full


def _gradients(name: str) -> int:
    return 324 if LOOKS_AT[name] == "mouth" else 648


def _others(name: str) -> int:
    return (337 if LOOKS_AT[name] == "mouth" else 667) - _gradients(name)


def _values(looks: Looks, name: str) -> np.ndarray:
    values = np.array(getattr(looks, LOOKS_AT[name]), np.float64)
    values[:, : _gradients(name)] *= SHARPER
    return values


def folds(looks: Looks, name: str) -> str:
    wild = np.flatnonzero(looks.source == "wild")
    found = np.full(len(looks.labels), np.nan)
    for _, tested in GroupKFold(5).split(wild, groups=looks.persons[wild]):
        rows = np.ones(len(looks.labels), bool)
        rows[wild[tested]] = False
        weights = fit(looks, name, rows)
        plain = getattr(looks, LOOKS_AT[name])[wild[tested]]
        found[wild[tested]] = plain @ weights[:-1] + weights[-1]
    label = AIMS[name].label
    told = wild[np.isin(looks.labels[wild], [label, "neutral"])]
    auc = [roc_auc_score(looks.labels[rows] == label, found[rows]) for rows in (wild, told)]
    return f"{name}: {label} against all else {auc[0]:.3f}, against neutral {auc[1]:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=HERE.parents[2] / "shared")
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    kept = args.keep / "looks.npz" if args.keep else None
    if kept and kept.exists():
        looks = Looks(**np.load(kept))
    else:
        looks = read_all(args.shared)
        if kept:
            np.savez(kept, **vars(looks))
    every = np.ones(len(looks.labels), bool)
    np.savez(WEIGHTS, **{name: fit(looks, name, every).astype(np.float32) for name in AIMS})
    for name in AIMS:
        print(folds(looks, name), flush=True)


if __name__ == "__main__":
    main()
