"""What may be read, and what is refused, on both sides of the socket."""

from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.storage import Store, open_store
from fer_core.storage.reading import Query
from fer_core.storage.settings import SetSetting
from tests.storage.rows import record

WRITES = [
    "INSERT INTO settings VALUES ('a', '1', now()::TIMESTAMP)",
    "WITH x AS (INSERT INTO settings VALUES ('a', '1', now()::TIMESTAMP) RETURNING *) "
    "SELECT * FROM x",
    "DELETE FROM sessions",
    "DROP TABLE timeline",
    "CREATE TEMP TABLE t AS SELECT 1",
    "SELECT 1; DROP TABLE timeline",
    "COPY sessions TO '{folder}/out.csv'",
    "ATTACH '{folder}/other.duckdb'",
    "SET memory_limit = '1MB'",
    "PRAGMA enable_profiling",
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM '/etc/hostname'",
    "SELECT * FROM glob('/*')",
    "EXPLAIN ANALYZE DELETE FROM sessions",
    "",
]


@pytest.mark.parametrize("through", ["owner", "client"])
def test_sql_that_is_no_plain_read_is_refused(
    home: Home, store: Store, tmp_path: Path, through: str
) -> None:
    with open_store(home) as client:
        side = store if through == "owner" else client
        for sql in WRITES:
            with pytest.raises(StoreError):
                pytest.fail(f"{sql} gave {side.frame(sql.format(folder=tmp_path))}")
    assert store.frame("SELECT * FROM settings").empty
    assert store.sessions.overview().sessions == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home"]


def test_a_query_with_too_many_rows_is_refused_in_words(home: Home, store: Store) -> None:
    with open_store(home) as client, pytest.raises(StoreError, match="more than 1,000 rows"):
        client.select(Query("SELECT * FROM range(5000)", cap=1000))
    assert store.select(Query("SELECT * FROM range(1000)", cap=1000)).num_rows == 1000


def test_a_query_that_never_ends_is_stopped(home: Home, store: Store) -> None:
    with open_store(home) as client, pytest.raises(StoreError, match="stopped after"):
        client.select(
            Query("SELECT count(*) FROM range(10000000000) a, range(1000000) b", seconds=0.3)
        )


def test_parameters_are_bound_and_never_part_of_the_sql(home: Home, store: Store) -> None:
    evil = "x'; DROP TABLE sessions; --"
    store.run(SetSetting(name=evil, value=[1, None, "ü"]))
    with open_store(home) as client:
        assert client.settings.get(evil) == [1, None, "ü"]
    assert store.sessions.overview().sessions == 0


def test_values_from_numpy_and_pandas_are_bound_alike_on_both_sides(
    home: Home, store: Store
) -> None:
    record(home, "s1", 10, viewers=(0, 1))
    store.sync()
    with open_store(home) as client:
        for side in (store, client):
            assert len(side.timeline.rows("s1", viewers=np.array([1]), from_ms=np.int64(40))) == 9
            side.run(SetSetting(name="n", value={"a": np.float32(0.5), "at": Path("/x")}))
            assert side.settings.get("n") == {"a": 0.5, "at": "/x"}
            with pytest.raises(StoreError, match="cannot be sent"):
                side.run(SetSetting(name="n", value=object()))
