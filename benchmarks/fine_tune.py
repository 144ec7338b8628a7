"""Fifty corrected labels on one person: does fine-tuning help, and what is forgotten?

    python benchmarks/fine_tune.py FILM --emotion happy --data FER2013 --beside OTHER_FILM \
        --beside-labels neutral:0-1000,happy:1200-2300 [--write docs/benchmarks/fine_tune.md]

FILM shows one person with one expression throughout, which --emotion names. The person is
found and cut as in any analysis. Then the faces are sent through a poor camera (18 pixels
wide, dark, lit from one side, noisy), where the model no longer reads them: real frames with
a made fault, because public films of one person that a model gets wrong a hundred times,
with labels, are not to be had. Half-seconds alternate: from the even ones come the labels,
the odd ones are held out. A second run takes the same film as it is.

One label for all frames could teach «this camera means happy». So two more things are
measured that no training saw: another person through the same camera, in two expressions,
and PublicTest through the same camera.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from fer_core.evaluation.paired import Paired, compare
from fer_core.evaluation.runner import run, score_labels
from fer_core.home import Home
from fer_core.inference.classifier import Classifier, open_classifier
from fer_core.jobs.training import Source, fine_tune, train_model
from fer_core.jobs.training_sources import OWN_LABELS
from fer_core.labels import EMOTIONS
from fer_core.machine import stamp
from fer_core.pipeline import Analysis
from fer_core.training.datasets import DataSet, from_labels, load
from fer_core.types import AnalysisSettings, Bytes, Int
from fer_core.zoo.shelf import find

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
    scored = [score_labels(n.card, run(n, faces), labels, n.card.serves) for n in pair]
    guesses = [one.probabilities.argmax(axis=1).astype(np.int32) for one in scored]
    return compare(on, scored[0].truth, *guesses)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("film", type=Path)
    parser.add_argument("--emotion", required=True, choices=EMOTIONS)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--beside", type=Path, required=True)
    parser.add_argument("--beside-labels", required=True)
    parser.add_argument("--labels", type=int, default=50)
    parser.add_argument("--own", type=float, default=0.25)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--only", choices=("poor", "as it is"))
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()

    lines = []
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        network = open_classifier(home=home)
        t_ms, clear = faces_of(args.film, home)
        other_t, other = faces_of(args.beside, home)
        other_labels = spans(args.beside_labels, other_t)
        public = load(args.data, usage="publictest")["publictest"]
        truth = EMOTIONS.index(args.emotion)
        for camera in ("poor", "as it is"):
            if args.only and camera != args.only:
                continue
            faces = poor_camera(clear, 1) if camera == "poor" else clear
            guess = network.probabilities(faces).argmax(axis=1)
            held = (t_ms // STRETCH_MS) % 2 == 1
            wrong = (guess != truth) & ~held
            # Fifty that it gets wrong; where there are fewer, confirmed ones beside them.
            order = np.concatenate([np.flatnonzero(wrong), np.flatnonzero(~wrong & ~held)])
            order = np.random.default_rng(1).permutation(order[: args.labels])
            rows = np.concatenate([order, np.flatnonzero(held)])
            own = from_labels(faces[rows], [args.emotion] * len(rows), held[rows])
            name = f"person-{camera.replace(' ', '-')}"
            sources = (Source(str(args.data), 1 - args.own), Source(OWN_LABELS, args.own))
            spec = fine_tune(home, name, sources, epochs=args.epochs, rate=args.rate)

            def labels_of_this(home: Home, own: DataSet = own) -> DataSet:
                return own

            begin = time.perf_counter()
            card = train_model(home, spec, own=labels_of_this)
            minutes = (time.perf_counter() - begin) / 60
            pair = [network, Classifier(find(name, home))]
            known = other_labels >= 0
            seen = poor_camera(other, 2) if camera == "poor" else other
            others = [beside("another person", pair, seen[known], other_labels[known])]
            for emotion in np.unique(other_labels[known]):
                rows = other_labels == emotion
                title = f"another person, {EMOTIONS[emotion]}"
                others.append(beside(title, pair, seen[rows], other_labels[rows]))
            if camera == "poor":
                dark = poor_camera(public.images, 3)
                others.append(beside("PublicTest through this camera", pair, dark, public.labels))
            lines += [
                f"## {args.film.name}, camera: {camera}",
                "",
                f"{int(wrong.sum())} of {int((~held).sum())} faces to label were read wrongly; "
                f"{len(order)} labels were given, {int(held.sum())} faces held out. "
                f"{card.training['epochs']} epochs in {minutes:.1f} min; "
                f"own labels had {args.own:.0%} of each epoch.",
                "",
                *(f"- {one['sentence']}" for one in card.training["comparison"]),
                *(f"- {one.sentence}" for one in others),
                f"- Forgot more than half a point on public faces: "
                f"{'yes' if card.training['forgot'] else 'no'}.",
                "",
            ]
            print("\n".join(lines[-12:]), flush=True)
    if args.write is not None:
        head = ["# Fine-tuning on fifty labels of one person", "", *ABOUT, stamp(COMMAND), ""]
        args.write.write_text("\n".join(head + lines), encoding="utf-8")


COMMAND = "python benchmarks/fine_tune.py"
ABOUT = [
    "Written by a command; do not edit. How it is played, and what is made up in it, stands at",
    "the head of `benchmarks/fine_tune.py`: real frames of one person through a camera made",
    "poor, half-seconds held out in turn, the person's expression labelled by looking. Held-out",
    "frames resemble the labelled ones; that is what «other frames of this person» are.",
    "",
]

if __name__ == "__main__":
    main()
