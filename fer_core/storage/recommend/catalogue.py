"""The catalogue: films, books, songs, games and creatives that can be recommended.

Titles that ship with Rapt are not in the store: a row of the same id takes a shipped title's
place, and one that is ``removed`` hides it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pyarrow as pa

from fer_core.errors import StoreError
from fer_core.storage.codec import Row
from fer_core.storage.commands import Change, command
from fer_core.storage.ids import check_id
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries, Query

#: Each mood tag with its lowest and highest value.
TAGS: Final = {
    "valence": (-1.0, 1.0),
    "energy": (0.0, 1.0),
    "warmth": (0.0, 1.0),
    "tension": (0.0, 1.0),
}
#: The most characters of each text.
LONGEST: Final = {"title": 200, "creator": 200, "sentence": 500}
YEARS: Final = (-3000, 2200)
MOST_ITEMS: Final = 90_000


class Medium(StrEnum):
    """What an item is."""

    FILM = "film"
    BOOK = "book"
    SONG = "song"
    GAME = "game"
    CREATIVE = "creative"  # a company's own film or advertisement


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem(Row):
    """An item to keep. valence is -1 to 1; energy, warmth and tension are 0 to 1.

    stimulus_id: the stimulus that it is, where it was analysed here.
    """

    item_id: str
    medium: Medium
    title: str
    valence: float
    energy: float
    warmth: float
    tension: float
    creator: str = ""
    year: int | None = None
    sentence: str = ""
    stimulus_id: str | None = None

    def faults(self) -> list[tuple[str, str]]:
        """What is wrong with it: pairs of a field and what to tell."""
        found = [] if self.title.strip() else [("title", "The title is missing.")]
        for name, most in LONGEST.items():
            length = len(getattr(self, name))
            if length > most:
                found.append((name, f"The {name} has {length} characters; {most} is the most."))
        for name, (low, high) in TAGS.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                said = f"The {name} is {value:g}; it must lie between {low:g} and {high:g}."
                found.append((name, said))
        if self.year is not None and not YEARS[0] <= self.year <= YEARS[1]:
            found.append(("year", f"The year is {self.year}; write it as four digits."))
        return found


class CatalogueItems(Queries):
    """``store.catalogue``."""

    def table(self) -> pa.Table:
        """Every row by id, also those that hide a shipped title: an item's columns, ``removed``."""
        names = ", ".join(NewItem.__dataclass_fields__)
        query = f"SELECT {names}, removed FROM items ORDER BY item_id"
        return self._source.select(Query(query, {}, cap=MOST_ITEMS))

    def stamp(self) -> str:
        """Changes when the catalogue does."""
        return str(
            self._value("SELECT count(*) || ' ' || coalesce(max(updated)::VARCHAR, '') FROM items")
        )

    def linked(self) -> int:
        """How many items are linked to a stimulus."""
        return int(self._value("SELECT count(stimulus_id) FROM items WHERE NOT removed"))


@command
class SaveItems:
    """Add items, or replace those of the same id; returns how many."""

    items: tuple[NewItem, ...]

    def apply(self, change: Change) -> int:
        for item in self.items:
            check_id(item.item_id)
            faults = item.faults()
            if faults:
                raise StoreError(f"{item.title or item.item_id!r}: {faults[0][1]}")
        _put(change, self.items, removed=False)
        there = int(change.cursor.value("SELECT count(*) FROM items"))
        if there > MOST_ITEMS:
            raise StoreError(
                f"The catalogue would have {there:,} items; {MOST_ITEMS:,} is the most.",
                "Import fewer.",
            )
        return len(self.items)


@command
class RemoveItems:
    """Take items out of the catalogue; hides shipped titles too. Feedback on them stays."""

    items: tuple[NewItem, ...]

    def apply(self, change: Change) -> None:
        _put(change, self.items, removed=True)


@command
class ForgetItems:
    """Delete rows: an own item is gone, a shipped title is as it was shipped."""

    item_ids: tuple[str, ...]

    def apply(self, change: Change) -> None:
        change.cursor.execute(
            "DELETE FROM items WHERE item_id IN (SELECT unnest($ids::VARCHAR[]))",
            {"ids": list(self.item_ids)},
        )


def as_table(items: Sequence[NewItem]) -> pa.Table:
    """Items as columns, a row each."""
    columns = {name: [getattr(one, name) for one in items] for name in SCHEMA.names}
    columns["medium"] = [str(one.medium) for one in items]
    return pa.table(columns, schema=SCHEMA)


def _put(change: Change, items: Sequence[NewItem], *, removed: bool) -> None:
    ids = [item.item_id for item in items]
    if len(set(ids)) < len(ids):
        raise StoreError("Two items have the same id.", "Give each an id of its own.")
    if not ids:
        return
    change.cursor.execute(
        "DELETE FROM items WHERE item_id IN (SELECT unnest($ids::VARCHAR[]))", {"ids": ids}
    )
    table = as_table(items)
    table = table.append_column("removed", pa.array([removed] * len(ids), pa.bool_()))
    table = table.append_column("updated", pa.array([now()] * len(ids), pa.timestamp("us")))
    change.cursor.insert_arrow("items", table)


_NUMBERS: Final = dict.fromkeys(TAGS, pa.float64()) | {"year": pa.int32()}
#: The columns of items in Arrow tables.
SCHEMA: Final = pa.schema(
    [(name, _NUMBERS.get(name, pa.string())) for name in NewItem.__dataclass_fields__]
)
