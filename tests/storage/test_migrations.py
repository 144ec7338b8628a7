import json
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.measures import SECOND_COLUMNS, STORED_COLUMNS
from fer_core.storage import open_store
from fer_core.storage.migrations import MIGRATIONS, Migration
from fer_core.storage.timeline.viewers import EditKind, EditViewer
from tests.storage.rows import record

ADDED = Migration("002-mood", "ALTER TABLE sessions ADD COLUMN mood VARCHAR")


def add_step(monkeypatch: pytest.MonkeyPatch, step: Migration) -> None:
    """Make this program a newer version than the one that made the store."""
    monkeypatch.setattr("fer_core.storage.migrations.MIGRATIONS", (*MIGRATIONS, step))


def older_store(home: Home) -> None:
    """A store of this version, with a session in it."""
    with open_store(home) as store:
        record(home, "s1", 20, name="Old")
        store.sync()


def copies(home: Home) -> list[Path]:
    return sorted(home.root.glob("rapt.before-*.duckdb"))


def test_a_fresh_store_has_every_step_and_no_copy(home: Home) -> None:
    with open_store(home) as store:
        names = store.frame("SELECT name FROM migrations")["name"].tolist()
    assert names == [step.name for step in MIGRATIONS]
    assert copies(home) == []


def test_the_tables_that_were_promised_are_there(home: Home) -> None:
    with open_store(home) as store:
        tables = set(store.frame("SELECT table_name AS t FROM duckdb_tables()")["t"])
    assert tables >= {
        "studies", "stimuli", "sessions", "frames", "timeline", "markers", "jobs", "models",
        "training_runs", "epochs", "evaluations", "predictions", "labels", "settings", "ingested",
    }  # fmt: skip


def test_an_older_store_is_copied_aside_and_brought_forward(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    older_store(home)
    add_step(monkeypatch, ADDED)
    with open_store(home) as store:
        assert store.database.copied_aside == copies(home)[0]
        assert store.frame("SELECT mood, name FROM sessions")["name"].tolist() == ["Old"]
        assert len(store.timeline.rows("s1")) == 20
    with duckdb.connect(str(copies(home)[0]), read_only=True) as old:
        assert old.execute("SELECT count(*) FROM timeline").fetchall() == [(20,)]
        assert "mood" not in [row[0] for row in old.execute("DESCRIBE sessions").fetchall()]
    assert stat.S_IMODE(copies(home)[0].stat().st_mode) == 0o600
    with open_store(home) as store:
        assert store.database.copied_aside is None
    assert len(copies(home)) == 1


def test_the_copy_holds_what_only_the_log_held(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store whose owner was killed has committed rows in its log alone."""
    older_store(home)
    connection = duckdb.connect(str(home.database))
    connection.execute("SET checkpoint_threshold = '1GB'")
    connection.execute("UPDATE sessions SET name = 'In the log'")
    log = home.database.with_name("rapt.duckdb.wal")
    kept = log.read_bytes()
    database = home.database.read_bytes()
    connection.close()
    home.database.write_bytes(database)
    log.write_bytes(kept)
    add_step(monkeypatch, ADDED)
    with open_store(home) as store:
        assert store.sessions.get("s1").name == "In the log"
    with duckdb.connect(str(copies(home)[0]), read_only=True) as old:
        assert old.execute("SELECT name FROM sessions").fetchall() == [("In the log",)]


def test_a_step_that_fails_changes_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    older_store(home)
    with monkeypatch.context() as patch:
        add_step(patch, Migration("002-bad", f"{ADDED.sql}; SELECT * FROM nowhere"))
        with pytest.raises(StoreError, match="could not be brought to this version"):
            open_store(home)
    with open_store(home) as store:
        assert "mood" not in store.frame("SELECT * FROM sessions")
        assert len(store.timeline.rows("s1")) == 20


def test_a_newer_store_is_refused_in_words_and_left_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        add_step(patch, ADDED)
        older_store(home)
    before = home.database.read_bytes()
    with pytest.raises(StoreError, match=r"newer version of Rapt.*002-mood.*Update Rapt"):
        open_store(home)
    assert home.database.read_bytes() == before
    assert copies(home) == []
    add_step(monkeypatch, ADDED)
    with open_store(home) as store:
        assert store.sessions.exists("s1")


def test_a_file_that_is_no_store_is_refused_in_words(home: Home) -> None:
    home.root.mkdir()
    home.database.write_text("not a database, but long enough to look at " * 200)
    with pytest.raises(StoreError, match=r"rapt\.duckdb"):
        open_store(home)
    assert home.database.read_text().startswith("not a database")


#: SHA-256 of the steps that stores out there have had; comments and white space aside.
RELEASED = {
    "001-first-tables": "0d374bebf0f638c1ebd472f90e5690fcb1d2780cbb44a92a52e723821f99840d",
    "002-respondents": "d624dca8f745036648288bb9055f579ddbb3d4d771d633e31e3bf524edfda1ea",
}


def test_released_steps_never_change_not_even_with_the_timelines_columns() -> None:
    """In a process of its own, whose timeline has a column more before anything is loaded."""
    program = (
        "import hashlib, json, fer_core.measures\n"
        "fer_core.measures.TIMELINE_COLUMNS['blinks'] = 'FLOAT'\n"
        "from fer_core.storage.migrations import MIGRATIONS\n"
        "def digest(sql):\n"
        "    lines = [line for line in sql.splitlines() if not line.startswith('--')]\n"
        "    return hashlib.sha256(' '.join(' '.join(lines).split()).encode()).hexdigest()\n"
        "print(json.dumps({step.name: digest(step.sql) for step in MIGRATIONS}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    found = json.loads(done.stdout)
    assert {name: found.get(name) for name in RELEASED} == RELEASED
    assert list(found) == sorted(found)


def test_timeline_and_seconds_have_the_columns_of_the_program(home: Home) -> None:
    """A column that is added to the timeline needs a step that adds it to the table."""
    with open_store(home) as store:
        table = store.frame("SELECT column_name AS c, data_type AS t FROM duckdb_columns() "
                            "WHERE table_name = 'timeline' ORDER BY column_index")  # fmt: skip
        seconds = store.frame("SELECT column_name AS c FROM duckdb_columns() "
                              "WHERE table_name = 'seconds' ORDER BY column_index")  # fmt: skip
    assert dict(zip(table["c"], table["t"])) == STORED_COLUMNS
    assert tuple(seconds["c"]) == SECOND_COLUMNS


def test_an_older_stores_seconds_become_means_with_a_persons_edits(home: Home) -> None:
    """Step 003 makes of an older store what this version would have made of the recordings."""
    with open_store(home) as store:
        record(home, "s1", 60, name="Old", viewers=(0, 1, 2), offset_ms=700)
        record(home, "s2", 60, name="Older")
        store.sync()
        store.run(EditViewer(session_id="s1", kind=EditKind.MERGE, viewer=2, into_viewer=1))
        store.run(
            EditViewer(session_id="s1", kind=EditKind.EXCLUDE, viewer=0, from_ms=400, to_ms=900)
        )
        wanted = store.timeline.seconds(["s1", "s2"])
    with duckdb.connect(str(home.database)) as old:
        old.execute("UPDATE seconds SET p_happy = 0.09, p_neutral = 0.02, emotion = 'sad'")
        old.execute("UPDATE seconds SET confidence = 0.09, activation = 0, expressiveness = 0")
        old.execute("DELETE FROM migrations WHERE name = '003-means-of-probabilities'")
    with open_store(home) as store:
        pd.testing.assert_frame_equal(store.timeline.seconds(["s1", "s2"]), wanted)
