"""A report as one HTML file: no outside request, light and dark, readable on a phone, prints.

Every figure is there twice, drawn for a wide and for a narrow page; the style sheet shows
one. Its colours are variables of the style sheet, so both follow the reader's theme.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path

from fer_core.palette import LIGHT
from fer_core.reports.document import (
    Bullets,
    Cell,
    Document,
    Facts,
    Figure,
    Heading,
    Table,
    Text,
)
from fer_core.reports.figure_frame import NARROW, WIDE, Sheet

#: Figures take the page's colours, whichever theme it has.
PAGE = replace(
    LIGHT,
    name="page",
    ink="var(--ink)",
    text="var(--text)",
    quiet="var(--quiet)",
    grid="var(--grid)",
    paper="var(--paper)",
)
SHORT = 14  # values of no more letters stand in two columns
NOTHING_FROM_OUTSIDE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def to_html(document: Document) -> str:
    """The whole file. Numbers for a program are in the element ``rapt-data``."""
    mark = escape(document.mark)
    ribbon = f'<div class="ribbon" aria-hidden="true">{mark}</div>' if mark else ""
    question = f'<p class="question">{escape(document.question)}</p>' if document.question else ""
    found = "".join(f"<p>{escape(one)}</p>" for one in document.finding)
    note = f'<p class="note">{escape(document.mark_note)}</p>' if document.mark else ""
    body = "\n".join(_block(one) for one in document.blocks)
    data = json.dumps(document.data, ensure_ascii=False).replace("<", "\\u003c")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{NOTHING_FROM_OUTSIDE}">
<title>{escape(document.title)}</title>
<style>{_style()}</style>
</head>
<body{" class=marked" if mark else ""}>
{ribbon}
<main>
<header>
<p class="kind">{escape(document.kind)}</p>
<h1>{escape(document.title)}</h1>
{question}
<p class="about">{escape(document.about)}</p>
</header>
<section class="finding" aria-label="What was found">{found}</section>
{note}
{body}
</main>
<footer><p>{escape(document.made)}</p></footer>
<script type="application/json" id="rapt-data">{data}</script>
</body>
</html>
"""


def _block(block: object) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Text(text, quiet):
            return f"<p{_quiet(quiet)}>{escape(text)}</p>"
        case Bullets(items):
            return "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in items) + "</ul>"
        case Facts(pairs):
            rows = "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in pairs)
            short = all(len(value) <= SHORT for _, value in pairs)
            return f"<dl{' class=short' if short else ''}>{rows}</dl>"
        case Table():
            return _table(block)
        case Figure():
            return _figure(block)
    raise TypeError(f"no HTML for {type(block).__name__}")


def _quiet(quiet: bool) -> str:
    return ' class="quiet"' if quiet else ""


def _table(table: Table) -> str:
    def kind(at: int) -> str:
        return ' class="words"' if at in table.words else ""

    heads = "".join(
        f'<th scope="col"{kind(at)}>{escape(one)}</th>' for at, one in enumerate(table.heads)
    )
    rows = "".join(_row(table, row, kind) for row in table.rows)
    prose = " prose" if len(table.words) == len(table.heads) else ""
    return (
        f'<div class="scroll{prose}" tabindex="0" role="region" aria-label="{escape(table.label)}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(table: Table, row: tuple[Cell, ...], kind: Callable[[int], str]) -> str:
    if len(row) == 1:
        across = f'colspan="{len(table.heads)}"'
        return f'<tr class="group"><th {across} scope="rowgroup">{_cell(row[0])}</th></tr>'
    first, *others = row
    rest = "".join(f"<td{kind(at)}>{_cell(one)}</td>" for at, one in enumerate(others, 1))
    return f'<tr><th scope="row" class="words">{_cell(first)}</th>{rest}</tr>'


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    if cell.strong:
        text = f"<b>{text}</b>"
    return f"{text} <small>{escape(cell.small)}</small>" if cell.small else text


def _figure(figure: Figure) -> str:
    words = figure.words
    key = "".join(
        f'<span><i style="background:{colour}"></i>{escape(name)}</span>'
        for name, colour in words.key
    )
    wide, narrow = (figure.draw(Sheet(width=width, theme=PAGE)) for width in (WIDE, NARROW))
    return (
        f"<figure><figcaption><b>{escape(words.title)}</b><span>{escape(words.note)}</span>"
        f"{f'<div class=key>{key}</div>' if key else ''}</figcaption>"
        f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div></figure>'
    )


@cache
def _style() -> str:
    return (Path(__file__).parent / "report.css").read_text("utf-8")
