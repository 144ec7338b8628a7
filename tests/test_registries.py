"""What is kept has a row: every table of the store, every file and folder of a home."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import fields
from pathlib import Path

import pytest

from fer_core.home import Home, _Inside
from fer_core.places import PLACES
from fer_core.storage import Store, open_store
from fer_core.storage.tables import BY_NAME, TABLES
from fer_core.types import AnalysisSettings, InfoJson, SettingsJson, VideoInfo

PROJECT = Path(__file__).resolve().parents[1]
#: A name given to a path directly below a home, wherever the program makes one.
_BELOW = re.compile(r"\bhome\.root\s*/\s*f?\"([^\"/]+)\"|_Inside\(\"([^\"/]+)\"\)")


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The columns of every table of a fresh store."""
    with open_store(Home(tmp_path_factory.mktemp("home")), look_after=False) as store:
        return columns_of(store)


def columns_of(store: Store) -> dict[str, set[str]]:
    rows = store.frame("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal")
    found: dict[str, set[str]] = {}
    for table, column in rows.itertuples(index=False):
        found.setdefault(table, set()).add(column)
    return found


def test_every_table_has_a_row(columns: dict[str, set[str]]) -> None:
    assert set(columns) == set(BY_NAME), "fer_core/storage/tables.py needs a row for each table"
    assert len(TABLES) == len(BY_NAME)


def test_a_table_that_knows_sessions_or_studies_goes_with_them(
    columns: dict[str, set[str]],
) -> None:
    stays = {"responses", "deletions"}  # a place stays taken; which sessions are gone is known
    for name, there in columns.items():
        if "session_id" in there and name not in stays:
            assert BY_NAME[name].of_session, f"{name}: its rows stay when their session goes"
        if "viewer" in there:
            assert BY_NAME[name].of_viewer, f"{name}: what becomes of a forgotten viewer?"
        if "study_id" in there and name != "sessions":
            assert BY_NAME[name].of_study, f"{name}: its rows stay when their study goes"


def test_columns_with_paths_are_known(columns: dict[str, set[str]]) -> None:
    for name, there in columns.items():
        assert set(BY_NAME[name].paths) <= there
        missing = {"path", "upload"} & there - set(BY_NAME[name].paths)
        assert not missing, f"{name}: a restore elsewhere leaves {missing} as it was"


def test_a_row_without_a_table_or_a_new_table_without_a_row_is_found(home: Home) -> None:
    with open_store(home, look_after=False) as store, store.transaction() as cursor:
        cursor.execute("CREATE TABLE diary (session_id VARCHAR)")
        names = {row[0] for row in cursor.execute("SHOW TABLES").fetchall()}
    assert names - set(BY_NAME) == {"diary"}


def names_below_home() -> set[str]:
    """Every name that the program gives to something directly below a home."""
    found = set()
    for package in ("fer_core", "dashboard"):
        for path in (PROJECT / package).rglob("*.py"):
            for match in _BELOW.finditer(path.read_text("utf-8")):
                found.add(match[1] or match[2])
    return found


def has_row(name: str) -> bool:
    plain = re.sub(r"\{[^}]*\}", "x", name)
    return any(fnmatch.fnmatch(plain, place.name) for place in PLACES)


def test_every_folder_and_file_of_a_home_has_a_row() -> None:
    found = names_below_home()
    assert {"uploads", "sessions", "data-sets", "tls"} <= found, "the search finds them"
    without = sorted(name for name in found if not has_row(name))
    assert not without, f"fer_core/places.py needs a row for {without}"
    assert not has_row("diary")


def test_what_lies_in_a_home_that_is_used_has_a_row(home: Home) -> None:
    from tests.storage.rows import record

    with open_store(home, look_after=False) as store:
        record(home, "s1", 10)
        store.sync()
        there = [path.name for path in home.root.iterdir()]
    assert "rapt.duckdb" in there
    assert [name for name in there if not has_row(name) and not name.startswith(".")] == []


def test_each_row_says_what_becomes_of_it() -> None:
    assert all(place.forget and place.kept and place.holds for place in PLACES)
    assert all(table.holds and table.kept for table in TABLES)
    assert {name for name, value in vars(Home).items() if isinstance(value, _Inside)}


@pytest.mark.parametrize(
    ("written", "kind"), [(InfoJson, VideoInfo), (SettingsJson, AnalysisSettings)]
)
def test_what_is_read_from_json_has_the_fields_of_what_is_written(
    written: type, kind: type
) -> None:
    assert set(written.__annotations__) == {one.name for one in fields(kind)}
