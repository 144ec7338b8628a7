"""The record of processing activities, and the sheet for an impact assessment."""

from __future__ import annotations

from typing import Final

from fer_core.law.facts import Facts
from fer_core.law.notice import BLANK, ESTIMATES, WHAT_HAPPENS, kept_table
from fer_core.law.sources import (
    ASSESSMENT,
    FORBIDDEN,
    HIGH_RISK,
    LAWFUL,
    NOTICE,
    RECORD,
    SPECIAL,
    sources,
)
from fer_core.reports import document
from fer_core.reports.document import Block, Heading, Table, Text, cells
from fer_core.text import count

_TOLD: Final = "Filled from the study; what Rapt cannot know is «to be filled in»."
#: What Rapt does for security, as far as it is in force in every installation.
_MEASURES: Final = (
    "Everything stays on the machine that runs Rapt; nothing is sent to anybody else. Files are "
    "readable by its user alone. People log in, or show a secret token; beyond the machine only "
    "with accounts and https. Roles, studies limited to people, a log of who saw, exported and "
    "deleted what. Deleted data are erased from the database; people are forgotten for good on "
    "request, in backups too. Disk encryption is the machine's."
)


def record(facts: Facts) -> tuple[tuple[str, ...], tuple[Block, ...]]:
    """The finding and the blocks of the record, one row for each letter of Article 30(1)."""
    who = facts.responsible
    people = "People who watch or are in a camera's view"
    if facts.links:
        people += "; respondents who come by a link"
    rows = (
        ("(a) Controller", who.name or BLANK, who.contact or f"Contact: {BLANK}"),
        ("(a) Data protection officer", who.officer or BLANK, ""),
        ("(b) Purposes", facts.purpose_label, _asked(facts)),
        ("(c) Categories of people", people, _so_far(facts)),
        ("(c) Categories of data", "Faces in pictures; estimated expressions, attention, eyes and "
         "movements", "May be data of special categories (Art. 9)"),
        ("(d) Recipients", facts.access, f"Others: {BLANK}"),
        ("(e) Transfers to third countries", "None by Rapt: nothing leaves its machine",
         f"Others: {BLANK}"),
        ("(f) Time limits for erasure", "See the table below", ""),
        ("(g) Security measures", _MEASURES, f"Others: {BLANK}"),
        ("Legal basis (Art. 6, 9)", BLANK, "Not asked by Art. 30; useful here"),
    )  # fmt: skip
    return (_TOLD,), (
        Heading("The record"),
        Table(
            "Record of processing", ("Art. 30(1)", "Entry", "More"),
            tuple(cells(*row) for row in rows), words=(0, 1, 2), wide=(3, 6, 3),
        ),
        Heading("What is kept, and how long"),
        kept_table(facts),
        *sources(RECORD, LAWFUL, SPECIAL, NOTICE, FORBIDDEN),
    )  # fmt: skip


def assessment(facts: Facts) -> tuple[tuple[str, ...], tuple[Block, ...]]:
    """The finding and the blocks of the assessment, in the order of Article 35(7)."""
    who = facts.responsible
    pairs = (
        ("Responsible", " · ".join(filter(None, (who.name, who.contact))) or BLANK),
        ("Data protection officer", f"{who.officer or BLANK}; their advice: {BLANK}"),
        ("Purpose", facts.purpose_label),
        ("Question", facts.study.question or BLANK),
        ("What is shown", ", ".join(facts.films) or BLANK),
        ("So far", _so_far(facts)),
        ("Who sees it", facts.access),
    )
    return (_TOLD,), (
        Heading("(a) What is done"),
        Text(f"{WHAT_HAPPENS} {ESTIMATES}"),
        document.Facts(pairs),
        *_exception(facts),
        kept_table(facts),
        Heading("(b) Is it necessary, and in proportion?"),
        _questions(
            "Could the question be answered without faces, by asking people or with fewer of them?",
            "Which legal basis, Art. 6, and which exception, Art. 9(2)?",
            "Is the choice free? Nobody depends on you, and who says no loses nothing?",
            "Are children or others in view who cannot agree for themselves?",
            "Are the times above as short as the purpose allows?",
        ),
        Heading("(c) Risks, and (d) what is done against them"),
        _risks(facts),
        Heading("What is left"),
        _questions(
            "Which risks stay high? Then ask the authority first (Art. 36).",
            "Were people, or those who speak for them, asked for their view (Art. 35(9))?",
            "Who looks at this again, and when?",
        ),
        *sources(ASSESSMENT, LAWFUL, SPECIAL, NOTICE, FORBIDDEN, HIGH_RISK),
    )


def _questions(*asked: str) -> Table:
    rows = tuple(cells(one, BLANK) for one in asked)
    return Table("Questions", ("Question", "Answer"), rows, words=(0, 1), wide=(3, 2))


def _exception(facts: Facts) -> tuple[Block, ...]:
    if facts.purpose is None or facts.forbidden_but_for is None:
        return ()
    return (
        Text(
            f"At work or in education, for {facts.forbidden_but_for.value} reasons (AI Act, "
            f"Art. 5(1)(f)). The reason as it was stated: {facts.purpose.reason}"
        ),
    )


def _risks(facts: Facts) -> Table:
    faces = "Pictures of faces are kept for review" if facts.faces else "No pictures of faces"
    rows = (
        ("People do not know that they are measured",
         "Live and links ask before a camera starts; a notice can be printed",
         "Is the notice seen before the camera sees them?"),
        ("An estimate is wrong, or worse for some people than for others",
         "Ranges, too few viewers and poor pictures are said; a model's figures are on its page",
         "Is anything decided about one person? It should not be."),
        ("Somebody concludes on health, belief or origin",
         "No such measure is made; small groups can be left out of reports",
         "Who reads single viewers' curves, and why?"),
        ("Faces or numbers reach others",
         "Nothing leaves the machine; accounts, roles, limits to people, a log of who saw what",
         "Who has access to the machine?"),
        ("It is kept longer than it is needed",
         f"The times above are kept to by the program. {faces}",
         "Are exported files deleted as well?"),
        ("It is used for something else",
         "The purpose is asked and kept; work and education are declined",
         "Who may state another purpose?"),
        ("People cannot use their rights",
         "Everything about one respondent as a file; forgotten for good, in backups too",
         "Who answers, and within which time?"),
    )  # fmt: skip
    return Table(
        "Risks", ("Risk", "What Rapt does", "For you to judge"),
        tuple(cells(*row) for row in rows), words=(0, 1, 2), wide=(3, 5, 3),
    )  # fmt: skip


def _asked(facts: Facts) -> str:
    return facts.study.question or f"Question: {BLANK}"


def _so_far(facts: Facts) -> str:
    return f"{count(facts.sessions, 'session')}, {count(facts.viewers, 'viewer')}"
