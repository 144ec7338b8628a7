"""From the flagship's run to the model that ships: export, calibrate, choose framing, card.

    python benchmarks/ship_flagship.py RUN --data FER2013 --real PICTURES --out models

RUN holds the run's checkpoints, FER2013 is any layout that `rapt train` takes, PICTURES a
folder of emotion folders of whole pictures (or a packed .npz). The real faces only choose
the crop.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from framing import Framed, framings

from fer_core.evaluation.metrics import score
from fer_core.evaluation.runner import run_model, score_labels
from fer_core.inference.classifier import Classifier
from fer_core.inference.outputs import SERVED, served
from fer_core.jobs.training import log_prior, measured
from fer_core.labels import EMOTIONS
from fer_core.machine import commit, cpu
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.datasets import load
from fer_core.training.export import export, first_card
from fer_core.training.prepare import prepare
from fer_core.training.recipes import recipe
from fer_core.training.samples import exact_copies
from fer_core.types import Float
from fer_core.zoo.card import Card
from fer_core.zoo.model_store import StoredModel

Weights = tuple[Float, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--real", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="rapt-1")
    parser.add_argument("--checkpoint", default="best.npz")
    parser.add_argument("--start", type=Path, help="weights to stay near: those the run began from")
    parser.add_argument("--way", type=float, default=1.0, help="how far to go from there")
    parser.add_argument("--before", type=Path, help="card of the run whose weights began this one")
    parser.add_argument("--limit", action="append", default=[], help="a sentence for the card")
    args = parser.parse_args()

    data = load(args.data)
    prepared = prepare(data)
    public = prepared.validation
    copies = exact_copies(public.images, data["train"].images)
    last = Checkpoint.load(args.run / "last.npz")
    best = replace(Checkpoint.load(args.run / args.checkpoint), history=last.history)
    if args.start is not None:
        best = replace(best, average=between(args.start, best.average, args.way))
    card = first_card(best, args.name, serves="ferplus")
    how = recipe("flagship")
    card = replace(export(best, card, args.out), mirror=True, also_serves=how.also_serves)
    card = replace(card, shares=how.shares)
    card = replace(card, log_prior=log_prior(card, prepared.training, how.rarity))
    card = measured(StoredModel(card, args.out), public, copies)

    before = {"before": first_run(args.before)} if args.before else {}
    network = Classifier(StoredModel(card, args.out))
    plain = score_labels(
        card, run_model(network, public.images, mirror=False), public.labels
    ).scores
    framed = framings(network, args.real)
    tried = framed.scores(card)
    for name, framing, found_scores in sorted(tried, key=lambda one: -one[2].accuracy)[:12]:
        print(name, framing, np.round([found_scores.accuracy, found_scores.macro_f1], 4))
    spec, scores = max(
        ((spec, scores) for output, spec, scores in tried if output == SERVED),
        key=lambda one: one[1].accuracy + one[1].macro_f1,
    )
    other = {name: max(s.accuracy for o, _, s in tried if o == name) for name in card.outputs}
    real: dict[str, Any] = {
        **scores.as_dict(),
        "output": SERVED,
        "found": len(framed.truth),
        "missed": framed.missed,
        "best_accuracy_by_output": other,
        "framing_chosen_on_other_faces": on_other_faces(card, framed),
    }
    card = replace(
        card,
        crop=spec,
        metrics={
            **card.metrics,
            "unmirrored": {"accuracy": plain.accuracy, "macro_f1": plain.macro_f1},
            "real_faces": real,
        },
        training={
            **card.training,
            **before,
            "way_from_start": args.way if args.start is not None else 1.0,
            "recipe": "flagship",
            "command": f"rapt train --recipe flagship --data {data.name.upper()}",
            "commit": commit(),
            "chosen_epoch": best.epoch,
            "faces": len(prepared.training),
            "validation_faces": len(public),
            "notes": list(prepared.notes),
            "machine": f"{cpu()}, {os.cpu_count()} cores",
        },
        data=(
            "FER2013, Training split (Goodfellow et al. 2013), less copies of PublicTest faces",
            "FER+ votes for the same faces (Barsoum et al. 2016, MIT)",
        ),
        limits=tuple(args.limit),
    )
    card.write(args.out / f"{card.name}.json")
    print(f"{spec}: {scores.accuracy:.4f} {scores.macro_f1:.4f}, {other}")
    print(real["framing_chosen_on_other_faces"])
    for kind, entry in card.metrics["validation"].items():
        for on in ("labels", "votes", "votes_agreed", "labels_by_ferplus"):
            one = entry[on]
            print(kind, on, *(f"{key} {one[key]:.4f}" for key in ("accuracy", "macro_f1", "ece")))
        print(kind, entry["labels"].get("accuracy_without_copies"), entry["ms_per_face"])
    print("unmirrored", np.round([plain.accuracy, plain.macro_f1], 4))


def on_other_faces(card: Card, framed: Framed, times: int = 200) -> dict[str, float]:
    """The framing chosen on half of the faces and scored on the other half: what the choice
    itself adds to the figure is not in it."""
    right, f1 = [], []
    rng = np.random.default_rng(0)
    seven = [served(card, logits) for _, logits in framed.looks]
    for _ in range(times):
        chosen_on = rng.permutation(len(framed.truth)) < len(framed.truth) // 2
        truth = framed.truth[chosen_on]
        found = [score(one[chosen_on], truth, EMOTIONS) for one in seven]
        best = int(np.argmax([one.accuracy + one.macro_f1 for one in found]))
        other = score(seven[best][~chosen_on], framed.truth[~chosen_on], EMOTIONS)
        right.append(other.accuracy)
        f1.append(other.macro_f1)
    return {"accuracy": float(np.mean(right)), "macro_f1": float(np.mean(f1))}


def between(start: Path, weights: Weights, way: float) -> Weights:
    """Weights on the straight way from those of ``start``."""
    import keras

    begun = keras.models.load_model(start, compile=False).get_weights()
    pairs = zip(begun, weights, strict=True)
    return tuple((1 - way) * old + way * new for old, new in pairs)


def first_run(path: Path) -> dict[str, Any]:
    """What the card of an earlier run says of its training."""
    earlier = Card.read(path)
    kept = ("settings", "epochs", "seconds", "curves", "before")
    training = {key: earlier.training[key] for key in kept if key in earlier.training}
    return {**training, "created": earlier.created, "accuracy": earlier.metrics["accuracy"]}


if __name__ == "__main__":
    main()
