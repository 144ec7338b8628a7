"""`rapt models`: list, inspect, choose and export models."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from fer_core.cli.call import Call
from fer_core.cli.native_log import native_log
from fer_core.errors import ModelError
from fer_core.text import fine_percent

app = typer.Typer(add_completion=False, no_args_is_help=True)

FORMATS = ("litert", "int8", "fp16", "onnx", "savedmodel", "web")


@app.callback()
def models() -> None:
    """List, inspect, choose and export models."""


@app.command("list")
def list_models(ctx: typer.Context) -> None:
    """List the models of this home and those that ship."""
    from fer_core.zoo import in_use, stored_models

    call = Call.of(ctx)
    current = in_use(call.home)
    rows = []
    for stored in stored_models(call.home):
        card = stored.card
        rows.append(
            {
                "name": card.name,
                "in_use": card.name == current,
                "about": card.about,
                "parameters": card.parameters,
                "bytes": card.files[card.default].bytes if card.default in card.files else 0,
                "metrics": card.metrics,
                "folder": str(stored.folder),
            }
        )
    call.answer(rows)
    if not call.json:
        shown = [
            row
            | {
                "in_use": "✓" if row["in_use"] else "",
                "parameters": f"{row['parameters']:,}",
                "bytes": f"{int(str(row['bytes'])) / 1e6:.1f} MB",
            }
            for row in rows
        ]
        columns = {"name": "name", "in_use": "in use", "parameters": "parameters"}
        call.table(shown, columns | {"bytes": "file", "about": "about"})


@app.command()
def show(ctx: typer.Context, name: str = typer.Argument(..., help="A model's name.")) -> None:
    """Show a model's card: what it is, what it is worth, what it must not be used for."""
    from fer_core.zoo import load_card

    call = Call.of(ctx)
    card = load_card(name, call.home)
    # programs know the log prior by the name that version 0.1 gave it
    call.answer({**asdict(card), "lift": card.log_prior})
    if call.json:
        return
    lines = [f"{card.name}: {card.about}", ""]
    for output, labels in card.outputs.items():
        serves = " (serves timelines)" if output in card.served else ""
        lines.append(f"output {output}{serves}: {', '.join(labels)}")
    lines.append(f"timelines: {card.how_it_serves()}")
    crop = f"{card.crop.size}x{card.crop.size}, margin {card.crop.margin}, align {card.crop.align}"
    lines.append(f"crop: {crop}")
    size = f"{card.parameters:,} parameters, {card.multiply_adds / 1e6:.0f} million multiply-adds"
    lines.append(size)
    for kind, entry in card.files.items():
        lines.append(f"file {kind}: {entry.name}, {entry.bytes:,} bytes, SHA-256 {entry.sha256}")
    for title, numbers in _headlines(card.metrics).items():
        lines.append(f"{title}: {numbers}")
    lines += [f"limit: {limit}" for limit in card.limits]
    lines += [f"not for: {use}" for use in card.not_for]
    lines.append(f"licence: {card.licence}")
    call.answer(None, "\n".join(lines))


def _headlines(metrics: Any, path: str = "") -> dict[str, str]:
    """Every place in a card's metrics that holds an accuracy, in one line each."""
    if not isinstance(metrics, dict):
        return {}
    found: dict[str, str] = {}
    if "accuracy" in metrics and "macro_f1" in metrics:
        text = (
            f"accuracy {fine_percent(metrics['accuracy'], 2)}, macro-F1 {metrics['macro_f1']:.3f}"
        )
        if "ece" in metrics:
            text += f", calibration error {fine_percent(metrics['ece'])}"
        found[path.strip() or "validation"] = text
        if path:
            return found
    for key, value in metrics.items():
        found.update(_headlines(value, f"{path} {key}"))
    return found


@app.command()
def use(
    ctx: typer.Context,
    name: str = typer.Argument("", help="A model's name."),
    back: bool = typer.Option(False, "--back", help="Go back to the model used before."),
) -> None:
    """Make a model the one that analyses use."""
    from fer_core.zoo import go_back, use_model

    call = Call.of(ctx)
    if bool(name) == back:
        raise ModelError("Which model should be in use is not clear.", "Give a name, or --back.")
    card = go_back(call.home) if back else use_model(name, call.home)
    call.answer({"in_use": card.name}, f"{card.name} is in use.")


@app.command()
def pull(ctx: typer.Context, name: str = typer.Argument(..., help="What to fetch.")) -> None:
    """Fetch a model that does not ship; only what is pinned by checksum can be fetched."""
    from fer_core.faces import pull_yunet

    call = Call.of(ctx)
    if name != "yunet":
        raise ModelError(f"{name!r} cannot be fetched.", "What can be fetched: yunet.")
    path = pull_yunet(call.home)
    call.answer({"name": name, "path": str(path)}, f"{name} is at {path}.")


@app.command()
def export(
    ctx: typer.Context,
    name: str = typer.Argument(..., help="A model's name."),
    to: str = typer.Option("litert", "--format", help=f"One of: {', '.join(FORMATS)}."),
    out: Path = typer.Option(Path(), "--out", help="Folder to write to."),
) -> None:
    """Write a model in another format, from its .keras file."""
    from fer_core.zoo import find_model

    call = Call.of(ctx)
    if to not in FORMATS:
        raise ModelError(f"There is no format {to!r}.", f"One of: {', '.join(FORMATS)}.")
    stored = find_model(name, call.home)
    out.mkdir(parents=True, exist_ok=True)

    with native_log():
        from fer_core.training.export import write_as

        path = write_as(stored, to, out)
    call.answer({"model": name, "format": to, "path": str(path)}, f"Written to {path}.")
