"""A report as a PDF, set by Typst: vector figures, text to select, tagged for a screen reader.

Typst is one wheel without anything outside it. It gets the words as JSON and the figures
as SVG, so nothing that a person typed is ever read as markup.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from fer_core.errors import DataError
from fer_core.files import JsonObject
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
from fer_core.reports.figure_frame import Sheet
from fer_core.text import shorten

#: Readable by a screen reader in the right order, with a text for every figure.
STANDARD: Final = "ua-1"
#: How high figures are beside those on a screen: two to a page, with their words.
TALL: Final = 0.72


def to_pdf(document: Document) -> bytes:
    """The whole file, A4."""
    import typst

    files: Any = {  # the stubs do not know yet that several files may be given
        "main": (Path(__file__).parent / "report.typ").read_bytes(),
    }
    blocks = [_block(one, files) for one in document.blocks]
    files["report.json"] = json.dumps(
        {
            "title": document.title,
            "kind": document.kind,
            "larger": 1.4 if document.posted else 1,
            "short": shorten(document.title, 70),
            "question": document.question,
            "about": document.about,
            "finding": document.finding,
            "mark": document.mark,
            "mark_note": document.mark_note,
            "made": document.made,
            "blocks": blocks,
        }
    ).encode()
    try:
        return bytes(_set(files, [STANDARD]))
    except typst.TypstError:
        # A letter that no font here has breaks the standard, not the report.
        try:
            return bytes(_set(files, []))
        except typst.TypstError as error:
            raise DataError(
                f"The PDF could not be set: {error}", "Take the report as HTML and print it."
            ) from error


def _set(files: Any, standards: list[Any]) -> Any:
    import typst

    return typst.compile(files, format="pdf", font_paths=_fonts(), pdf_standards=standards)


def to_png(svg: str, *, ppi: float = 192.0) -> bytes:
    """A figure as a picture, two pixels to each of its own by default."""
    import typst

    main = '#set page(width: auto, height: auto, margin: 0pt)\n#image("figure.svg")\n'
    files: Any = {"main": main.encode(), "figure.svg": svg.encode()}
    try:
        made = typst.compile(
            files,
            format="png", ppi=ppi, font_paths=_fonts(),
        )  # fmt: skip
    except typst.TypstError as error:
        raise DataError(
            f"The figure could not be drawn: {error}", "Take it as SVG instead."
        ) from error
    return bytes(made)


def _block(block: object, files: Any) -> JsonObject:
    match block:
        case Heading(text, level):
            return {"kind": "heading", "text": text, "level": level}
        case Text(text, quiet):
            return {"kind": "text", "text": text, "quiet": quiet}
        case Bullets(items):
            return {"kind": "bullets", "items": items}
        case Facts(pairs):
            return {"kind": "facts", "pairs": pairs}
        case Table(_, heads, rows, words, wide):
            told = [[_cell(one) for one in row] for row in rows]
            return {"kind": "table", "heads": heads, "rows": told, "words": words, "wide": wide}
        case Figure(name, words, draw):
            file = f"figure-{len(files)}.svg"
            files[file] = draw(Sheet(tall=TALL)).encode()
            return {
                "kind": "figure", "file": file, "title": words.title, "note": words.note,
                "key": words.key, "alt": words.about or name,
            }  # fmt: skip
    raise TypeError(f"no PDF for {type(block).__name__}")


def _cell(cell: Cell) -> JsonObject:
    return {"text": cell.text, "small": cell.small, "strong": cell.strong}


@cache
def _fonts() -> Any:
    """The report's own fonts first; the machine's for scripts that they do not have."""
    import font_source_sans_pro
    import typst

    own = Path(font_source_sans_pro.__file__).parent / "files"
    return typst.Fonts(include_system_fonts=True, font_paths=[str(own)])
