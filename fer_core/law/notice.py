"""The notice that people read before a camera looks at them, and texts for their consent.

Neither names the study nor its question: whoever is measured should not know what is hoped for.
"""

from __future__ import annotations

from typing import Final

import segno

from fer_core.law.facts import Facts
from fer_core.law.responsible import Responsible
from fer_core.law.sources import FORBIDDEN, INFORM, LAWFUL, NOTICE, SPECIAL, sources
from fer_core.reports import document
from fer_core.reports.document import Block, Bullets, Figure, Heading, Table, Text, cells
from fer_core.reports.figure_frame import Sheet, Words
from fer_core.reports.svg import Drawing
from fer_core.sentences import Label

#: What a person has to put into the text for a screen.
TO_FILL: Final = "(your name and address)"
#: For a screen, where the page itself says what the camera does and what is kept.
USUAL_CONSENT: Final = f"""\
We would like to know how people respond to a film. While it plays, the camera of your device \
looks at your face. A program turns what it sees into numbers about your expression and about \
how your head is turned.

Taking part is voluntary. You may stop at any time, without giving a reason, and have what was \
recorded deleted.

Questions? Write to: {TO_FILL}"""
BLANK: Final = "to be filled in"
#: How large the code is printed, of a figure's width.
_CODE: Final = 0.3
RIGHTS: Final = (
    "You may ask what is kept about you, get a copy, have it corrected or deleted, and object.",
    "You may take your consent back at any time; what was done until then stays lawful.",
    "You may complain to a data protection authority.",
)
WHAT_HAPPENS: Final = (
    "A camera looks at faces. A program estimates from them, second by second, what they express, "
    "whether they face the front, and how eyes and mouth move. It does not look up who somebody is."
)
ESTIMATES: Final = (
    "These are estimates and can be wrong: a face does not show for sure what somebody feels."
)


def notice(facts: Facts) -> tuple[tuple[str, ...], tuple[Block, ...]]:
    """The finding and the blocks of the notice."""
    who = facts.responsible
    pairs = [
        ("What happens", f"{WHAT_HAPPENS} {ESTIMATES}"),
        ("What for", facts.purpose_label.capitalize()),
        ("What is kept", _in_a_line(facts)),
        ("Who sees it", f"Those who run this{f' at {who.name}' if who.name else ''}"),
        ("Who is responsible", " · ".join(filter(None, (who.name, who.contact))) or BLANK),
        ("Data protection officer", who.officer or "none is named"),
        ("Your choice", "You may stay out of the camera's view or stop at any time. You may ask "
         "what is kept about you and have it deleted. You may complain to a data protection "
         "authority."),
    ]  # fmt: skip
    blocks: list[Block] = [document.Facts(tuple(pairs))]
    if facts.address:
        blocks.append(code(facts.address))
    return ("An emotion recognition system is in use here: a camera looks at faces.",), tuple(
        blocks
    )


def consent(facts: Facts) -> tuple[tuple[str, ...], tuple[Block, ...]]:
    """The finding and the blocks of a sheet to sign, with a shorter text for a screen."""
    who = facts.responsible
    asked = ["that my face is measured as it is described here"]
    if facts.live < facts.sessions or not facts.sessions:
        asked.append("that a recording of me is kept as long as it is said above")
    if facts.faces:
        asked.append("that small pictures of my face are kept for review")
    return ("Please read this before the camera starts. Taking part is voluntary.",), (
        Heading("What happens"),
        Text(f"{WHAT_HAPPENS} {ESTIMATES}"),
        Text(f"Purpose: {facts.purpose_label}."),
        Text(f"Responsible: {' · '.join(filter(None, (who.name, who.contact))) or BLANK}. "
             "Those who run this see it."),
        Heading("What is kept, and how long"),
        kept_table(facts),
        Heading("Your rights"),
        Bullets(RIGHTS),
        Heading("I agree"),
        Table("Consent", ("I agree", "Yes", "No"),
              tuple(cells(one, "☐", "☐") for one in asked), words=(0, 1, 2), wide=(8, 1, 1)),
        document.Facts((("Name", " "), ("Date", " "), ("Signature", " " * 20))),
        *sources(LAWFUL, SPECIAL, INFORM, NOTICE, FORBIDDEN),
        Heading("The same, shorter, for a screen"),
        *(Text(part) for part in screen_text(who).split("\n\n")),
    )  # fmt: skip


def kept_table(facts: Facts) -> Table:
    """What is kept of people and until when."""
    rows = tuple(cells(one.what, one.until) for one in facts.kept)
    return Table("What is kept", ("What", "How long"), rows, words=(0, 1), wide=(3, 2))


def screen_text(who: Responsible) -> str:
    """The shorter text; where nobody is named yet it holds ``TO_FILL``."""
    if not who.contact:
        return USUAL_CONSENT
    return USUAL_CONSENT.replace(TO_FILL, ", ".join(filter(None, (who.name, who.contact))))


def code(address: str) -> Figure:
    """A QR code that leads to an address, with the address beside it."""

    def draw(sheet: Sheet) -> str:
        matrix = segno.make(address, error="m", micro=False).matrix
        dot = max(1, int(sheet.width * _CODE) // (len(matrix) + 8))  # four of quiet around it
        side = dot * (len(matrix) + 8)
        drawing = Drawing(sheet.width, side, "QR code", f"Leads to {address}")
        drawing.rect(0, 0, side, side, "#FFFFFF")
        for y, row in enumerate(matrix, 4):
            for x, dark in enumerate(row, 4):
                if dark:
                    drawing.rect(x * dot, y * dot, dot, dot, "#000000")
        for line, start in enumerate(range(0, len(address), 48)):
            drawing.text(side + 16, side / 2 + 18 * line, address[start : start + 48],
                         sheet.theme.ink, 14)  # fmt: skip
        return str(drawing)

    return Figure("code", Words(Label("More about this"), "", f"QR code to {address}"), draw)


def _in_a_line(facts: Facts) -> str:
    said = [f"{one.short}: {one.until}." for one in facts.kept if one.short]
    return " ".join(said)
