"""The catalogue: read from CSV with every fault named by its line; the shipped titles; both joined.

A table's cells are texts and nothing else: a formula is not computed and HTML is not HTML.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Final, NamedTuple, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from fer_core.errors import DataError
from fer_core.recommend.measured import Measured, bonuses, measured_items
from fer_core.storage import Store
from fer_core.storage.codec import rows as as_rows
from fer_core.storage.recommend.catalogue import (
    MOST_ITEMS,
    SCHEMA,
    TAGS,
    Medium,
    NewItem,
    as_table,
)
from fer_core.text import FORMULA, no_formula

COLUMNS: Final = ("medium", "title", "creator", "year", *TAGS, "sentence", "id", "stimulus")
NEEDED: Final = ("medium", "title", *TAGS)
#: The longest file that is read.
MOST_BYTES: Final = 100_000_000
_MOST_PROBLEMS: Final = 1000


class Problem(NamedTuple):
    """What is wrong with a row: the line of the file it begins on, the column, what to tell."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}"


@dataclass(frozen=True)
class Reading:
    """A file's sound rows, and the faults of the others, at most a thousand.

    refused: how many rows were left out.
    """

    items: tuple[NewItem, ...]
    problems: tuple[Problem, ...]
    refused: int


def read_catalogue(content: bytes | str) -> Reading:
    """The items of a CSV file; DataError where it is no table of items at all.

    The columns may stand in any order, separated by comma, semicolon or tab. A row with a
    fault is left out and named; of two rows with one id the first is taken.
    """
    rows = _rows(_text(content))
    _, header = next(rows, (0, []))
    names = [_folded(cell) for cell in header]
    _check_header(names)
    items: dict[str, NewItem] = {}
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    refused = 0
    for line, cells in rows:
        item, faults = _item(names, cells)
        if item is not None and item.item_id in items:
            faults = [("id", f"{item.title!r} stands in line {lines[item.item_id]} already.")]
        if item is None or faults:
            refused += 1
            problems += [Problem(line, *fault) for fault in faults]
            continue
        items[item.item_id] = item
        lines[item.item_id] = line
        if len(items) > MOST_ITEMS:
            raise DataError(f"The file has more than {MOST_ITEMS:,} items.", "Import fewer.")
    return Reading(tuple(items.values()), tuple(problems[:_MOST_PROBLEMS]), refused)


def write_catalogue(items: Sequence[NewItem]) -> str:
    """Items as CSV that ``read_catalogue`` takes; no spreadsheet runs a text of it."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in items:
        tags = (f"{getattr(one, name):g}" for name in TAGS)
        year = "" if one.year is None else one.year
        title, creator, sentence = map(no_formula, (one.title, one.creator, one.sentence))
        ids = (one.item_id, one.stimulus_id or "")
        writer.writerow((one.medium, title, creator, year, *tags, sentence, *ids))
    return target.getvalue()


def _text(content: bytes | str) -> str:
    if len(content) > MOST_BYTES:
        raise DataError(f"The file is larger than {MOST_BYTES // 1_000_000} MB.", "Import fewer.")
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(
            f"The file is not UTF-8 text (line {line}).", "Save it as «CSV UTF-8»."
        ) from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, each with the line on which it begins."""
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                yield line, cells
    except csv.Error as error:
        raise DataError(
            f"Line {reader.line_num} is no row of a table ({error}).", "Look for a lone quote."
        ) from error


def _check_header(names: Sequence[str]) -> None:
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise DataError(
            f"The first line has no column {', '.join(missing)}.",
            f"Columns are {', '.join(COLUMNS)}; only {', '.join(NEEDED)} are needed.",
        )
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        raise DataError(f"The column {', '.join(doubled)} is there twice.", "Keep one of them.")
    unknown = [name for name in names if name and name not in COLUMNS]
    if unknown:
        raise DataError(
            f"The column {', '.join(unknown)} is not known.", f"Columns are {', '.join(COLUMNS)}."
        )


def _item(
    names: Sequence[str], cells: Sequence[str]
) -> tuple[NewItem | None, list[tuple[str, str]]]:
    """A row's item, or what is wrong with the row."""
    if len(cells) > len(names):
        said = f"It has {len(cells)} cells, the first line {len(names)}; is a quote missing?"
        return None, [("", said)]
    values = {name: _plain(cell) for name, cell in zip(names, cells)}
    faults: list[tuple[str, str]] = []
    numbers = {name: _number(name, values.get(name, ""), faults) for name in TAGS}
    medium = _medium(values.get("medium", ""), faults)
    year = _year(values.get("year", ""), faults)
    title, creator = values.get("title", ""), values.get("creator", "")
    if not title:
        faults.append(("title", "The title is missing."))
    item_id, stimulus_id = values.get("id", ""), values.get("stimulus", "")
    for name, value in (("id", item_id), ("stimulus", stimulus_id)):
        if value and not (value.replace("-", "").replace("_", "").isalnum() and len(value) < 65):
            faults.append((name, f"The {name} {value!r} may have letters, digits, - and _ only."))
    if faults or medium is None:
        return None, faults
    item = NewItem(
        item_id=item_id or id_of(medium, title, creator, year), medium=medium, title=title,
        creator=creator, year=year, sentence=values.get("sentence", ""),
        stimulus_id=stimulus_id or None, **numbers,
    )  # fmt: skip
    return item, item.faults()


def id_of(medium: Medium, title: str, creator: str = "", year: int | None = None) -> str:
    """The id of an item that was given none: the same title gives the same id again."""
    about = f"{title} {creator} {year or ''}"
    slug = re.sub(r"[^a-z0-9]+", "-", _folded(about)).strip("-")
    if len(slug) < 3 or len(slug) > 50:  # other scripts, or a long title: told apart by a digest
        from fer_core.files import sha256_of

        slug = f"{slug[:40].strip('-')}-{sha256_of(about.encode())[:10]}".strip("-")
    return f"{medium}-{slug}"


def _folded(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.strip().lower()
    apart = unicodedata.normalize("NFKD", text.strip().lower())
    return "".join(c for c in apart if not unicodedata.combining(c))


def _plain(cell: str) -> str:
    """A cell as one line of text, without characters that only steer a terminal or a page."""
    kept = "".join(c if c.isprintable() else " " for c in cell) if not cell.isprintable() else cell
    found = " ".join(kept.split())
    return found[1:] if found[:1] == "'" and found[1:].startswith(FORMULA) else found


def _number(name: str, text: str, faults: list[tuple[str, str]]) -> float:
    low, high = TAGS[name]
    if not text:
        faults.append((name, f"The {name} is missing; write {low:g} to {high:g}."))
        return 0.0
    try:
        value = float(text.replace(",", ".").replace("−", "-"))
    except ValueError:
        said = f"The {name} is {_quoted(text)}, which is no number; write {low:g} to {high:g}."
        faults.append((name, said))
        return 0.0
    return value


def _medium(text: str, faults: list[tuple[str, str]]) -> Medium | None:
    found = _folded(text)
    if found in list(Medium):
        return Medium(found)
    said = f"{_quoted(text)} is not known" if text else "is missing"
    faults.append(("medium", f"The medium {said}; write {', '.join(Medium)}."))
    return None


def _year(text: str, faults: list[tuple[str, str]]) -> int | None:
    if not text:
        return None
    try:
        return int(text.replace("−", "-"))
    except ValueError:
        faults.append(("year", f"The year is {_quoted(text)}; write it as four digits."))
        return None


def _quoted(text: str) -> str:
    return f"«{text[:40]}…»" if len(text) > 40 else f"«{text}»"


@cache
def starter_catalogue() -> tuple[NewItem, ...]:
    """The titles that ship with Rapt."""
    content = files("fer_core.recommend").joinpath("starter.csv").read_bytes()
    found = read_catalogue(content)
    if found.problems:
        raise DataError(f"The shipped catalogue is damaged. {found.problems[0]}")
    return found.items


class Items(Sequence[NewItem]):
    """Items that stay columns until one of them is asked for."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @overload
    def __getitem__(self, at: int) -> NewItem: ...
    @overload
    def __getitem__(self, at: slice) -> list[NewItem]: ...
    def __getitem__(self, at: int | slice) -> NewItem | list[NewItem]:
        if isinstance(at, slice):
            return as_rows(NewItem, self.table.take(np.arange(len(self))[at]))
        return as_rows(NewItem, self.table.slice(range(len(self))[at], 1))[0]

    def __iter__(self) -> Iterator[NewItem]:
        return iter(as_rows(NewItem, self.table))


@dataclass(frozen=True)
class Catalogue:
    """What can be recommended. measured: what viewers showed of items by their place."""

    items: Items
    measured: Mapping[int, Measured] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Sequence[NewItem]) -> Catalogue:
        """A catalogue of items that are there already."""
        return cls(Items(as_table(items)))

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def tags(self) -> NDArray[np.float64]:
        """The mood tags (n, 4) in the order of TAGS."""
        return np.column_stack([self.items.table[name].to_numpy() for name in TAGS])

    @cached_property
    def media(self) -> NDArray[np.int64]:
        """The place of each item's medium among the media (n,)."""
        order = pa.array([str(one) for one in Medium])
        return pc.index_in(self.items.table["medium"], order).to_numpy().astype(np.int64)

    @cached_property
    def creators(self) -> NDArray[np.object_]:
        """Who made each item (n,), "" where that is not known."""
        return np.asarray(self.items.table["creator"].to_pylist(), object)

    @cached_property
    def bonuses(self) -> NDArray[np.float64]:
        """What measured responses add to the rules' scores (n,)."""
        return bonuses(self.measured, len(self.items))

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The place of each id."""
        return {key: at for at, key in enumerate(self.items.table["item_id"].to_pylist())}

    @cached_property
    def _by_title(self) -> tuple[pa.Array, pa.Table]:
        """What each item is found by, in lower case without accents, in order, and the items."""
        named = (self.items.table[name].to_pylist() for name in ("title", "creator", "year"))
        found = pa.array([_folded(f"{a} {b} {c or ''}") for a, b, c in zip(*named)], pa.string())
        order = pc.sort_indices(found)
        return found.take(order), self.items.table.take(order)

    def find(self, words: str, medium: Medium | None = None) -> Items:
        """Items that have all these words in title, creator or year, by title."""
        texts, table = self._by_title
        fits = pa.array(np.ones(len(table), bool))
        if medium is not None:
            fits = pc.equal(table["medium"].combine_chunks(), str(medium))
        for word in _folded(words).split():
            fits = pc.and_(fits, pc.match_substring(texts, word))
        return Items(table.filter(fits))


def removed_items(store: Store) -> Catalogue:
    """What was taken out of the catalogue, own and shipped."""
    kept = store.catalogue.table()
    return Catalogue(Items(kept.filter(kept["removed"]).select(SCHEMA.names)))


def load_catalogue(store: Store) -> Catalogue:
    """The shipped titles and the store's own, without those that were removed."""
    shipped, kept = as_table(starter_catalogue()), store.catalogue.table()
    untouched = pc.invert(pc.is_in(shipped["item_id"], kept["item_id"].combine_chunks()))
    own = kept.filter(pc.invert(kept["removed"])).select(SCHEMA.names).cast(SCHEMA)
    table = pa.concat_tables([shipped.filter(untouched), own]).combine_chunks()
    stimuli = table["stimulus_id"]
    linked = pc.indices_nonzero(pc.is_valid(stimuli)).to_pylist()
    measured = measured_items(store, {at: stimuli[at].as_py() for at in linked})
    return Catalogue(Items(table), measured)
