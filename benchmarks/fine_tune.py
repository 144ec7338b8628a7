"""Fifty corrected labels on one person: does fine-tuning help, and what is forgotten?

    python benchmarks/fine_tune.py --data FER2013 \
        --person two_people_talking.mp4 happy:0-9000 \
        --other single_face.mp4 neutral:0-1000,happy:1200-2300 [--write FILE]

A film shows one person; what expression it is when, was labelled by looking. The person is
found and cut as in any analysis. Then the faces are sent through a poor camera (18 pixels
wide, dark, lit from one side, noisy), where the model no longer reads them: real frames with
a made fault, because public films of one person that a model gets wrong a hundred times,
with labels, are not to be had. Half-seconds alternate: from the even ones come the labels,
the odd ones are held out.

Labels of a single expression could teach «this camera means happy». So two more things are
measured that no training saw: another person through the same camera, by expression, and
PublicTest through the same camera. Three runs: one expression alone, the other person with
both, and the first film as it is.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fer_core.evaluation.paired import Paired, compare
from fer_core.evaluation.runner import run_model, score_labels
from fer_core.home import Home
from fer_core.inference.classifier import Classifier, open_classifier
from fer_core.inference.outputs import SERVED
from fer_core.jobs.training import Source, fine_tune, train_model
from fer_core.jobs.training_sources import OWN_LABELS
from fer_core.labels import EMOTIONS
from fer_core.machine import stamp
from fer_core.pipeline import Analysis
from fer_core.training.datasets import from_labels, load
from fer_core.types import AnalysisSettings, Bytes, Int
from fer_core.zoo.model_store import find_model

STRETCH_MS = 500


def faces_of(film: Path, home: Home) -> tuple[Int, Bytes]:
    """Times and crops of the viewer who is seen most, as the model gets them."""
    found: dict[int, list[tuple[int, Bytes]]] = {}
    with Analysis(film, AnalysisSettings(keep_faces=True), home=home) as analysis:
        for result in analysis:
            if result.crops is None:
                continue
            for row in np.flatnonzero(result.usable):
                seen = found.setdefault(int(result.viewer[row]), [])
                seen.append((result.t_ms, result.crops[row]))
    most = max(found.values(), key=len)
    return np.array([t for t, _ in most], np.int32), np.stack([crop for _, crop in most])


def poor_camera(crops: Bytes, seed: int) -> Bytes:
    """Few pixels, little light, most of it from one side, and noise."""
    rng = np.random.default_rng(seed)
    side = crops.shape[1]
    light = 0.35 * (1 + 0.9 * np.linspace(-1, 1, side, dtype=np.float32))
    out = []
    for crop in crops:
        dark = crop.astype(np.float32) * light + 13
        small = cv2.resize(dark, (18, 18), interpolation=cv2.INTER_AREA)
        small = (small + rng.normal(0, 8, small.shape)).astype(np.float32)
        out.append(cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR))
    return np.clip(np.stack(out), 0, 255).astype(np.uint8)


def spans(text: str, t_ms: Int) -> Int:
    """The label of each moment, -1 where none is given: ``neutral:0-1000,happy:1200-2300``."""
    labels = np.full(len(t_ms), -1, np.int32)
    for part in filter(None, text.split(",")):
        emotion, _, between = part.partition(":")
        start, end = map(int, between.split("-"))
        labels[(t_ms >= start) & (t_ms < end)] = EMOTIONS.index(emotion)
    return labels


def beside(on: str, pair: list[Classifier], faces: Bytes, labels: Int) -> Paired:
    """Base and candidate on other faces, by the output that serves."""
    scored = [score_labels(n.card, run_model(n, faces), labels, SERVED) for n in pair]
    guesses = [one.probabilities.argmax(axis=1).astype(np.int32) for one in scored]
    return compare(on, scored[0].truth, *guesses)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's faces in a film, with the labels of those that have one."""

    film: str
    t_ms: Int
    faces: Bytes
    labels: Int

    @classmethod
    def of(cls, film: Path, text: str, home: Home) -> Person:
        t_ms, faces = faces_of(film, home)
        labels = spans(text, t_ms)
        known = labels >= 0
        return cls(film.name, t_ms[known], faces[known], labels[known])

    def through(self, poor: bool, seed: int) -> Bytes:
        return poor_camera(self.faces, seed) if poor else self.faces


def play(
    home: Home, person: Person, other: Person, data: Path, *, poor: bool, most: int, share: float
) -> list[str]:
    """One run: the lines that say what came of it."""
    network = open_classifier(home=home)
    faces = person.through(poor, 1)
    held = (person.t_ms // STRETCH_MS) % 2 == 1
    wrong = (network.probabilities(faces).argmax(axis=1) != person.labels) & ~held
    # Those that it gets wrong first; where there are fewer, confirmed ones beside them.
    order = np.concatenate([np.flatnonzero(wrong), np.flatnonzero(~wrong & ~held)])[:most]
    rows = np.concatenate([order, np.flatnonzero(held)])
    own = from_labels(faces[rows], [EMOTIONS[k] for k in person.labels[rows]], held[rows])
    name = f"{Path(person.film).stem}-{'poor' if poor else 'clear'}"
    spec = fine_tune(home, name, (Source(str(data), 1 - share), Source(OWN_LABELS, share)))

    notes: list[str] = []
    begin = time.perf_counter()
    card = train_model(home, spec, own=lambda _: own, on_note=notes.append)
    minutes = (time.perf_counter() - begin) / 60
    pair = [network, Classifier(find_model(name, home))]
    seen = other.through(poor, 2)
    others = [beside("another person", pair, seen, other.labels)]
    for emotion in np.unique(other.labels):
        of_it = other.labels == emotion
        title = f"another person, {EMOTIONS[emotion]}"
        others.append(beside(title, pair, seen[of_it], other.labels[of_it]))
    if poor:
        public = load(data, usage="publictest")["publictest"]
        dark = poor_camera(public.images, 3)
        others.append(beside("PublicTest through this camera", pair, dark, public.labels))
    expressions = ", ".join(EMOTIONS[k] for k in np.unique(person.labels))
    return [
        f"## {person.film}, {expressions}, {'a poor camera' if poor else 'as it is'}",
        "",
        f"{int(wrong.sum())} of {int((~held).sum())} faces to label were read wrongly. "
        f"{len(order)} labels were given, {int(held.sum())} faces held out. "
        f"{card.training['epochs']} epochs of {spec.settings.faces_an_epoch} faces, "
        f"{share:.0%} of them own: {minutes:.1f} min with export and measuring.",
        "",
        *(f"- {one['sentence']}" for one in card.training["comparison"]),
        *(f"- {one.sentence}" for one in others),
        f"- More than half a point forgotten on public faces: "
        f"{'yes' if card.training['forgot'] else 'no'}.",
        *(f"- Said before it began: {note}." for note in notes if note.startswith("all ")),
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--person", nargs=2, required=True, metavar=("FILM", "LABELS"))
    parser.add_argument("--other", nargs=2, required=True, metavar=("FILM", "LABELS"))
    parser.add_argument("--labels", type=int, default=50)
    parser.add_argument("--own", type=float, default=0.25)
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()

    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        one, two = (Person.of(Path(film), text, home) for film, text in (args.person, args.other))
        for person, other, poor in ((one, two, True), (two, one, True), (one, two, False)):
            lines += play(
                home, person, other, args.data, poor=poor, most=args.labels, share=args.own
            )
            print("\n".join(lines), flush=True)
            if args.write is not None:
                head = ["# Fine-tuning on fifty labels of one person", "", *ABOUT]
                page = [*head, stamp("python benchmarks/fine_tune.py"), "", *lines]
                args.write.write_text("\n".join(page), encoding="utf-8")


ABOUT = [
    "Written by a command; do not edit. How it is played, and what is made up in it, stands at",
    "the head of `benchmarks/fine_tune.py`: real frames of one person through a camera made",
    "poor, half-seconds held out in turn, expressions labelled by looking. Held-out frames",
    "resemble the labelled ones, and frames of one person resemble each other: the intervals",
    "say how sure the difference is for this person in this film, for nobody else.",
    "",
    "How to read it: own labels should rise and public ones stay. Labels of one expression",
    "alone teach a short cut as well, «pictures of this camera are happy»: another person who",
    "is neutral before the same camera is then called happy too. A note says so before such a",
    "run begins. In the second run, with fewer labels of two expressions, the model learns the",
    "camera (PublicTest through it rises), but not yet to tell this person's two apart.",
    "",
]

if __name__ == "__main__":
    main()
