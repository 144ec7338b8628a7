"""Markers and scenes of a stimulus: typed, from CSV, or from the film's own cuts."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fer_core.errors import DataError, SettingsError
from fer_core.storage.markers import NewMarker
from fer_core.studies.cuts import Shot
from fer_core.text import parse_clock, whole_number

#: The names that a CSV's columns may have.
_COLUMNS = {
    "name": ("name", "scene", "marker", "label", "title"),
    "from": ("from", "from_ms", "start", "from_s", "begin", "time", "t_ms"),
    "to": ("to", "to_ms", "end", "to_s", "stop"),
}


def typed(name: str, start: str, stop: str = "") -> NewMarker:
    """A marker, or with an end a scene, as the store takes it."""
    return NewMarker(name.strip(), parse_clock(start), parse_clock(stop) if stop.strip() else None)


def from_csv(content: bytes) -> list[NewMarker]:
    """Markers and scenes of a CSV with the columns name, from and (for scenes) to.

    Times are m:ss or seconds; columns that end in ``_ms`` are milliseconds.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError("This file is not text.", "Save it as CSV in UTF-8.") from error
    try:
        dialect: Any = csv.Sniffer().sniff(text[:2000], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    rows = list(csv.DictReader(io.StringIO(text), dialect=dialect))
    heads = {(key or "").strip().lower(): key for key in (rows[0] if rows else {})}
    names = {
        want: next((heads[one] for one in options if one in heads), None)
        for want, options in _COLUMNS.items()
    }
    if names["name"] is None or names["from"] is None:
        raise DataError(
            "The CSV has no columns «name» and «from».",
            "For example: name,from,to then Logo,0:28,0:30.",
        )
    found = []
    for number, row in enumerate(rows, start=2):
        try:
            to_ms = None
            if names["to"] and (row[names["to"]] or "").strip():
                to_ms = _moment(row[names["to"]], names["to"])
            from_ms = _moment(row[names["from"]], names["from"])
        except SettingsError as error:
            raise DataError(f"Line {number}: {error.message}", error.hint) from error
        found.append(NewMarker((row[names["name"]] or "").strip(), from_ms, to_ms))
    return found


def _moment(text: str | None, column: str) -> int:
    if column.strip().lower().endswith("_ms"):
        found = whole_number(text or "")
        if found is None:
            raise SettingsError(f"{text!r} is not a number of milliseconds.")
        return found
    return parse_clock(text or "")


def scenes_of(
    shots: Sequence[Shot], taken: Sequence[bool], names: Sequence[str]
) -> list[NewMarker]:
    """The scenes as they are stored: a shot that is not taken belongs to the one before it.

    What comes before the first that is taken belongs to none.
    """
    scenes: list[NewMarker] = []
    for shot, take, name in zip(shots, taken, names):
        if take:
            called = str(name or "").strip() or f"Scene {len(scenes) + 1}"
            scenes.append(NewMarker(called, shot.from_ms, shot.to_ms))
        elif scenes:
            scenes[-1] = replace(scenes[-1], to_ms=shot.to_ms)
    return scenes
