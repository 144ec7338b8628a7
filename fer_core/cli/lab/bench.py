"""`rapt bench`: speed of every stage and accuracy of every model on this machine."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import typer

from fer_core.cli.call import Call
from fer_core.cli.lab.train import log_of
from fer_core.cli.native_log import native_log
from fer_core.errors import DataError
from fer_core.machine import stamp
from fer_core.text import fine_percent

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure speed and accuracy on this machine."""


@app.command()
def perception(
    ctx: typer.Context,
    films: list[Path] = typer.Argument(None, help="Films to measure; else the sample clip."),
    against: str = typer.Option("", help="A peer on the same film: fer."),
    peer_python: Path = typer.Option(
        Path(".peers/fer/bin/python"), help="The peer's own Python, made by benchmarks.peers."
    ),
    rounds: int = typer.Option(3, min=1, help="Rounds; the median counts."),
    write: Path | None = typer.Option(None, help="Write the result as a Markdown page."),
) -> None:
    """Decode, detect, follow, classify and end-to-end frames per second."""
    from fer_core.cli.lab import bench_perception as bench
    from fer_core.video import sample_clip

    call = Call.of(ctx)
    if against and against not in bench.PEERS:
        raise DataError(f"There is no peer {against!r}.", f"Choose {', '.join(bench.PEERS)}.")
    if against and not peer_python.exists():
        raise DataError(
            f"The peer's Python is not at {peer_python}.",
            f"Run sh benchmarks/peer_{against}.sh, or name it with --peer-python.",
        )
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for film in films or [sample_clip(Path(folder) / "sample.mp4")]:
            call.note(f"Measuring {film.name}")
            peer = (against, peer_python) if against else None
            results.append(bench.measure_film(film, call.home, rounds, peer))
    if write is not None:
        write.write_text(bench.as_page(results, _command()), encoding="utf-8")
    call.answer([asdict(rates) for rates in results], bench.as_table(results))


@app.command()
def models(
    ctx: typer.Context,
    data: Path = typer.Option(..., "--data", help="FER2013: Kaggle's CSV or folders."),
    train: str = typer.Option("", "--train", help="Systems to train first, with commas."),
    epochs: int = typer.Option(0, "--epochs", help="Cut each training short."),
    minutes: float = typer.Option(0.0, "--minutes", help="End each training after this time."),
    faces: int = typer.Option(
        0, "--faces", help="Faces an epoch, where whole epochs would not fit into --minutes."
    ),
    precision: str = typer.Option("", "--precision", help="float32 or mixed_bfloat16."),
    resume: bool = typer.Option(False, "--resume", help="Go on with runs that were cut short."),
    classical: float = typer.Option(
        0.0, "--classical", help="Share of the faces for the older pipelines; 0 leaves them out."
    ),
    write: Path | None = typer.Option(
        None, help="Write the result as a Markdown page; rows of an earlier one are kept."
    ),
) -> None:
    """Put every system of the zoo beside what was published of it."""
    from fer_core.cli.lab import bench_models as table

    call = Call.of(ctx)
    box = table.Box(epochs, minutes, faces, precision, resume)

    def on_epoch(numbers: dict[str, float]) -> None:
        call.note(
            f"  epoch {int(numbers['epoch'])}: loss {numbers['loss']:.3f}, "
            f"accuracy {fine_percent(numbers['accuracy'], 2)}, {numbers['seconds']:.0f} s"
        )

    for name in filter(None, train.split(",")):
        call.note(f"training {name}")
        with native_log(log_of(call.home, name.strip())):
            table.train(call.home, name.strip(), data, box, on_epoch)
    rows = [table.row_of_card(call.home, system) for system in table.SYSTEMS]
    if classical:
        from fer_core.training.datasets import load

        rows += table.classical_rows(load(data), classical)
    if write is not None:
        page = write.read_text(encoding="utf-8") if write.exists() else ""
        rows = table.with_earlier(rows, page)
        lines = table.provenance(page, stamp(_command()))
        write.write_text(table.as_page(rows, lines, table.readings(rows)), encoding="utf-8")
    call.answer(rows, table.as_table(rows))


def _command() -> str:
    """This command line, without the folders that its files lie in."""
    return " ".join(["rapt", *(Path(a).name if "/" in a else a for a in sys.argv[1:])])
