"""Owner and clients: real processes, real sockets."""

import os
import signal
import socket
import stat
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.storage import Store, open_store
from fer_core.storage.markers import AddMarkers
from fer_core.storage.sessions import RenameSession
from fer_core.storage.settings import SetSetting
from fer_core.storage.sharing import wire
from fer_core.storage.sharing.ownership import OwnerLock, find_socket
from fer_core.storage.studies import AddStudy
from tests.storage.rows import record
from tests.waiting import until

Script = Callable[[str], "subprocess.Popen[str]"]

OWN = (
    "store = open_store(home)\nprint('own', store.is_owner)\nsys.stdin.readline()\nstore.close()\n"
)


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_first_process_owns_the_store_and_the_second_reads_and_orders(
    home: Home, script: Script
) -> None:
    owner = script(OWN)
    assert line(owner) == "own True"
    record(home, "s1", 50, name="Clip")
    with open_store(home) as store:
        assert not store.is_owner
        store.sync()
        assert store.sessions.get("s1").name == "Clip"
        store.run(RenameSession(session_id="s1", name="Other"))
        assert store.sessions.get("s1").name == "Other"
        assert len(store.timeline.rows("s1")) == 50
        with pytest.raises(StoreError, match="owns the store"), store.transaction():
            pass
    owner.communicate("\n")
    assert owner.returncode == 0


def test_the_owner_takes_new_shards_by_itself(home: Home) -> None:
    with open_store(home) as store:
        record(home, "s1", 10)
        until(lambda: store.sessions.exists("s1"))
        assert store.sessions.get("s1").frames == 10


def test_owner_and_client_answer_alike(home: Home, store: Store) -> None:
    record(home, "s1", 50, viewers=(0, 1), study="Ad", tags=["a"])
    store.sync()
    with open_store(home) as client:
        assert not client.is_owner
        assert client.sessions.overview() == store.sessions.overview()
        assert client.sessions.get("s1") == store.sessions.get("s1")
        assert client.timeline.rows("s1").equals(store.timeline.rows("s1"))
        assert client.timeline.seconds("s1").dtypes.equals(store.timeline.seconds("s1").dtypes)
        assert client.sessions.list().equals(store.sessions.list())


def test_the_stamp_changes_with_the_store_and_with_nothing_else(home: Home, store: Store) -> None:
    before = store.stamp
    assert before
    store.sessions.list()
    with pytest.raises(StoreError):
        store.run(AddMarkers(stimulus_id="nowhere", markers=[]))
    assert store.stamp == before
    store.run(SetSetting(name="a", value=1))
    assert store.stamp != before
    with open_store(home) as client:
        assert client.stamp is None, "another process changes the store, and does not say when"


def test_processes_that_start_at_once_all_work_and_one_owns(home: Home, script: Script) -> None:
    code = (
        "from fer_core.storage.studies import AddStudy\n"
        "with open_store(home) as store:\n"
        "    for i in range(5):\n"
        "        store.run(AddStudy(name=f'{os.getpid()}-{i}'))\n"
        "        assert len(store.studies.list()) > i\n"
        "    print(store.is_owner, flush=True)\n"
    )
    processes = [script(code) for _ in range(3)]
    answers = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0] * 3
    assert set(answers) <= {"True", "False"}
    with open_store(home) as store:
        assert len(store.studies.list()) == 15
        assert len({study.name for study in store.studies.list()}) == 15


def test_a_client_becomes_the_owner_when_the_owner_is_killed(home: Home, script: Script) -> None:
    owner = script(OWN)
    assert line(owner) == "own True"
    with open_store(home) as store:
        assert not store.is_owner
        store.run(AddStudy(name="kept"))
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        assert [study.name for study in store.studies.list()] == ["kept"]
        assert store.is_owner


def test_a_server_that_came_second_takes_over_by_itself(home: Home) -> None:
    first = open_store(home)
    with open_store(home, take_over=True) as second:
        assert not second.is_owner
        first.close()
        until(lambda: second.is_owner)


def test_an_order_left_for_an_owner_that_was_killed_is_carried_out_once(
    home: Home, script: Script
) -> None:
    """The owner dies after it has kept the order's effect and before it can say so."""
    owner = script(
        "from fer_core.storage.sharing import inbox, owner\n"
        "def take(database, home):\n"
        "    for path in sorted(home.inbox.glob('*.json')):\n"
        "        value = inbox.read_json(path)\n"
        "        inbox.carry_out(database, home, value['kind'], value['payload'],\n"
        "                         value['order_id'])\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "owner.take_inbox = take\n" + OWN
    )
    assert line(owner) == "own True"
    with open_store(home) as store:
        study = store.run(AddStudy(name="once"))
        assert owner.wait(10) == -signal.SIGKILL
        assert store.is_owner
        assert [study.study_id for study in store.studies.list()] == [study]
        assert list(home.inbox.glob("*.json")) == []


def test_the_socket_is_for_this_user_alone(home: Home, store: Store) -> None:
    mode = home.owner_socket.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE(home.database.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700


def test_a_deep_home_puts_its_socket_into_a_short_private_folder(tmp_path: Path) -> None:
    home = Home(tmp_path / ("deep" * 30) / "home")
    with open_store(home, look_after=False) as store:
        path = find_socket(home)
        assert path != home.owner_socket
        assert len(os.fsencode(path)) < 100
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with open_store(home) as client:
            assert not client.is_owner
            client.run(AddStudy(name="deep"))
        assert [study.name for study in store.studies.list()] == ["deep"]
    assert not path.parent.exists()


def test_a_stale_socket_of_a_killed_owner_is_replaced(home: Home, script: Script) -> None:
    owner = script(OWN)
    assert line(owner) == "own True"
    owner.kill()
    owner.wait()
    assert home.owner_socket.exists()
    with open_store(home) as store, open_store(home) as client:
        assert store.is_owner
        assert client.sessions.overview().sessions == 0


def test_a_dying_process_that_still_holds_the_database_is_waited_for(
    home: Home, script: Script
) -> None:
    holder = script(
        "import duckdb\nhome.root.mkdir(parents=True)\n"
        "c = duckdb.connect(str(home.database))\nprint('held')\ntime.sleep(0.5)\n"
    )
    assert line(holder) == "held"
    with open_store(home) as store:
        assert store.is_owner


def test_an_owner_that_never_answers_is_told_with_its_process(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fer_core.storage.store._PATIENCE_S", 0.3)
    lock = OwnerLock.take(home)
    assert lock is not None
    with pytest.raises(StoreError, match=f"Process {os.getpid()} holds the store"):
        open_store(home)
    lock.release()


def test_a_forked_child_does_not_keep_the_lock(home: Home) -> None:
    lock = OwnerLock.take(home)
    assert lock is not None
    reader, writer = os.pipe()
    runs, says = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writer)
        os.write(says, b"x")
        os.read(reader, 1)  # until the parent closes its end
        os._exit(0)
    os.close(reader)
    os.read(runs, 1)  # the child runs, and has done what a fork does
    lock.release()
    again = OwnerLock.take(home)
    os.close(writer)
    os.waitpid(child, 0)
    assert again is not None
    again.release()


def test_noise_on_the_socket_disturbs_nobody(home: Home, store: Store) -> None:
    for noise in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 4096):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.connect(str(home.owner_socket))
            link.sendall(noise)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.connect(str(home.owner_socket))
        wire.send(link, {"do": "rm"})
        answer, _ = wire.receive(link)
        assert not answer["ok"]
    with open_store(home) as client:
        assert client.sessions.overview().sessions == 0


def test_many_threads_read_and_write_at_once(home: Home, store: Store) -> None:
    record(home, "s1", 50)
    store.sync()
    wrong: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with open_store(home) as mine:
                for i in range(8):
                    side = mine if i % 2 else store
                    side.run(SetSetting(name=f"n{number}", value=i))
                    assert len(side.timeline.rows("s1")) == 50
                    assert side.settings.get(f"n{number}") == i
        except BaseException as e:  # noqa: BLE001 - shown by the assert below
            wrong.append(e)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_closing_ends_the_threads_and_frees_the_store(home: Home) -> None:
    before = threading.active_count()
    for _ in range(3):
        with open_store(home) as store:
            store.sessions.overview()
    until(lambda: threading.active_count() <= before)
    assert not home.owner_socket.exists()
    with pytest.raises(StoreError, match="closed"):
        store.sessions.overview()


def test_a_home_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used"):
        open_store(Home(tmp_path / "file" / "home"))


def test_a_change_that_fails_half_way_leaves_nothing(store: Store) -> None:
    def twice() -> None:
        with store.transaction() as cursor:
            for _ in range(2):
                cursor.execute("INSERT INTO settings VALUES ('a', '1', now()::TIMESTAMP)")

    with pytest.raises(StoreError, match="could not keep a change"):
        twice()
    assert store.frame("SELECT * FROM settings").empty
    store.run(SetSetting(name="a", value=3))
    assert store.settings.get("a") == 3


def test_a_backup_is_a_whole_store(home: Home, store: Store, tmp_path: Path) -> None:
    record(home, "s1", 50)
    store.sync()
    with open_store(home) as client:
        client.backup(tmp_path / "copy.duckdb")
    other = Home(tmp_path / "other")
    other.root.mkdir()
    (tmp_path / "copy.duckdb").rename(other.database)
    with open_store(other) as restored:
        assert len(restored.timeline.rows("s1")) == 50


def test_a_home_that_others_could_read_is_tightened_when_it_is_opened(home: Home) -> None:
    for name in (
        "uploads/ab/x.mp4",
        "sessions/s1/session.json",
        "rapt.duckdb.wal",
        "mine/notes.txt",
    ):
        path = home.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        path.chmod(0o644)
        path.parent.chmod(0o755)
    outside = home.root.parent / "outside"
    outside.mkdir()
    outside.chmod(0o755)
    (home.uploads / "link").symlink_to(outside)
    (home.root / "rapt.duckdb.wal").unlink()
    with open_store(home):
        pass
    for name in ("", "uploads", "uploads/ab", "uploads/ab/x.mp4", "sessions/s1/session.json"):
        assert not stat.S_IMODE((home.root / name).stat().st_mode) & 0o077, name
    assert stat.S_IMODE(outside.stat().st_mode) == 0o755, "no link is followed"
    assert stat.S_IMODE((home.root / "mine/notes.txt").stat().st_mode) == 0o644, "not ours"
