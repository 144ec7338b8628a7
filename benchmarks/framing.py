"""Choose a model's crop and the output that serves, on whole pictures of real faces.

    python benchmarks/framing.py MODEL --data FOLDER [--border 0.25]

FOLDER holds a folder of pictures for each emotion. A packed set can be given instead: an
``.npz`` with ``blob``, ``offsets`` and ``labels``. Faces are found once; every framing is
then cut and read. Only for validating: nothing is trained on these pictures.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from fer_core.evaluation.runner import score_labels
from fer_core.evaluation.whole_pictures import largest_face
from fer_core.faces import cut, make_detector
from fer_core.inference import open_classifier
from fer_core.training.datasets import emotion_folders, emotion_of, pictures_in

NAMES = ("accuracy", "macro_f1", "output", "margin", "dy", "align")


def pictures(data: Path) -> Iterator[tuple[np.ndarray, int]]:
    if data.suffix == ".npz":
        packed = np.load(data, allow_pickle=False)
        for i, name in enumerate(packed["labels"]):
            content = packed["blob"][packed["offsets"][i] : packed["offsets"][i + 1]]
            label = emotion_of(str(name))
            if label is not None:
                yield cv2.imdecode(content, cv2.IMREAD_COLOR_RGB), label
        return
    for _, folder, label in emotion_folders(data):
        for path in pictures_in(folder):
            yield cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB), label


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--detector", default="mtcnn")
    parser.add_argument("--border", type=float, default=0.25)
    parser.add_argument("--margins", default="0.8,0.9,1.0,1.1")
    parser.add_argument("--downs", default="0,0.05")
    parser.add_argument("--aligns", default="none,eyes")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    network = open_classifier(args.model)
    found, labels, missed = [], [], 0
    with tempfile.TemporaryDirectory() as cache:
        finder = make_detector(args.detector, cache=Path(cache), min_face=30)
        for picture, label in pictures(args.data):
            frame, faces = largest_face(finder, np.asarray(picture, np.uint8), args.border)
            if len(faces):
                found.append((frame.grey, faces))
                labels.append(label)
            else:
                missed += 1
    truth = np.array(labels, np.int32)
    print(f"{len(found)} faces found, {missed} not")
    rows = []
    for margin, dy, align in itertools.product(
        map(float, args.margins.split(",")),
        map(float, args.downs.split(",")),
        args.aligns.split(","),
    ):
        spec = replace(network.crop, margin=margin, dy=dy, align=align)
        crops = np.concatenate([cut(grey, f.boxes, f.landmarks, spec) for grey, f in found])
        logits = network.logits(crops)
        for output in network.card.outputs:
            scores = score_labels(network.card, logits, truth, output).scores
            rows.append((scores.accuracy, scores.macro_f1, output, margin, dy, align))
            print(json.dumps(dict(zip(NAMES, rows[-1]))))
    print("best:", max(rows, key=lambda row: row[0] + row[1]))


if __name__ == "__main__":
    main()
