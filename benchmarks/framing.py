"""Choose a model's crop and how its outputs serve, on whole pictures of real faces.

    python benchmarks/framing.py MODEL --data FOLDER [--border 0.25] [--votes FER2013]

FOLDER holds a folder of pictures for each emotion. A packed set can be given instead: an
``.npz`` with ``blob``, ``offsets`` and ``labels``. Faces are found once; every framing is
then cut and read. Only for validating: nothing is trained on these pictures.

With ``--votes`` a second table shows how the outputs could serve together: the share of the
first one and how much of the emotions' unequal numbers is taken out. Real faces are then the
mean over all framings, so that no lucky one decides; beside them stands PublicTest, held
against what most people see.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from fer_core.evaluation.metrics import Scores, score
from fer_core.evaluation.runner import run_model, score_labels
from fer_core.evaluation.whole_pictures import largest_face
from fer_core.faces import cut, make_detector
from fer_core.inference import Classifier, open_classifier
from fer_core.inference.outputs import SERVED, own_probabilities, served, to_seven
from fer_core.jobs.training import log_prior
from fer_core.labels import EMOTIONS
from fer_core.training.datasets import emotion_of, load
from fer_core.training.prepare import prepare
from fer_core.training.readers.folders import emotion_folders, pictures_in
from fer_core.training.samples import FERPLUS
from fer_core.types import CropSpec, Float, Int
from fer_core.zoo.card import Card

MARGINS = (0.75, 0.8, 0.85, 0.9, 1.0, 1.1)
DOWNS = (-0.05, 0.0, 0.05)
ALIGNS = ("none", "eyes")
SHARES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
RARITIES = (0.0, 0.25, 0.5, 0.75)
KEYS = ("accuracy", "macro_f1", "ece")


@dataclass(frozen=True)
class Framed:
    """The found faces' labels, and the logits of each framing."""

    truth: Int
    looks: tuple[tuple[CropSpec, Float], ...]
    missed: int

    def scores(self, card: Card) -> list[tuple[str, CropSpec, Scores]]:
        """Every output, and what serves, with every framing."""
        return [
            (output, spec, score_labels(card, logits, self.truth, output).scores)
            for spec, logits in self.looks
            for output in (*card.outputs, SERVED)
        ]


def pictures(data: Path) -> Iterator[tuple[np.ndarray, int]]:
    if data.suffix == ".npz":
        packed = np.load(data, allow_pickle=False)
        blob, offsets = packed["blob"], packed["offsets"]
        for i, name in enumerate(packed["labels"]):
            label = emotion_of(str(name))
            if label is not None:
                content = blob[offsets[i] : offsets[i + 1]]
                yield cv2.imdecode(content, cv2.IMREAD_COLOR_RGB), label
        return
    for _, folder, label in emotion_folders(data):
        for path in pictures_in(folder):
            yield cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB), label


def framings(
    network: Classifier, data: Path, *, detector: str = "mtcnn", border: float = 0.25
) -> Framed:
    """The largest face of each picture, read with every framing."""
    cv2.setNumThreads(1)
    found, labels, missed = [], [], 0
    with tempfile.TemporaryDirectory() as cache:
        finder = make_detector(detector, cache=Path(cache), min_face=30)
        for picture, label in pictures(data):
            frame, faces = largest_face(finder, np.asarray(picture, np.uint8), border)
            if len(faces):
                found.append((frame.grey, faces))
                labels.append(label)
            else:
                missed += 1
    looks = []
    for margin, dy, align in itertools.product(MARGINS, DOWNS, ALIGNS):
        spec = replace(network.crop, margin=margin, dy=dy, align=align)
        crops = np.concatenate([cut(grey, f.boxes, f.landmarks, spec) for grey, f in found])
        looks.append((spec, network.served_logits(crops)))
    return Framed(np.array(labels, np.int32), tuple(looks), missed)


def servings(network: Classifier, framed: Framed, data: Path) -> Iterator[str]:
    """A table of how the serving outputs could be weighed."""
    prepared = prepare(load(data))
    public = prepared.validation
    logits = run_model(network, public.images)
    said = np.eye(len(FERPLUS), dtype=np.float32)[np.maximum(public.majority(), 0)]
    people = to_seven(network.card, said, "ferplus")
    # Most people see contempt in some, which is none of the seven; others were not voted on.
    seen = (public.majority() >= 0) & (people.max(axis=1) > 0.5)
    truth = people.argmax(axis=1).astype(np.int32)[seen]
    figures = "macro-F1 | calibration error"
    yield f"| | real faces | {figures} | most people see | {figures} |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    card = replace(network.card, log_prior={})

    def row(name: str, answers: Callable[[Float], Float]) -> str:
        real = [score(answers(one), framed.truth, EMOTIONS) for _, one in framed.looks]
        votes = score(answers(logits)[seen], truth, EMOTIONS)
        cells = [float(np.mean([getattr(one, key) for one in real])) for key in KEYS]
        cells += [getattr(votes, key) for key in KEYS]
        return f"| {name} | {' | '.join(f'{cell:.3f}' for cell in cells)} |"

    def plain(logits: Float) -> Float:
        each = [to_seven(card, own_probabilities(card, logits, one), one) for one in card.served]
        return np.asarray(np.mean(each, axis=0), np.float32)

    first, *others = card.served
    yield row("mean of the probabilities", plain)
    for share in SHARES if others else (1.0,):
        shares = {first: share, **{name: (1 - share) / len(others) for name in others}}
        for rarity in RARITIES:
            weighed = replace(card, shares=shares)
            weighed = replace(weighed, log_prior=log_prior(weighed, prepared.training, rarity))
            yield row(f"{share:.0%}, rarity {rarity}", partial(served, weighed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--detector", default="mtcnn")
    parser.add_argument("--border", type=float, default=0.25)
    parser.add_argument("--votes", type=Path, help="FER2013 with FER+ votes, in any layout")
    args = parser.parse_args()
    network = open_classifier(args.model)
    framed = framings(network, args.data, detector=args.detector, border=args.border)
    print(f"{len(framed.truth)} faces found, {framed.missed} not")
    if args.votes:
        print(*servings(network, framed, args.votes), sep="\n")
        return
    tried = framed.scores(network.card)
    for output, spec, scores in sorted(tried, key=lambda one: -one[2].accuracy):
        print(
            f"{scores.accuracy:.4f} {scores.macro_f1:.4f} {output} "
            f"margin {spec.margin} dy {spec.dy} align {spec.align}"
        )


if __name__ == "__main__":
    main()
