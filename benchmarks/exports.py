"""What ``rapt models export`` writes, against the Keras model, on all faces of PublicTest.

    python -m benchmarks.exports [--data ../shared/data/fer2013] [--model rapt-1]

LiteRT in three precisions (as the web folder holds them) and ONNX: how far any logit lies from the
model's own, and how many faces are named rightly. Renews its rows of docs/benchmarks/phone.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.phone_page import Row, write
from fer_core.evaluation.runner import score_labels
from fer_core.training.datasets import load
from fer_core.training.described import runner
from fer_core.training.export import write_as
from fer_core.types import Float
from fer_core.zoo.model_store import DEFAULT, find_model

DATA: Final = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "fer2013"
#: What a file is called, its ending, and what it may differ by.
FILES: Final = {
    "fp32 (LiteRT)": (".tflite", "0.0001 in a logit"),
    "fp32 (ONNX)": (".onnx", "0.0001 in a logit"),
    "fp16": (".fp16.tflite", "0.5 points of accuracy"),
    "int8": (".int8.tflite", "0.5 points of accuracy"),
}


def public_test(data: Path) -> tuple[np.ndarray, np.ndarray]:
    """PublicTest's faces (n, 48, 48) and labels (n,)."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "fer2013.csv"
        subprocess.run([sys.executable, data / "fer2013.py", "--csv", table], check=True)
        (split,) = load(table, usage="PublicTest").splits.values()
    return split.images, split.labels


def both_ways(run: Callable[[Float], Float], faces: Float) -> tuple[Float, Float]:
    """The logits of scaled faces (n, h, w, 1) and of their mirror images."""
    return run(faces), run(np.ascontiguousarray(faces[:, :, ::-1]))


def one_by_one(path: Path) -> Callable[[Float], Float]:
    run = runner(path)
    return lambda faces: np.concatenate([run(one[None]) for one in faces])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", default=DEFAULT)
    asked = parser.parse_args()
    import keras

    stored = find_model(asked.model)
    card = stored.card
    faces, labels = public_test(asked.data)
    scaled = ((faces.astype(np.float32) - card.mean) / card.scale)[..., None]
    model: Any = keras.saving.load_model(stored.file("keras"), compile=False, safe_mode=True)

    def accuracy(logits: tuple[Float, Float]) -> float:
        mean = (logits[0] + logits[1]) / 2 if card.mirror else logits[0]
        return 100 * score_labels(card, mean.astype(np.float32), labels).scores.accuracy

    own = both_ways(lambda some: model.predict(some, batch_size=64, verbose=0), scaled)
    right = accuracy(own)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        web = write_as(stored, "web", Path(folder))
        write_as(stored, "onnx", web)
        for name, (ending, aim) in FILES.items():
            found = both_ways(one_by_one(web / f"{card.name}{ending}"), scaled)
            print(name, flush=True)
            apart = max(float(np.abs(a - b).max()) for a, b in zip(found, own, strict=True))
            seen = accuracy(found)
            rows.append(
                Row(f"exported file against Keras on {len(faces)} faces of PublicTest: {name}", aim,
                    f"{apart:.2g} in a logit at most; accuracy {seen:.2f} %, Keras {right:.2f} % "
                    f"({seen - right:+.2f} points)")
            )  # fmt: skip
    write(rows, "python -m benchmarks.exports")


if __name__ == "__main__":
    main()
