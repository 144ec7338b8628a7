"""The papers by name, as documents that the report's writers turn into files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fer_core import __version__
from fer_core.errors import SettingsError
from fer_core.law.facts import Facts
from fer_core.law.notice import consent, notice
from fer_core.law.record import assessment, record
from fer_core.law.sources import NO_ADVICE
from fer_core.reports.document import Block, Document

#: The first sentences of a paper, and what follows them.
Written = tuple[tuple[str, ...], tuple[Block, ...]]


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of paper. ``about`` says which article asks for it."""

    name: str
    label: str
    about: str
    write: Callable[[Facts], Written]
    posted: bool = False  # hung up where people read it from a step away
    inside: bool = True  # for whoever runs the study, not for those who are measured


PAPERS: Final = {
    one.name: one
    for one in (
        Paper("notice", "Notice", "AI Act, Art. 50(3); GDPR, Art. 13", notice,
              posted=True, inside=False),
        Paper("consent", "Consent", "GDPR, Art. 6, 7, 9", consent, inside=False),
        Paper("record", "Record of processing", "GDPR, Art. 30", record),
        Paper("assessment", "Impact assessment", "GDPR, Art. 35", assessment),
    )
}  # fmt: skip


def paper(name: str, facts: Facts) -> Document:
    """One of the papers about a study; SettingsError names those that there are."""
    if name not in PAPERS:
        raise SettingsError(f"There is no paper {name!r}.", f"Choose {', '.join(PAPERS)}.")
    kind = PAPERS[name]
    finding, blocks = kind.write(facts)
    day = f"{facts.at.day} {facts.at:%B %Y}"
    return Document(
        title="Faces are measured here" if kind.posted else kind.label,
        question=facts.study.name if kind.inside else "",
        about=day,
        finding=finding,
        mark="",
        mark_note="",
        made=f"Rapt {__version__} · {day} · {NO_ADVICE}",
        blocks=blocks,
        data={},
        what=kind.about,
        posted=kind.posted,
    )
