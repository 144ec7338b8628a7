"""Pieces of the lab's pages in HTML: bars of probabilities, faces from one sheet, a card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from dashboard.lab.models.labels import colour, on_screen
from fer_core.text import percents, size
from fer_core.zoo.card import Card

_IN_BRACKETS = re.compile(r"[(].+[)]$")
_SMALL = r"<small>\g<0></small>"


def bars(values: Mapping[str, float], truth: str | None = None) -> str:
    """Probabilities as bars, in the order of every screen; the largest stands out."""
    top = max(values, key=lambda name: values[name])
    shown = percents(values)
    rows = []
    for name in on_screen(list(values)):
        value = values[name]
        word = f"<b>{escape(name)}</b>" if name == top else escape(name)
        if name == truth:
            word += " <small>(label)</small>"
        rows.append(
            f"<span>{word}</span>"
            f'<span><i style="width:{100 * value:.1f}%;background:{colour(name)}"></i></span>'
            f"<span>{shown[name]}</span>"
        )
    said = ", ".join(f"{name} {shown[name]}" for name in on_screen(list(values)))
    return f'<div class="lab-bars" role="img" aria-label="{escape(said)}">{"".join(rows)}</div>'


def faces(sheet: str, columns: int, captions: Sequence[tuple[str, str]]) -> str:
    """Faces from one sheet, each with lines below it."""
    rows = -(-len(captions) // columns)
    tiles = []
    for k, (first, second) in enumerate(captions):
        x = 100 * (k % columns) / (columns - 1) if columns > 1 else 0
        y = 100 * (k // columns) / (rows - 1) if rows > 1 else 0
        tiles.append(
            f'<li><div role="img" aria-label="{escape(first)}" '
            f'style="background-image:url({sheet});'
            f"background-size:{100 * columns}% {100 * rows}%;"
            f'background-position:{x:.3f}% {y:.3f}%"></div>'
            + escape(first)
            + "".join(f"<small>{escape(line)}</small>" for line in second.splitlines())
            + "</li>"
        )
    return f'<ul class="lab-faces">{"".join(tiles)}</ul>'


def picture(link: str, said: str, *, pixels: bool = False) -> str:
    """A picture with its text; ``pixels``: enlarged without smoothing."""
    name = "lab-picture lab-pixels" if pixels else "lab-picture"
    return f'<img class="{name}" src="{link}" alt="{escape(said)}">'


def badge(word: str, *, plain: bool = False) -> str:
    return f'<span class="lab-badge{" lab-plain" if plain else ""}">{escape(word)}</span>'


def numbers(pairs: Sequence[tuple[str, str]], large: int = 2) -> str:
    """Names and values; the first ones large, what stands in brackets small."""
    cells = "".join(
        f'<div class="{"lab-large" if k < large else ""}"><dt>{escape(name)}</dt>'
        f"<dd>{_IN_BRACKETS.sub(_SMALL, escape(value))}</dd></div>"
        for k, (name, value) in enumerate(pairs)
    )
    return f'<dl class="lab-numbers">{cells}</dl>'


def card_summary(card: Card) -> str:
    """What a model's card says, as sentences and lists."""
    crop = card.crop
    turned = ", turned until the eyes are level" if crop.align == "eyes" else ""
    grey = "grey" if crop.channels == 1 else "colour"
    knows = "; ".join(
        f"{len(labels)} labels as {output} ({', '.join(labels)})"
        for output, labels in card.outputs.items()
    )
    told = [
        f"<p>It takes a {grey} face of {crop.size} × {crop.size} pixels{turned}, and answers "
        f"{escape(knows)}. Timelines come from {escape(card.how_it_serves())}.</p>"
    ]
    if card.training:
        told.append(f"<p>{escape(_trained(card))}</p>")
    told.append(
        f"<p>{card.parameters:,} weights, {card.multiply_adds / 1e6:.0f} million multiply-adds "
        f"a face; licence {escape(card.licence)}.</p>"
    )
    for title, lines in (("Data", card.data), ("Limits", card.limits), ("Not for", card.not_for)):
        if lines:
            items = "".join(f"<li>{escape(line)}</li>" for line in lines)
            told.append(f"<h4>{title}</h4><ul>{items}</ul>")
    files = "".join(
        f"<li>{escape(entry.name)}, {size(entry.bytes)}{', serves' if kind == card.default else ''}"
        f" <small>SHA-256 {entry.sha256[:16]}…</small></li>"
        for kind, entry in card.files.items()
    )
    if files:
        told.append(f"<h4>Files</h4><ul>{files}</ul>")
    return f'<div class="lab-card">{"".join(told)}</div>'


def _duration(seconds: float) -> str:
    if seconds >= 2 * 3600:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def _trained(card: Card) -> str:
    training = card.training
    epochs = " + ".join(str(one["epochs"]) for one in card.runs if "epochs" in one)
    said = f"Trained for {epochs} epochs" if epochs else "Trained"
    seconds = sum(one.get("seconds") or 0 for one in card.runs)
    if seconds:
        said += f" in {_duration(seconds)}"
    if training.get("faces"):
        said += f" on {training['faces']:,} faces"
    if training.get("validation_faces"):
        said += f", validated on {training['validation_faces']:,} others"
    notes = [str(note) for note in training.get("notes") or ()]
    return said + "".join(f"; {note}" for note in notes) + "."


def columns(values: Sequence[tuple[str, float]]) -> str:
    """Small upright bars with their names below; a square root keeps the small ones visible."""
    top = max((value for _, value in values), default=0.0) or 1.0
    bars_ = "".join(
        f'<div title="{escape(name)}: {value:.4f}"><i style="height:'
        f'{100 * (value / top) ** 0.5:.1f}%"></i><small>{escape(name)}</small></div>'
        for name, value in values
    )
    return f'<div class="lab-columns">{bars_}</div>'
