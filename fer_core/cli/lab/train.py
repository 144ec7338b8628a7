"""`rapt train`: a model from labelled faces."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from fer_core.cli.call import Call
from fer_core.cli.native_log import native_log
from fer_core.errors import SettingsError
from fer_core.home import Home
from fer_core.text import fine_percent

if TYPE_CHECKING:
    from fer_core.jobs.training_sources import Source, TrainSpec
    from fer_core.zoo.card import Card

app = typer.Typer(add_completion=False)


@app.command()
def train(
    ctx: typer.Context,
    data: Path | None = typer.Option(
        None, "--data", help="Kaggle's CSV, or a folder of emotion folders."
    ),
    arch: str = typer.Option("", "--arch", help="An architecture of the zoo."),
    recipe: str = typer.Option("", "--recipe", help="A run by name, for example flagship."),
    own: float = typer.Option(
        0.0, "--own", min=0, max=1, help="Share of every epoch that your own labels get."
    ),
    base: str = typer.Option(
        "", "--base", help="The model that the recipe fine-tune goes on from; else the one in use."
    ),
    name: str = typer.Option("", "--name", help="The model's name; else the architecture's."),
    epochs: int = typer.Option(0, "--epochs", help="Epochs, if not the recipe's."),
    batch: int = typer.Option(0, "--batch", help="Faces in a batch, if not the recipe's."),
    rate: float = typer.Option(0.0, "--rate", help="Learning rate, if not the recipe's."),
    seed: int = typer.Option(0, "--seed", help="Seed, if not the recipe's."),
    precision: str = typer.Option("", "--precision", help="float32 or mixed_bfloat16."),
    resume: bool = typer.Option(False, "--resume", help="Go on where the last run stopped."),
    estimate: bool = typer.Option(
        False, "--estimate", help="Say how long it would take here, and stop."
    ),
) -> None:
    """Train an emotion model.

    Every epoch is kept: a run that was stopped goes on with --resume and ends as it would
    have ended. The finished model is calibrated, measured and put into HOME/models.
    """
    from fer_core.jobs.training_sources import changed

    call = Call.of(ctx)
    sources = sources_of(data, own)
    name = name or recipe or arch
    if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", name):
        raise SettingsError(
            f"{name!r} cannot be a model's name.", "Use letters, digits, dots and hyphens."
        )
    changes = {
        "epochs": epochs, "batch": batch, "rate": rate, "seed": seed, "precision": precision,
    }  # fmt: skip
    spec = spec_for(call.home, name, arch, recipe, base, sources)
    spec = replace(
        changed(spec, **{key: value for key, value in changes.items() if value}),
        resume=resume,
        command="rapt " + " ".join(sys.argv[1:]),
    )
    with native_log(log_of(call.home, name)):
        (estimate_run if estimate else run)(call, spec)


def log_of(home: Home, run: str) -> Path:
    """Where a run's libraries write."""
    return home.runs / run / "log.txt"


def estimate_run(call: Call, spec: TrainSpec) -> None:
    """Answer how long a run would take here."""
    from fer_core.jobs.training_estimate import estimated

    found = estimated(call.home, spec)
    call.answer(
        found.as_dict(),
        f"About {words(found.total_s)}: {len(found.epochs_s)} epochs of "
        f"{words(sum(found.epochs_s) / len(found.epochs_s))}.",
    )


def run(call: Call, spec: TrainSpec) -> None:
    """Train with a bar and a line an epoch, and answer with the new model's numbers."""
    card = train_watched(call, spec)
    numbers = card.metrics["validation"][card.default]["labels"]
    folder = call.home.models
    call.answer(
        {
            "model": card.name,
            "folder": str(folder),
            "parameters": card.parameters,
            "epochs": card.training["epochs"],
            **{key: numbers[key] for key in ("accuracy", "macro_f1", "ece")},
            **{k: card.training[k] for k in ("base", "comparison", "forgot") if k in card.training},
        },
        "\n".join(
            [
                f"{card.name}: {fine_percent(numbers['accuracy'], 2)}, "
                f"macro-F1 {numbers['macro_f1']:.3f}, "
                f"in {folder / card.name}.json",
                *outcome(card.training),
            ]
        ),
    )


def train_watched(call: Call, spec: TrainSpec) -> Card:
    """Train; who asked without ``--json`` sees the batches and each epoch's numbers."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from fer_core.jobs.training import train_model

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} batches"),
        TimeRemainingColumn(),
        console=call.console(),
        disable=call.json,
    )

    def on_epoch(numbers: dict[str, float]) -> None:
        bar.console.print(
            f"epoch {int(numbers['epoch'])}: loss {numbers['loss']:.3f}, "
            f"accuracy {fine_percent(numbers['accuracy'], 2)}, macro-F1 {numbers['macro_f1']:.3f}, "
            f"rate {numbers['rate']:.4f}, {numbers['seconds']:.0f} s"
        )

    with bar:
        task = bar.add_task("training", total=None, visible=False)
        return train_model(
            call.home,
            spec,
            on_epoch=None if call.json else on_epoch,
            on_batch=lambda done, total: bar.update(
                task, completed=done, total=total, visible=True
            ),
            on_note=call.note,
        )


def sources_of(data: Path | None, own: float) -> tuple[Source, ...]:
    """The data set and one's own labels, each with its share of an epoch."""
    from fer_core.jobs.training_sources import OWN_LABELS, Source

    if data is None and not own:
        raise SettingsError("Nothing to train on is named.", "Give --data, --own or both.")
    parts = [] if data is None else [Source(str(data), 1 - own)]
    return tuple(part for part in (*parts, Source(OWN_LABELS, own)) if part.weight)


def spec_for(
    home: Home, name: str, arch: str, recipe: str, base: str, sources: tuple[Source, ...]
) -> TrainSpec:
    """The run that the options describe."""
    from fer_core.jobs.training_sources import TrainSpec, by_recipe, fine_tune
    from fer_core.training.recipes import FINE_TUNE, RECIPES
    from fer_core.training.settings import TrainSettings
    from fer_core.zoo.registry import architecture

    if recipe == FINE_TUNE and not arch:
        return fine_tune(home, name, sources, base=base)
    if base:
        raise SettingsError(
            "Only the recipe fine-tune goes on from a model.", f"Give --recipe {FINE_TUNE}."
        )
    if not arch and not recipe:
        raise SettingsError("Nothing to train is named.", "Give --arch or --recipe.")
    if recipe or arch in RECIPES:
        spec = by_recipe(name, recipe or arch, sources)
        if arch and arch != spec.settings.arch:
            raise SettingsError(
                f"The recipe {recipe} trains {spec.settings.arch}, not {arch}.",
                "Give --recipe or --arch, not both.",
            )
        return spec
    entry = architecture(arch)
    settings = TrainSettings(arch=arch, sizes=((0.0, entry.size),))
    return TrainSpec(name=name, settings=settings, sources=sources, about=entry.about)


def outcome(training: dict[str, Any]) -> list[str]:
    """What a fine-tuned model gained and lost, in sentences."""
    if "comparison" not in training:
        return []
    lines = [one["sentence"] for one in training["comparison"]]
    if training["forgot"]:
        lines.append(
            f"On public faces it is worse than {training['base']}: it forgot some of what it knew."
        )
    return lines


def words(seconds: float) -> str:
    """A time as a person says it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
