"""A store whose files are damaged: it is said, in words that are true."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Callable

import pytest

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.repair.log_sum import log_of

KILLED = """
from fer_core.storage.studies import AddStudy
with open_store(home, look_after=False) as store:
    store.checkpoint()
    for name in ("One", "Two", "Three"):
        store.run(AddStudy(name=name))
    print("kept", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
Script = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def killed(home: Home, script: Script) -> Home:
    """A home whose last three changes are in the store's log alone."""
    process = script(KILLED)
    assert process.wait(timeout=60) == -signal.SIGKILL
    assert log_of(home.database).stat().st_size > 100
    return home


def test_a_log_that_is_whole_brings_every_change_back(killed: Home) -> None:
    with open_store(killed, look_after=False) as store:
        assert {study.name for study in store.studies.list()} == {"One", "Two", "Three"}


@pytest.mark.parametrize("damage", ["head zeroed", "head flipped", "middle flipped"])
def test_a_damaged_log_is_told_and_not_passed_over(killed: Home, damage: str) -> None:
    log = log_of(killed.database)
    content = bytearray(log.read_bytes())
    if damage == "head zeroed":
        content[:64] = bytes(64)
    else:
        content[0 if damage == "head flipped" else len(content) // 2] ^= 1
    log.write_bytes(content)
    with pytest.raises(StoreError) as told:
        open_store(killed, look_after=False)
    assert "log" in str(told.value) or "WAL" in str(told.value)
    assert "older copy" not in told.value.hint, "none is there"
    assert log.read_bytes() == content, "nothing was changed"
    # what the words say is true
    log.rename(log.with_name("elsewhere"))
    with open_store(killed, look_after=False) as store:
        assert store.studies.list() == []


def test_a_damaged_database_is_not_called_open_elsewhere(killed: Home) -> None:
    with open_store(killed, look_after=False):
        pass
    content = bytearray(killed.database.read_bytes())
    content[4096 + 20_000 : 4096 + 20_400] = bytes(400)
    content[20:60] = bytes(40)
    killed.database.write_bytes(content)
    shutil.copy(killed.database, killed.root / "rapt.before-002.x.duckdb")
    with pytest.raises(StoreError) as told:
        open_store(killed, look_after=False)
    assert "Another program" not in str(told.value)
    assert "rapt.before-002.x.duckdb" in told.value.hint
