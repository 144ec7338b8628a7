"""ELAN's annotation file (.eaf), as its schema 3.0 describes it.

A tier is a name and spans with words. In a tier spans follow each other and never overlap;
every span has a length, so a moment lasts a second.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

MOMENT_MS: Final = 1000
SCHEMA: Final = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_TYPE = "span"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the film and what is said of it."""

    from_ms: int
    to_ms: int
    value: str


@dataclass(frozen=True)
class Tier:
    name: str
    spans: Sequence[Span]
    participant: str = ""


@dataclass(frozen=True)
class Eaf:
    """One annotation file: its tiers, the film they belong to, and where it came from."""

    tiers: Sequence[Tier]
    media: Path | None = None
    notes: dict[str, str] = field(default_factory=dict)

    def content(self, author: str = "Rapt") -> bytes:
        """The file's bytes."""
        root = ET.Element(
            "ANNOTATION_DOCUMENT",
            {
                "AUTHOR": author,
                "DATE": datetime.now(UTC).isoformat(timespec="seconds"),
                "FORMAT": "3.0",
                "VERSION": "3.0",
                f"{{{_XSI}}}noNamespaceSchemaLocation": SCHEMA,
            },
        )
        ET.register_namespace("xsi", _XSI)
        tiers = [Tier(one.name, _in_order(one.spans), one.participant) for one in self.tiers]
        self._add_header(root, sum(len(one.spans) for one in tiers))
        slots = _slots(tiers)
        order = ET.SubElement(root, "TIME_ORDER")
        for t_ms, slot in slots.items():
            ET.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": slot, "TIME_VALUE": str(t_ms)})
        _add_tiers(root, tiers, slots)
        ET.SubElement(
            root,
            "LINGUISTIC_TYPE",
            {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": _TYPE, "TIME_ALIGNABLE": "true"},
        )
        for stereotype, meaning in _CONSTRAINTS.items():
            ET.SubElement(root, "CONSTRAINT", {"DESCRIPTION": meaning, "STEREOTYPE": stereotype})
        ET.indent(root, " ")
        made_of: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
        return made_of

    def _add_header(self, root: ET.Element, total: int) -> None:
        """The film that the file follows, and the properties."""
        header = ET.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
        if self.media is not None:
            kind = mimetypes.guess_type(self.media.name)[0] or "video/mp4"
            ET.SubElement(
                header,
                "MEDIA_DESCRIPTOR",
                {
                    "MEDIA_URL": self.media.resolve().as_uri(),
                    "MIME_TYPE": kind,
                    "RELATIVE_MEDIA_URL": f"./{self.media.name}",
                },
            )
        for name, value in {**self.notes, "lastUsedAnnotationId": str(total)}.items():
            ET.SubElement(header, "PROPERTY", {"NAME": name}).text = _clean(value)


#: ELAN's own four kinds of tier; it expects them in every file.
_CONSTRAINTS: Final = {
    "Time_Subdivision": "Divides a span of its parent tier in time, without gaps",
    "Symbolic_Subdivision": "Divides a span of its parent tier, in order but not in time",
    "Symbolic_Association": "One note to one span of its parent tier",
    "Included_In": "Spans in time within one of its parent tier, gaps allowed",
}


def runs(
    seconds: Sequence[int], values: Sequence[str | None], *, offset_ms: int = 0, step_ms: int = 1000
) -> list[Span]:
    """One span for neighbouring seconds that say the same; None says nothing."""
    spans: list[Span] = []
    for second, value in zip(seconds, values):
        start = offset_ms + second * step_ms
        if value is None or start < 0:
            continue
        if spans and spans[-1].to_ms == start and spans[-1].value == value:
            spans[-1] = Span(spans[-1].from_ms, start + step_ms, value)
        else:
            spans.append(Span(start, start + step_ms, value))
    return spans


def _add_tiers(root: ET.Element, tiers: Sequence[Tier], slots: Mapping[int, str]) -> None:
    ids = count(1)
    for name, tier in zip(_unlike([one.name for one in tiers]), tiers):
        about = {"LINGUISTIC_TYPE_REF": _TYPE, "TIER_ID": name}
        if tier.participant:
            about["PARTICIPANT"] = _clean(tier.participant)
        made = ET.SubElement(root, "TIER", about)
        for span in tier.spans:
            inside = ET.SubElement(
                ET.SubElement(made, "ANNOTATION"),
                "ALIGNABLE_ANNOTATION",
                {
                    "ANNOTATION_ID": f"a{next(ids)}",
                    "TIME_SLOT_REF1": slots[span.from_ms],
                    "TIME_SLOT_REF2": slots[span.to_ms],
                },
            )
            ET.SubElement(inside, "ANNOTATION_VALUE").text = _clean(span.value)


def _in_order(spans: Sequence[Span]) -> list[Span]:
    """By time; what reaches into the next is cut there, for a tier has no overlaps."""
    ordered = sorted(spans, key=lambda one: (one.from_ms, one.to_ms))
    kept: list[Span] = []
    for at, one in enumerate(ordered):
        start, stop = max(one.from_ms, 0), max(one.to_ms, one.from_ms + 1)
        if at + 1 < len(ordered):
            stop = min(stop, ordered[at + 1].from_ms)
        if stop > start:
            kept.append(Span(start, stop, one.value))
    return kept


def _slots(tiers: Sequence[Tier]) -> dict[int, str]:
    """A name for every time that is used, in the order of time."""
    times = sorted({t for tier in tiers for one in tier.spans for t in (one.from_ms, one.to_ms)})
    return {t_ms: f"ts{at}" for at, t_ms in enumerate(times, start=1)}


def _unlike(names: Sequence[str]) -> list[str]:
    """Tiers are told apart by their names alone."""
    given: dict[str, int] = {}
    unlike = []
    for name in map(_clean, names):
        given[name] = given.get(name, 0) + 1
        unlike.append(name if given[name] == 1 else f"{name} ({given[name]})")
    return unlike


def _clean(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))
