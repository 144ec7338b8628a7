"""`rapt data`: labelled faces made ready to train on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fer_core.cli.audience.batch import Engine, spark_settings
from fer_core.cli.call import Call

if TYPE_CHECKING:
    from fer_core.batch.data import Made

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def data() -> None:
    """Prepare labelled faces for training."""


@app.command()
def prepare(
    ctx: typer.Context,
    source: Path = typer.Argument(help="Kaggle's CSV, or a folder of emotion folders."),
    out: Path = typer.Option(..., "--out", help="A new folder for the set's shards."),
    copies: int = typer.Option(
        1, min=0, max=100, help="Changed versions of each training face, beside the face itself."
    ),
    mirror: float = typer.Option(0.5, min=0, max=1, help="How likely a version is mirrored."),
    rotate: float = typer.Option(12.0, min=0, max=180, help="Degrees by which versions turn."),
    balance: bool = typer.Option(
        False, "--balance", help="About as many training faces of every emotion."
    ),
    hold_out: float = typer.Option(
        0.1, min=0, max=0.9, help="Share for validation, where the source has no such split."
    ),
    seed: int = typer.Option(1, min=0, help="The same seed gives the same pictures."),
    shards: int = typer.Option(16, min=1, max=10_000, help="About so many parts."),
    engine: Engine = typer.Option(Engine.LOCAL, help="local, or spark for a cluster."),
    master: str = typer.Option("local[*]", help="Of Spark: spark://HOST:7077, yarn, local[2] …"),
    conf: list[str] = typer.Option([], help="Of Spark: a setting of its own, as KEY=VALUE."),
) -> None:
    """Write a training set in shards: resized, mirrored, rotated, balanced.

    `rapt train --data FOLDER` reads it. Faces that also stand in another split never train.
    """
    from fer_core.batch.data import local, prepare_set, spark
    from fer_core.training.sets.writing import Recipe

    call = Call.of(ctx)
    source, out = source.expanduser().resolve(), out.expanduser().resolve()
    recipe = Recipe(copies, mirror, rotate, balance, hold_out, seed)
    with local() if engine is Engine.LOCAL else spark(master, spark_settings(conf)) as each:
        made = prepare_set(source, out, recipe, each, shards)
    call.answer(
        {
            "path": str(out),
            "engine": str(engine),
            "faces": made.faces,
            "shards": made.shards,
            "copies_left_out": made.copies,
            "bad": made.bad,
            "problems": list(made.problems),
        },
        _told(made, out),
    )


def _told(made: Made, out: Path) -> str:
    """What was written, in a line or three."""
    splits = {split: sum(found.values()) for split, found in made.faces.items()}
    told = ", ".join(f"{n:,} faces in {split}" for split, n in splits.items())
    lines = [f"{told}; {made.shards} shards in {out}"]
    if made.copies:
        lines.append(f"{made.copies:,} training faces left out: they are in another split as well")
    if made.bad:
        lines.append(f"{made.bad:,} rows or pictures left out; the first: {made.problems[0]}")
    return "\n".join(lines)
