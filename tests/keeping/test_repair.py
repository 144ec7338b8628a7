"""``rapt doctor --repair`` and ``--recover``: what is damaged is mended or rebuilt, and said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.keeping.backup import back_up
from fer_core.keeping.forget import forget, plan_session
from fer_core.keeping.recover import recover
from fer_core.keeping.repair import Finding, repair
from fer_core.storage import Store, open_store
from fer_core.storage.lab.models import AddModel
from fer_core.storage.repair.log_sum import log_of
from fer_core.storage.studies import AddStudy
from tests.storage.rows import record

PROJECT = Path(__file__).resolve().parents[2]


def found(findings: list[Finding] | tuple[Finding, ...]) -> dict[str, int]:
    return {one.name: one.found for one in findings if one.found}


def test_a_home_that_is_well_has_nothing_to_mend(home: Home, store: Store) -> None:
    record(home, "s1", 60)
    store.sync()
    before = store.timeline.rows("s1")
    store.close()
    assert found(repair(home)) == {}
    with open_store(home, look_after=False) as again:
        assert again.timeline.rows("s1").equals(before)


def test_tables_that_disagree_are_brought_together(home: Home, store: Store) -> None:
    for session in ("s1", "s2", "s3"):
        record(home, session, 60)
    store.sync()
    query = "SELECT * FROM seconds WHERE session_id = $id ORDER BY second"
    whole = {one: store.frame(query, {"id": one}) for one in ("s1", "s2", "s3")}
    with store.transaction() as cursor:
        for sql in (
            "INSERT INTO timeline SELECT * FROM timeline WHERE session_id = 's1' AND frame < 10",
            "INSERT INTO frames SELECT * FROM frames WHERE session_id = 's1' AND frame < 10",
            "DELETE FROM frames WHERE session_id = 's2' AND frame > 50",
            "DELETE FROM seconds WHERE session_id = 's2'",
            "DELETE FROM sessions WHERE session_id = 's3'",
            "UPDATE sessions SET study_id = 'gone' WHERE session_id = 's2'",
        ):
            cursor.execute(sql)
    shutil.rmtree(home.session("s3"))
    assert not all(check.ok for check in store.checks.integrity())
    store.close()
    mended = found(repair(home))
    assert mended["faces counted twice"] == mended["frames counted twice"] == 10
    assert mended["faces on unknown frames"] == 9
    assert mended["sessions without an entry"] == 1
    with open_store(home, look_after=False) as again:
        assert all(check.ok for check in again.checks.integrity())
        for one, seconds in whole.items():
            assert again.frame(query, {"id": one}).equals(seconds)
        assert again.sessions.get("s3").name == "Recovered s3"
    assert found(repair(home)) == {}


def test_leftovers_go_and_what_is_damaged_is_set_aside(home: Home, store: Store) -> None:
    record(home, "s1", 20)
    store.sync()
    store.close()
    (home.jobs / "j-unknown").mkdir(parents=True)
    (home.root / "sessions" / "s-empty" / "shards").mkdir(parents=True)
    half = home.session("s1") / ".session.abcd.json.part"
    half.write_text("half")
    os.utime(half, (1, 1))
    run = home.runs / "mine"
    run.mkdir(parents=True)
    (run / "last.npz").write_bytes(b"damaged")
    backup = home.backups / "rapt-20260101-000000-abcd.rapt.zip"
    backup.parent.mkdir()
    backup.write_bytes(b"PK damaged")
    mended = found(repair(home))
    assert mended == {
        "folders of unknown jobs": 1, "empty session folders": 1, "half-written files": 1,
        "damaged checkpoints": 1, "backups": 1,
    }  # fmt: skip
    assert (run / "last.damaged").exists()
    assert not half.exists()
    assert not backup.exists()
    assert found(repair(home)) == {}


def test_a_training_goes_on_from_its_best_state(home: Home, store: Store) -> None:
    from fer_core.training.checkpoint import Checkpoint
    from fer_core.training.settings import TrainSettings

    store.close()
    one = (np.ones(3, np.float32),)
    best = home.runs / "mine" / "best.npz"
    Checkpoint(TrainSettings(), 3, 9, 0.1, (), 0.5, 0, one, one, one).save(best)
    last = best.with_name("last.npz")
    last.write_bytes(best.read_bytes()[:-400])
    assert found(repair(home))["damaged checkpoints"] == 1
    assert Checkpoint.load(last).epoch == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permissions_that_were_lost_come_back(home: Home, store: Store) -> None:
    record(home, "s1", 20)
    store.sync()
    store.close()
    home.session("s1").chmod(0)
    assert found(repair(home))["permissions lost"] == 1
    assert (home.session("s1") / "session.json").read_text()


KILLED = """
import os, signal, sys
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.studies import AddStudy
with open_store(Home.find(sys.argv[1]), look_after=False) as store:
    store.sync()
    store.checkpoint()
    for name in ("One", "Two", "Three"):
        store.run(AddStudy(name=name))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_with_changes(home: Home) -> bytes:
    """A home whose last three changes are in the log alone; the log."""
    subprocess.run(
        [sys.executable, "-c", KILLED, str(home.root)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        check=False,
        timeout=60,
    )
    return log_of(home.database).read_bytes()


def test_a_damaged_log_costs_what_comes_after_the_damage(home: Home) -> None:
    record(home, "s1", 60)
    log = killed_with_changes(home)
    content = bytearray(log)
    content[len(log) - 5] ^= 1  # of the last entry: DuckDB would pass over it without a word
    log_of(home.database).write_bytes(content)
    with pytest.raises(StoreError, match="--recover"):
        open_store(home, look_after=False)
    done = recover(home)
    assert done.needed
    assert (home.root / done.set_aside / "rapt.duckdb.wal").read_bytes() == content
    with open_store(home, look_after=False) as store:
        assert {study.name for study in store.studies.list()} >= {"One", "Two"}
        assert len(store.timeline.rows("s1")) == 60
        assert all(check.ok for check in store.checks.integrity())


def destroyed(home: Home) -> None:
    content = bytearray(home.database.read_bytes())
    content[:12288] = bytes(12288)
    home.database.write_bytes(content)


def test_a_store_is_rebuilt_from_shards_alone(home: Home, store: Store) -> None:
    record(home, "s1", 60, name="Clip", study="Spring", respondent="P1")
    record(home, "s2", 40, status="failed")
    store.sync()
    before = {one: store.timeline.rows(one) for one in ("s1", "s2")}
    store.close()
    destroyed(home)
    done = recover(home)
    assert "alone" in done.source
    with open_store(home, look_after=False) as again:
        assert again.sessions.get("s1").study == "Spring"
        for one, rows in before.items():
            assert again.timeline.rows(one).equals(rows)


def test_the_newest_whole_backup_counts_where_the_file_is_gone(home: Home, store: Store) -> None:
    record(home, "s1", 60)
    store.sync()
    store.run(AddStudy(name="In the backup"))
    back_up(store)
    newest = back_up(store)
    newest.write_bytes(newest.read_bytes()[:-50])
    record(home, "s2", 60)
    store.sync()
    store.close()
    destroyed(home)
    done = recover(home)
    assert done.source.startswith("the backup")
    with open_store(home, look_after=False) as again:
        assert [study.name for study in again.studies.list()] == ["In the backup"]
        assert len(again.timeline.rows("s1")) == len(again.timeline.rows("s2")) == 60


def test_what_was_forgotten_stays_forgotten(home: Home, store: Store) -> None:
    record(home, "s1", 60)
    record(home, "s2", 60)
    store.sync()
    old = back_up(store)
    copy = old.read_bytes()
    forget(store, plan_session(store, "s1"))
    old.write_bytes(copy)  # as if it could not be cleaned
    store.close()
    destroyed(home)
    recover(home)
    with open_store(home, look_after=False) as again:
        assert list(again.sessions.list()["session_id"]) == ["s2"]


def test_damaged_blocks_cost_their_rows_and_no_others(home: Home, store: Store) -> None:
    for number in range(3):
        record(home, f"s{number}", 200, viewers=(0, 1, 2))
    store.sync()
    store.run(AddStudy(name="Whole"))
    store.close()
    content = bytearray(home.database.read_bytes())
    for at in range(3 * 4096 + 200, len(content) - 262_144, 262_144):  # a byte of each early block
        content[at] ^= 255
    home.database.write_bytes(content)
    done = recover(home)
    assert done.needed, "it opens, but rows cannot be read"
    with open_store(home, look_after=False) as again:
        assert again.sessions.overview().sessions == 3
        assert all(len(again.timeline.rows(f"s{n}")) for n in range(3)), "shards filled in"


def test_the_command_says_what_it_did(
    home: Home, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    from fer_core.cli.main import main

    store.run(AddModel(model="m", path="p", checksum="c", source="trained"))
    store.close()
    assert main(["doctor", "--repair", "--home", str(home.root)]) == 0
    assert "Nothing needed repair" in capsys.readouterr().out
    destroyed(home)
    assert main(["doctor", "--recover", "--home", str(home.root), "--json"]) == 0
    assert '"needed": true' in capsys.readouterr().out
    assert Path(home.root).joinpath("rapt.duckdb").exists()
