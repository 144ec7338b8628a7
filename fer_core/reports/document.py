"""A report's parts, one after the other, before they become HTML or a PDF."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fer_core.reports.figure_frame import Sheet, Words


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table: a value, smaller words behind it, whether it stands out."""

    text: str
    small: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; ``quiet`` is a remark beside the matter."""

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, as a list."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The first column is words, the others numbers unless ``words`` says otherwise. A row
    of one cell is the heading of those below it.

    ``wide`` is the share of the width that each column gets; empty: as much as it needs.
    """

    label: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: tuple[int, ...] = (0,)
    wide: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that can be drawn at any width, and its words."""

    name: str
    words: Words
    draw: Callable[[Sheet], str]


Block = Heading | Text | Bullets | Facts | Table | Figure


@dataclass(frozen=True)
class Document:
    """A report as it is read. ``finding`` stands first; ``mark`` is on every page, and
    ``mark_note`` says what it means."""

    title: str
    question: str
    about: str
    finding: tuple[str, ...]
    mark: str
    mark_note: str
    made: str
    blocks: tuple[Block, ...]
    data: dict[str, object]
    what: str = "Audience report"
    posted: bool = False  # in larger letters, to be hung up

    @property
    def kind(self) -> str:
        return f"{self.what} · {self.mark}" if self.mark else self.what


def cells(*values: str | Cell) -> tuple[Cell, ...]:
    return tuple(one if isinstance(one, Cell) else Cell(one) for one in values)


def figures(blocks: Sequence[Block]) -> list[Figure]:
    return [one for one in blocks if isinstance(one, Figure)]
