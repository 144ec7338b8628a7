"""`rapt bench models`: every system of the zoo on the same faces, beside what was published."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fer_core.home import Home

if TYPE_CHECKING:
    from fer_core.training.datasets import DataSet
    from fer_core.training.settings import TrainSettings


@dataclass(frozen=True, slots=True)
class System:
    """A published system: its headline, what that figure was, and how it is to be read."""

    name: str
    source: str
    headline: str
    meaning: str
    figure: float = 0.0  # the headline, where it is an accuracy on faces not trained on
    why: str = ""


SYSTEMS: Final = (
    System("rapt-1", "ours", "", ""),
    System(
        "spark28",
        "Basani, Kalaga, Gupta 2017",
        "48.8 %",
        "test, a fifth of each class",
        0.488,
        "Its fifth was drawn from all faces: 7.3 % of such a fifth stand, pixel for pixel, "
        "among the faces that train.",
    ),
    System(
        "triblock",
        "De Lorenzo 2020",
        "64.11 %",
        "PublicTest",
        0.6411,
        "Trained with the copies of 279 of PublicTest's 3,589 faces, and stopped by the loss "
        "on the same faces that it was measured on. Ours trains without the copies.",
    ),
    System(
        "recommender6",
        "Yadav et al. 2021",
        "58 %",
        "validation, six classes",
        0.58,
        "Disgust counts as angry. The widths of its layers are not published; ours double.",
    ),
    System(
        "recommender",
        "Yadav et al. 2021",
        "almost 70 %",
        "a 90/10 split",
        0.695,
        "Its tenth was drawn at random: 6.4 to 7.4 % of such a tenth are copies of faces that "
        "train.",
    ),
    System(
        "elu3",
        "Vignesh et al. 2022",
        "82.04 %",
        "a 90/10 split, three classes",
        0.8204,
        "Three classes are easier than seven: compare it with nothing else here. 3.8 % of its "
        "tenth are copies of faces that train, and its weights were the best of up to 100 "
        "epochs on that tenth.",
    ),
    System(
        "mobilenet224",
        "Kundu 2021",
        "88.9 %",
        "accuracy on its own training faces",
        0.0,
        "No measure of a model: a network that is large enough reaches 100 % on faces that it "
        "was trained on. It began from ImageNet's weights; ours begins from nothing.",
    ),
    System("plain", "named by Kundu 2021", "", ""),
    System("rows1d", "named by Kundu 2021", "", ""),
)
HEAD: Final = (
    "system",
    "source",
    "published (what it was)",
    "ours on PublicTest",
    "macro-F1",
    "parameters",
    "ms a face",
    "training",
    "note",
)
CLASSICAL: Final = {
    "svm": "Zernike, LBP, DCT; support vector machine",
    "forest": "Zernike, LBP, DCT; random forest",
    "neighbours": "Zernike, LBP, DCT; nearest neighbours",
}


@dataclass(frozen=True, slots=True)
class Box:
    """What a training may cost here; 0 and "" leave the recipe as it is."""

    epochs: int = 0
    minutes: float = 0.0  # the run ends with the epoch in which they are over
    faces: int = 0  # an epoch shows this many faces, so that heavy ones end within their time
    precision: str = ""
    resume: bool = False

    def settings(self, full: TrainSettings, whole: int) -> TrainSettings:
        """A recipe's settings, whose epochs show ``whole`` faces, within this box."""
        part = min(self.faces, whole) or whole
        epochs = min(self.epochs or full.epochs, full.epochs)
        return replace(
            full,
            epochs=math.ceil(epochs * whole / part),
            faces_an_epoch=part if part < whole else 0,
            precision=self.precision or full.precision,
        )


def train(
    home: Home,
    name: str,
    data: Path,
    box: Box | None = None,
    on_epoch: Callable[[dict[str, float]], None] | None = None,
) -> None:
    """Train a system by its recipe, within the box; the card of a run cut short says so."""
    from fer_core.jobs.training import Source, TrainSpec, train_model
    from fer_core.training.recipes import recipe

    box = box or Box()
    chosen = recipe(name)
    full = chosen.settings
    whole = faces_an_epoch(full, data)
    settings = box.settings(full, whole)
    end = time.monotonic() + box.minutes * 60
    over = False

    def enough() -> bool:
        nonlocal over
        over = box.minutes > 0 and time.monotonic() >= end
        return over

    spec = TrainSpec(
        name=name,
        settings=settings,
        sources=(Source(str(data)),),
        serves=chosen.serves,
        about=chosen.about,
        resume=box.resume,
        command=f"rapt bench models --train {name}",
    )
    card = train_model(home, spec, on_epoch=on_epoch, enough=enough)
    notes = []
    done = card.training["epochs"] * (settings.faces_an_epoch or whole) / whole
    if (over or 0 < box.epochs < full.epochs) and done < full.epochs:
        notes.append(
            f"Cut short for lack of hardware: {done:.3g} of {full.epochs} epochs "
            f"of {whole:,} faces."
        )
    if settings.precision != full.precision:
        notes.append(f"Trained in {settings.precision}.")
    if notes:
        training = {**card.training, "whole_epochs": done}
        card = replace(card, limits=(*card.limits, *notes), training=training)
        card.write(home.models / f"{name}.json")


def faces_an_epoch(settings: TrainSettings, data: Path) -> int:
    """How many faces of a data set an epoch of a recipe shows."""
    from fer_core.training.batches import epoch_order
    from fer_core.training.datasets import load
    from fer_core.training.prepare import for_output, prepare

    prepared = for_output(prepare(load(data), seed=settings.seed), settings.outputs[0])
    return len(epoch_order(settings, prepared.training, 0))


def row_of_card(home: Home, system: System) -> list[str]:
    """A system's row, from its card; without a card it says that it was not run."""
    from fer_core.errors import ModelError
    from fer_core.zoo.model_store import find_model

    start = [system.name, system.source, _published(system)]
    try:
        card = find_model(system.name, home).card
    except ModelError:
        return [*start, "not run here", *[""] * 5]
    entry: dict[str, Any] | None = card.metrics.get("validation", {}).get(card.default)
    if entry is None:
        return [*start, "not measured", *[""] * 5]
    labels = entry["labels"]
    epochs = card.training.get("epochs", 0)
    wanted = card.training.get("settings", {}).get("epochs", epochs)
    notes = [limit for limit in card.limits if limit.startswith(("Cut short", "Trained in"))]
    cut = any(note.startswith("Cut short") for note in notes)
    stopped = f" of {wanted}, stopped early" if epochs < wanted and not cut else ""
    shown = card.training.get("whole_epochs", epochs)
    minutes = sum(one.get("seconds", 0) for one in card.runs) / 60
    earlier = "".join(f"{one['epochs']} + " for one in card.runs[:-1])
    return [
        *start,
        f"{labels['accuracy']:.2%}"
        + (f" ({len(labels['per_class'])} classes)" * (len(labels["per_class"]) != 7)),
        f"{labels['macro_f1']:.3f}",
        f"{card.parameters:,}",
        f"{entry['ms_per_face']['1']:.2f}",
        f"{minutes:.0f} min, {earlier}{shown:.3g} epochs{stopped}",
        " ".join(notes),
    ]


def readings(rows: list[list[str]]) -> list[str]:
    """Of each published figure: whether ours, in the table's rows, reaches it, and what it was."""
    lines = []
    for system in SYSTEMS:
        if not system.headline:
            continue
        row = next(row for row in rows if row[0] == system.name)
        number = re.match(r"([\d.]+) ?%", row[3])
        if number is None:
            verdict = "not run here"
        else:
            ours = float(number[1]) / 100
            short = ", in a run that was cut short" if "Cut short" in row[-1] else ""
            if not system.figure:
                verdict = f"corrected: {ours:.1%} on faces that it has not seen{short}"
            elif ours >= system.figure:
                verdict = f"reached, with {ours:.1%}"
            else:
                verdict = f"{ours:.1%} here{short}"
        lines.append(f"- **{system.name}**, {system.headline}: {verdict}. {system.why}")
    return lines


def _published(system: System) -> str:
    return f"{system.headline} ({system.meaning})" if system.headline else "-"


def classical_rows(data: DataSet, share: float, seed: int = 1) -> list[list[str]]:
    """Fit and measure the older pipelines on a share of Training, the same for each class."""
    import numpy as np

    from fer_core.evaluation.metrics import confusion, macro_f1
    from fer_core.training.classical import fit
    from fer_core.training.datasets import stratified
    from fer_core.training.prepare import prepare

    prepared = prepare(data, seed=seed)
    training = prepared.training
    if share < 1:
        training = stratified(training, share, seed)[1]
    rows = []
    for name, about in CLASSICAL.items():
        begin = time.perf_counter()
        fitted = fit(training, name, seed=seed)
        minutes = (time.perf_counter() - begin) / 60
        begin = time.perf_counter()
        guess = fitted.predict(prepared.validation.images)
        ms = (time.perf_counter() - begin) / len(guess) * 1000
        truth = prepared.validation.labels
        note = f"fitted on {len(training):,} of {len(prepared.training):,} faces" * (share < 1)
        rows.append(
            [
                name,
                f"described by Kundu 2021: {about}",
                "-",
                f"{float(np.mean(guess == truth)):.2%}",
                f"{macro_f1(confusion(truth, guess, 7)):.3f}",
                "-",
                f"{ms:.2f} (in bulk)",
                f"{minutes:.1f} min",
                note,
            ]
        )
    return rows


def as_table(rows: list[list[str]]) -> str:
    """The rows as a Markdown table."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def with_earlier(rows: list[list[str]], page: str) -> list[list[str]]:
    """The rows, with those of a page written before for what was not run this time."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line[2:].removesuffix("|").split(" | ")] for line in lines]
    earlier = {row[0]: row for row in cells if len(row) == len(HEAD) and row[0] != HEAD[0]}
    found = [
        earlier.get(row[0], row) if row[3] in ("not run here", "not measured") else row
        for row in rows
    ]
    there = {row[0] for row in rows}
    return found + [earlier[name] for name in CLASSICAL if name in earlier and name not in there]


def provenance(page: str, stamp: str) -> list[str]:
    """The commands that a page's rows come from: those of before, and this one."""
    before = [line for line in page.splitlines() if line.startswith("`rapt bench models")]
    return [line for one in (*before, stamp) for line in (one, "")][:-1]


def as_page(rows: list[list[str]], provenance: list[str], readings: list[str] | None = None) -> str:
    """The Markdown page: the table, how to read it, and where it comes from."""
    return "\n".join(
        [
            "# Models: every system on the same faces",
            "",
            "Written by a command; do not edit. All are trained on FER2013's Training split",
            "without the copies of PublicTest's faces, and measured on PublicTest, on which",
            "the best epoch was chosen as well. Times a face are of one thread. The 88.9 % of",
            "mobilenet224 is accuracy on the faces that it was trained on: no measure of a model.",
            "",
            *provenance,
            "",
            as_table(rows),
            *(["## The published figures", "", *readings, ""] if readings else []),
        ]
    )
