"""For whom does it work less well? Faces found and read right, by light, size, turn and skin tone.

    python -m benchmarks.fairness --shared ../shared [--write]

Two sets of labelled photographs of faces, neither of which trained the model: `photo_faces`
(neutral and happy alone) and `wild_faces` (seven expressions; the model's crop and its way of
serving were chosen on these). Each photograph gets a grey border, the detector looks for the
largest face, from 15 pixels on (an analysis searches from 40 unless told otherwise), and the model
reads it as it reads films. Light is the mean grey level of the picture's middle, turn the yaw by
the detector's landmarks. Two things are also varied on purpose, on the same photographs: size, by
shrinking the picture, and light, by darkening it as a shorter exposure would.
Skin tone is the individual typology angle (ITA, Chardon et al. 1991) of the cheeks' median colour
in CIELAB; grey photographs have none. Intervals are 95 %, by a bootstrap over persons.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from fer_core.evaluation.runner import run_model
from fer_core.evaluation.whole_pictures import largest_face
from fer_core.faces import head_pose, make_detector
from fer_core.faces.crop import cut
from fer_core.faces.registry import Detector
from fer_core.home import Home
from fer_core.inference import open_classifier
from fer_core.inference.classifier import Classifier
from fer_core.inference.outputs import served
from fer_core.labels import EMOTIONS
from fer_core.machine import stamp

PAGE = Path(__file__).resolve().parents[1] / "docs" / "fairness.md"
SETS = ("photo_faces", "wild_faces")
VARIED = 200  # photographs of each set that are shrunk and darkened
SIDES = (20, 28, 40, 56, 80)  # of the face's box, in pixels
EXPOSURES = (1.0, 0.5, 0.25, 0.125, 0.0625)
DRAWS = 1000
FEWEST = 15
#: A picture counts as in colour from this mean distance of a and b from grey on.
COLOUR = 6.0
LIGHT = (("dark, under 80", 0, 80), ("80 to 140", 80, 140), ("bright, over 140", 140, 256))
TURN = (("under 15°", 0, 15), ("15 to 30°", 15, 30), ("over 30°", 30, 91))
#: Chardon's classes, from fair to dark.
TONES = (
    ("very light, over 55°", 55, 91), ("light, 41 to 55°", 41, 55),
    ("intermediate, 28 to 41°", 28, 41), ("tan, 10 to 28°", 10, 28),
    ("brown, −30 to 10°", -30, 10), ("dark, under −30°", -91, -30),
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """One row a photograph (n,); what belongs to a face is NaN where none was found."""

    person: np.ndarray
    found: np.ndarray
    right: np.ndarray  # of those found
    light: np.ndarray
    side: np.ndarray  # pixels
    yaw: np.ndarray  # degrees, without its sign
    ita: np.ndarray  # degrees; NaN of grey photographs


@dataclass(frozen=True)
class Photographs:
    pictures: list[np.ndarray]  # RGB
    labels: np.ndarray
    person: np.ndarray

    def some(self, count: int) -> Photographs:
        rows = np.random.default_rng(1).permutation(len(self.labels))[:count]
        return Photographs([self.pictures[k] for k in rows], self.labels[rows], self.person[rows])


def read(name: str, shared: Path) -> Photographs:
    folder = shared / "data" / name
    data = np.load(folder / f"{name}.npz")
    person = data["person"] if "person" in data else np.load(folder / "persons.npz")["person"]
    blob, offsets = data["blob"], data["offsets"]
    pictures = [cv2.imdecode(blob[a:b], cv2.IMREAD_COLOR)[..., ::-1] for a, b in pairwise(offsets)]
    return Photographs(pictures, data["labels"].astype(str), person)


def middle(picture: np.ndarray) -> np.ndarray:
    """The part of a photograph of a face that is face."""
    h, w = picture.shape[:2]
    return picture[round(0.3 * h) : round(0.75 * h), round(0.3 * w) : round(0.7 * w)]


def typology_angle(skin: np.ndarray) -> float:
    """ITA in degrees of pixels (h, w, 3), RGB; NaN where they are grey."""
    lab = cv2.cvtColor((skin / 255).astype(np.float32), cv2.COLOR_RGB2LAB).reshape(-1, 3)
    lightness, _, yellow = np.median(lab, axis=0)
    if np.hypot(lab[:, 1], lab[:, 2]).mean() < COLOUR:
        return float("nan")
    return float(np.degrees(np.arctan2(lightness - 50, max(yellow, 1e-6))))


def cheeks(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Pixels (1, n, 3) of two squares, below the eyes and beside the nose."""
    eyes, nose, mouth = landmarks[:2], landmarks[2], landmarks[3:]
    half = max(2, round(0.1 * float(np.linalg.norm(eyes[1] - eyes[0]))))
    parts = []
    for eye, corner in zip(eyes, mouth, strict=True):
        x, y = (0.5 * (eye + corner) + 0.12 * (eye - nose)).round().astype(int)
        parts.append(picture[max(0, y - half) : y + half, max(0, x - half) : x + half])
    return np.concatenate([part.reshape(1, -1, 3) for part in parts], axis=1)


def look(photographs: Photographs, detector: Detector, network: Classifier) -> Seen:
    n = len(photographs.labels)
    light, side, yaw, ita = (np.full(n, np.nan) for _ in range(4))
    crops, rows = [], []
    for k, picture in enumerate(photographs.pictures):
        light[k] = cv2.cvtColor(middle(picture), cv2.COLOR_RGB2GRAY).mean()
        frame, faces = largest_face(detector, np.ascontiguousarray(picture))
        if not len(faces):
            ita[k] = typology_angle(middle(picture))
            continue
        side[k] = faces.boxes[0, 2:].max()
        yaw[k] = abs(head_pose(faces.landmarks)[0, 0])
        skin = cheeks(frame.rgb, faces.landmarks[0])
        ita[k] = typology_angle(skin if skin.size else middle(picture))
        crops.append(cut(frame.grey, faces.boxes, faces.landmarks, network.crop)[0])
        rows.append(k)
    found, right = np.zeros(n, bool), np.zeros(n, bool)
    found[rows] = True
    if rows:
        p = served(network.card, run_model(network, np.stack(crops)))
        guess = np.array(EMOTIONS)[p.argmax(axis=1)]
        right[rows] = guess == photographs.labels[rows]
    return Seen(photographs.person, found, right, light, side, yaw, ita)


def interval(values: np.ndarray, person: np.ndarray) -> str:
    """A share with its interval over persons; nothing where there are too few."""
    if len(values) < FEWEST:
        return f"– ({len(values)} photographs)"
    names, index = np.unique(person, return_inverse=True)
    hits = np.bincount(index, values, len(names))
    counts = np.bincount(index, minlength=len(names))
    drawn = np.random.default_rng(0).integers(0, len(names), (DRAWS, len(names)))
    shares = hits[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(100 * shares, (2.5, 97.5))
    return f"{100 * values.mean():.1f} % ({low:.0f} to {high:.0f})"


def row(name: str, seen: Seen, which: np.ndarray) -> str:
    within = which & seen.found
    return (
        f"| {name} | {which.sum():,} | {interval(seen.found[which], seen.person[which])} | "
        f"{interval(seen.right[within], seen.person[within])} |"
    )


def by(values: np.ndarray, groups: Sequence[tuple[str, float, float]], seen: Seen) -> list[str]:
    return [row(name, seen, (values >= low) & (values < high)) for name, low, high in groups]


def thirds(seen: Seen) -> list[tuple[str, float, float]]:
    """Three groups of faces of about equal number, by their side in pixels."""
    low, high = np.nanpercentile(seen.side, (100 / 3, 200 / 3))
    return [
        (f"under {low:.0f} px", 0, low), (f"{low:.0f} to {high:.0f} px", low, high),
        (f"over {high:.0f} px", high, np.inf),
    ]  # fmt: skip


def varied(
    name: str, chosen: Photographs, change: Callable[[np.ndarray], np.ndarray],
    detector: Detector, network: Classifier,
) -> str:  # fmt: skip
    pictures = [change(one) for one in chosen.pictures]
    seen = look(Photographs(pictures, chosen.labels, chosen.person), detector, network)
    return row(name, seen, np.ones(len(pictures), bool))


def shrunk(picture: np.ndarray, side: int) -> np.ndarray:
    """So that the face, which fills these pictures, has this side."""
    scale = side / max(picture.shape[:2])
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def darkened(picture: np.ndarray, exposure: float) -> np.ndarray:
    """With a share of the light: linear light is scaled, and a sensor's noise added."""
    light = (picture / 255.0) ** 2.2 * exposure
    noise = np.random.default_rng(0).normal(0, 0.002, picture.shape)
    return np.asarray((255 * np.clip(light + noise, 0, 1) ** (1 / 2.2)).round(), np.uint8)


def heading(what: str) -> list[str]:
    return [
        f"| {what} | photographs | faces found | read right, of those found |",
        "| --- | ---: | ---: | ---: |",
    ]  # fmt: skip


def set_part(
    name: str, photographs: Photographs, detector: Detector, network: Classifier
) -> Iterator[str]:
    seen = look(photographs, detector, network)
    everyone = np.ones(len(seen.found), bool)
    yield from (f"## {name}", "", *heading("all"), row("all", seen, everyone), "")
    yield from (*heading("light (mean grey level)"), *by(seen.light, LIGHT, seen), "")
    yield from (*heading("turn (yaw)"), *by(seen.yaw, TURN, seen), "")
    yield from (*heading("size of the face"), *by(seen.side, thirds(seen), seen), "")
    colour = np.isfinite(seen.ita)
    if colour.sum() >= FEWEST:
        yield from (*heading("skin tone (ITA)"), *by(seen.ita, TONES, seen), "")
    yield f"{colour.sum():,} of {len(colour):,} photographs are in colour and have a skin tone."
    some = photographs.some(VARIED)
    yield from ("", *heading("shrunk, side of the face about"))
    for side in SIDES:
        yield varied(f"{side} px", some, partial(shrunk, side=side), detector, network)
    yield from ("", *heading("darkened to a share of the light"))
    for exposure in EXPOSURES:
        change = partial(darkened, exposure=exposure)
        yield varied(f"{100 * exposure:.3g} %", some, change, detector, network)
    yield ""


LIMITS = """## What could not be measured

- **Skin tone of most photographs.** They are grey; the angle is known of the colour photographs
  alone, many of them film stills with coloured light, which moves it. Groups of fewer than
  {fewest} photographs show no share. No conclusion about skin tones can be drawn from so few.
- **Age, gender, descent, disability, glasses, beards, veils.** The photographs have no such labels,
  and none were guessed.
- **Turn of faces that were not found.** A turn is known by the face's landmarks; faces turned so
  far that none was found are missing from the rows by turn, whose «faces found» is therefore 100 %.
  The same holds for the rows by size; the shrunk photographs have no such gap.
- **Films.** These are single photographs of well-known people, cut close; an audience in a dark
  room is smaller, darker and more turned. Of a film each session says how many faces were usable.
- **What people felt.** A label is what others saw in the photograph."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="the folder that holds data/")
    parser.add_argument("--model", default="rapt-1")
    parser.add_argument("--detector", default="mtcnn")
    parser.add_argument("--few", type=int, default=0, help="so many photographs of each set alone")
    parser.add_argument("--write", action="store_true", help="write docs/fairness.md")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    network = open_classifier(args.model)
    about = (__doc__ or "").split("\n\n")
    few = f" --few {args.few}" if args.few else ""
    lines = [
        f"# {about[0]}", "", "Written by a command; do not edit.", "", about[-1].strip(), "",
        stamp(f"python -m benchmarks.fairness --shared ../shared{few}"), "",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        detector = make_detector(args.detector, cache=Home(Path(folder)).cache, min_face=15)
        for name in SETS:
            photographs = read(name, args.shared)
            if args.few:
                photographs = photographs.some(args.few)
            lines += set_part(name, photographs, detector, network)
            print("\n".join(lines[-40:]), flush=True)
    text = "\n".join([*lines, LIMITS.format(fewest=FEWEST), ""])
    if args.write:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
