"""Run as a program: the `mtcnn` package's faces of pictures, for the parity test.

A process of its own, because the package needs TensorFlow. Takes an .npz of pictures and
the smallest face, prints JSON: for each picture rows of x, y, w, h, score, landmarks.
"""

from __future__ import annotations

import json
import sys

import numpy as np


def main(path: str, min_face: int) -> None:
    from mtcnn import MTCNN

    detector = MTCNN()
    answers = []
    pictures = np.load(path)
    for name in sorted(pictures.files):
        found = detector.detect_faces(
            pictures[name], output_type="numpy", min_face_size=min_face, fit_to_image=False
        )
        # image, x, y, w, h, score, five x, five y
        answers.append([row[1:].tolist() for row in np.asarray(found).reshape(-1, 16)])
    print(json.dumps(answers))  # noqa: T201 - its output is its purpose


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
