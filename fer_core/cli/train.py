"""`rapt train`: a model from labelled faces."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from fer_core.cli.call import Call
from fer_core.errors import SettingsError

app = typer.Typer(add_completion=False)


@app.command()
def train(
    ctx: typer.Context,
    data: Path = typer.Option(..., "--data", help="Kaggle's CSV, or a folder of emotion folders."),
    arch: str = typer.Option("", "--arch", help="An architecture of the zoo."),
    recipe: str = typer.Option("", "--recipe", help="A run by name, for example flagship."),
    name: str = typer.Option("", "--name", help="The model's name; else the architecture's."),
    epochs: int = typer.Option(0, "--epochs", help="Epochs, if not the recipe's."),
    batch: int = typer.Option(0, "--batch", help="Faces in a batch, if not the recipe's."),
    rate: float = typer.Option(0.0, "--rate", help="Learning rate, if not the recipe's."),
    seed: int = typer.Option(0, "--seed", help="Seed, if not the recipe's."),
    precision: str = typer.Option("", "--precision", help="float32 or mixed_bfloat16."),
    resume: bool = typer.Option(False, "--resume", help="Go on where the last run stopped."),
) -> None:
    """Train an emotion model.

    Every epoch is kept: a run that was stopped goes on with --resume and ends as it would
    have ended. The finished model is calibrated, measured and put into HOME/models.
    """
    call = Call.of(ctx)
    chosen, about, serves = settings_for(arch, recipe)
    changes: dict[str, Any] = {
        key: value
        for key, value in {
            "epochs": epochs,
            "batch": batch,
            "rate": rate,
            "seed": seed,
            "precision": precision,
        }.items()
        if value
    }
    chosen = replace(chosen, **changes)
    name = name or recipe or chosen.arch
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", name):
        raise SettingsError(
            f"{name!r} cannot be a model's name.", "Use letters, digits, dots and hyphens."
        )

    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from fer_core.jobs.training import Source, TrainSpec, train_model

    spec = TrainSpec(
        name=name,
        settings=chosen,
        sources=(Source(str(data)),),
        serves=serves,
        about=about,
        resume=resume,
        command="rapt " + " ".join(sys.argv[1:]),
    )
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} batches"),
        TimeRemainingColumn(),
        console=call.console(),
        disable=call.json,
    )
    with bar:
        task = bar.add_task("training", total=None, visible=False)

        def on_epoch(numbers: dict[str, float]) -> None:
            bar.console.print(
                f"epoch {int(numbers['epoch'])}: loss {numbers['loss']:.3f}, "
                f"accuracy {numbers['accuracy']:.2%}, macro-F1 {numbers['macro_f1']:.3f}, "
                f"rate {numbers['rate']:.4f}, {numbers['seconds']:.0f} s"
            )

        card = train_model(
            call.home,
            spec,
            on_epoch=None if call.json else on_epoch,
            on_batch=lambda done, total: bar.update(
                task, completed=done, total=total, visible=True
            ),
            on_note=call.note,
        )
    numbers = card.metrics["validation"][card.default]["labels"]
    folder = call.home.models
    call.answer(
        {
            "model": card.name,
            "folder": str(folder),
            "parameters": card.parameters,
            "epochs": card.training["epochs"],
            "accuracy": numbers["accuracy"],
            "macro_f1": numbers["macro_f1"],
            "ece": numbers["ece"],
        },
        f"{card.name}: {numbers['accuracy']:.2%}, macro-F1 {numbers['macro_f1']:.3f}, "
        f"in {folder / card.name}.json",
    )


def settings_for(arch: str, recipe: str) -> tuple[Any, str, str | None]:
    """The settings, a line about them and the output that serves."""
    from fer_core.training.recipes import RECIPES
    from fer_core.training.recipes import recipe as named
    from fer_core.training.settings import TrainSettings
    from fer_core.zoo.registry import architecture

    if recipe:
        found = named(recipe)
        if arch and arch != found.settings.arch:
            raise SettingsError(
                f"The recipe {recipe} trains {found.settings.arch}, not {arch}.",
                "Give --recipe or --arch, not both.",
            )
        return found.settings, found.about, found.serves
    if not arch:
        raise SettingsError("Nothing to train is named.", "Give --arch or --recipe.")
    entry = architecture(arch)
    if arch in RECIPES:
        found = RECIPES[arch]
        return found.settings, found.about, found.serves
    return TrainSettings(arch=arch, sizes=((0.0, entry.size),)), entry.about, None
