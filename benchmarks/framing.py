"""Choose a model's crop and the output that serves, on whole pictures of real faces.

    python benchmarks/framing.py MODEL --data FOLDER [--border 0.25]

FOLDER holds a folder of pictures for each emotion. A packed set can be given instead: an
``.npz`` with ``blob``, ``offsets`` and ``labels``. Faces are found once; every framing is
then cut and read. Only for validating: nothing is trained on these pictures.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from fer_core.evaluation.metrics import Scores
from fer_core.evaluation.runner import score_labels
from fer_core.evaluation.whole_pictures import largest_face
from fer_core.faces import cut, make_detector
from fer_core.inference import Classifier, open_classifier
from fer_core.inference.outputs import SERVED
from fer_core.training.datasets import emotion_folders, emotion_of, pictures_in
from fer_core.types import CropSpec

MARGINS = (0.75, 0.8, 0.85, 0.9, 1.0, 1.1)
DOWNS = (-0.05, 0.0, 0.05)
ALIGNS = ("none", "eyes")


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
) -> tuple[list[tuple[str, CropSpec, Scores]], int, int]:
    """Every output with every framing, and how many faces were found and missed."""
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
    truth = np.array(labels, np.int32)
    tried = []
    for margin, dy, align in itertools.product(MARGINS, DOWNS, ALIGNS):
        spec = replace(network.crop, margin=margin, dy=dy, align=align)
        crops = np.concatenate([cut(grey, f.boxes, f.landmarks, spec) for grey, f in found])
        logits = network.served_logits(crops)
        for output in (*network.card.outputs, SERVED):
            scores = score_labels(network.card, logits, truth, output).scores
            tried.append((output, spec, scores))
    return tried, len(found), missed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--detector", default="mtcnn")
    parser.add_argument("--border", type=float, default=0.25)
    args = parser.parse_args()
    network = open_classifier(args.model)
    tried, found, missed = framings(network, args.data, detector=args.detector, border=args.border)
    print(f"{found} faces found, {missed} not")
    for output, spec, scores in sorted(tried, key=lambda one: -one[2].accuracy):
        print(
            f"{scores.accuracy:.4f} {scores.macro_f1:.4f} {output} "
            f"margin {spec.margin} dy {spec.dy} align {spec.align}"
        )


if __name__ == "__main__":
    main()
