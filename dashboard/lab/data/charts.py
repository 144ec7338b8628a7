"""Faces counted by expression, as a strip and as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from fer_core.jobs.data_inspection import SplitInspection
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import EMOTION_COLOURS


def counts_strip(counts: Mapping[str, int], label: str = "Faces by expression") -> str:
    """Counts as one strip that is the whole, each part named and counted below it."""
    total = sum(counts.values())
    if not total:
        return ""
    parts = "".join(
        f'<span style="flex:{counts[name]};background:{EMOTION_COLOURS[name]}"></span>'
        for name in DISPLAY_ORDER
        if counts.get(name)
    )
    rows = "".join(
        f'<div class="rapt-share-row{"" if counts.get(name) else " rapt-none"}">'
        f'<dt><i style="background:{EMOTION_COLOURS[name]}"></i>{name}</dt>'
        f"<dd>{counts.get(name, 0):,}</dd></div>"
        for name in DISPLAY_ORDER
    )
    return (
        f'<div class="rapt-share" role="group" aria-label="{escape(label)}">'
        f'<div class="rapt-share-strip" aria-hidden="true">{parts}</div><dl>{rows}</dl></div>'
    )


def contents(
    splits: Sequence[SplitInspection], strips: Mapping[str, str], names: Mapping[str, str]
) -> str:
    """A row an expression: its count in each split as a bar, and some of its faces."""
    heads = "".join(f"<span>{escape(names.get(one.name, one.name))}</span>" for one in splits)
    rows = []
    for emotion in DISPLAY_ORDER:
        cells = "".join(_cell(one.counts[emotion], one.faces, emotion) for one in splits)
        strip = strips.get(emotion, "")
        faces = f'<img src="{strip}" alt="Faces labelled {emotion}">' if strip else ""
        dot = f'<i style="background:{EMOTION_COLOURS[emotion]}"></i>'
        rows.append(f"<b>{dot}{emotion}</b>{cells}<div>{faces}</div>")
    return (
        f'<div class="rapt-contents" style="--splits:{len(splits)}" role="group" '
        f'aria-label="Faces by expression and split"><span></span>{heads}<span class="last"></span>'
        f"{''.join(rows)}</div>"
    )


def _cell(number: int, total: int, emotion: str) -> str:
    share = number / total if total else 0.0
    return (
        f"<span><em>{number:,}</em><u style='width:{100 * min(1.0, 2 * share):.1f}%;"
        f"background:{EMOTION_COLOURS[emotion]}'></u></span>"
    )
