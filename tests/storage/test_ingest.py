import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from fer_core.home import Home
from fer_core.storage import ShardWriter, Store, open_store
from fer_core.storage.sessions import DeleteSession, RenameSession
from fer_core.storage.timeline import ingest
from fer_core.storage.timeline.ingest import Ingester
from tests.storage.rows import record, result, rewrite, say, write

Script = Callable[[str], "subprocess.Popen[str]"]


def frames_of(store: Store, session_id: str = "s1") -> list[int]:
    return store.timeline.frames(session_id)["frame"].tolist()


def test_a_finished_session_is_taken_whole(home: Home, store: Store) -> None:
    record(home, "s1", 100, name="Clip", summary={"quality": 0.93, "frames_lost": 4}, study="Ad")
    store.sync()
    row = store.sessions.get("s1")
    assert row.status == "done"
    assert row.name == "Clip"
    assert row.frames == 100
    assert row.viewers == 1
    assert row.quality == 0.93
    assert row.frames_lost == 4
    assert row.study == "Ad"
    assert row.width == 640
    assert row.engagement == pytest.approx(60)
    assert frames_of(store) == list(range(100))
    assert len(store.timeline.rows("s1")) == 100


def test_each_shard_is_taken_once_however_often_it_is_offered(home: Home, store: Store) -> None:
    record(home, "s1", 40)
    for _ in range(3):
        store.sync()
        Ingester(store.database, home).step()  # one that remembers nothing, as after a restart
    assert frames_of(store) == list(range(40))
    assert len(store.frame("SELECT * FROM ingested")) == 2


def test_a_running_session_grows_shard_by_shard(home: Home, store: Store) -> None:
    say(home, "s1")
    write(home, "s1", range(50))
    store.sync()
    assert store.sessions.get("s1").status == "running"
    assert store.sessions.get("s1").duration_s == pytest.approx(1.96)
    write(home, "s1", range(50, 100))
    store.sync()
    assert frames_of(store) == list(range(100))
    assert len(store.timeline.seconds("s1")) == 4


@pytest.mark.parametrize("kill_at", [1, 4, 7])
def test_an_ingester_killed_half_way_loses_nothing_and_doubles_nothing(
    home: Home, script: Script, kill_at: int
) -> None:
    record(home, "s1", 100, shards=4, viewers=(0, 1))
    process = script(
        "from fer_core.storage.timeline import ingest\n"
        "from fer_core.storage.database import Writer\n"
        "ingest._AT_ONCE = 1\n"
        "real, calls = Writer.insert_arrow, []\n"
        "def insert(self, table, rows):\n"
        "    real(self, table, rows)\n"
        "    calls.append(table)\n"
        f"    if len(calls) == {kill_at}:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "Writer.insert_arrow = insert\n"
        "open_store(home, look_after=False).sync()\n"
    )
    assert process.wait(30) == -signal.SIGKILL
    with open_store(home, look_after=False) as store:
        assert len(store.frame("SELECT * FROM ingested")) == (kill_at - 1) // 2
        store.sync()
        assert frames_of(store) == list(range(100))
        assert len(store.timeline.rows("s1")) == 200
        assert store.sessions.get("s1").status == "done"
        assert all(check.ok for check in store.checks.integrity())


def test_a_damaged_shard_is_set_aside_with_its_reason(home: Home, store: Store) -> None:
    record(home, "s1", 60, shards=3)
    path = home.shards("s1") / "000002.parquet"
    path.write_bytes(path.read_bytes()[:-40])
    step = store.ingester.step()
    assert step.shards == 2
    assert "000002" in step.problems[0]
    assert frames_of(store) == [*range(20), *range(40, 60)]
    problems = store.sessions.shard_problems("s1")
    assert problems["shard"].tolist() == [2]
    assert "damaged" in problems["problem"].iloc[0]
    assert not path.exists()
    assert path.with_name("000002.parquet.damaged").exists()
    assert not store.ingester.step().problems
    assert not next(c for c in store.checks.integrity() if c.name == "shards readable").ok


def test_a_shard_from_before_a_column_existed_is_taken(home: Home, store: Store) -> None:
    record(home, "s1", 30, shards=1)
    rewrite(home, "s1", lambda table: table.drop_columns(["activation", "why_not"]))
    step = store.ingester.step()
    assert (step.shards, step.problems) == (1, [])
    assert store.timeline.rows("s1")["activation"].isna().all()
    assert store.sessions.get("s1").engagement == pytest.approx(60)
    assert store.timeline.seconds("s1")["activation"].isna().all()


def test_a_shard_of_another_session_is_refused(home: Home, store: Store) -> None:
    record(home, "s1", 10, shards=1)
    say(home, "s2", status="done")
    home.shards("s2").mkdir()
    stray = home.shards("s2") / "000001.parquet"
    stray.write_bytes((home.shards("s1") / "000001.parquet").read_bytes())
    assert any("another session" in problem for problem in store.ingester.step().problems)
    assert frames_of(store, "s2") == []
    assert frames_of(store, "s1") == list(range(10))


def test_a_session_file_that_is_no_json_stops_no_other_session(home: Home, store: Store) -> None:
    record(home, "s1", 10)
    broken = home.session("s0")
    broken.mkdir(parents=True)
    (broken / "session.json").write_text("{")
    assert len(store.ingester.step().problems) == 1
    assert frames_of(store) == list(range(10))


def test_a_failed_session_that_is_resumed_continues(home: Home, store: Store) -> None:
    record(home, "s1", 50, status="failed", error="the process died")
    store.sync()
    assert store.sessions.get("s1").error == "the process died"
    write(home, "s1", range(50, 80))
    say(home, "s1", status="done")
    store.sync()
    row = store.sessions.get("s1")
    assert (row.status, row.error, row.frames) == ("done", None, 80)


def test_rows_done_again_from_an_older_state_replace_the_first_ones(
    home: Home, store: Store
) -> None:
    record(home, "s1", 50, status="failed", viewers=(0, 1))
    store.sync()
    write(home, "s1", range(25, 60))
    store.sync()
    assert frames_of(store) == list(range(60))
    assert len(store.timeline.rows("s1")) == 25 * 2 + 35
    assert all(check.ok for check in store.checks.integrity())


def test_shards_of_done_sessions_are_removed_later_and_those_of_failed_ones_stay(
    home: Home, store: Store
) -> None:
    record(home, "s1", 10)
    record(home, "s2", 10, status="failed")
    store.sync()
    assert len(list(home.shards("s1").glob("*.parquet"))) == 2
    Ingester(store.database, home, kept_s=0).step()
    assert list(home.shards("s1").glob("*.parquet")) == []
    assert len(list(home.shards("s2").glob("*.parquet"))) == 2
    assert frames_of(store, "s1") == list(range(10))


def test_a_session_deleted_while_a_worker_still_writes_stays_deleted(
    home: Home, store: Store
) -> None:
    record(home, "s1", 10, status="running")
    store.sync()
    store.run(DeleteSession(session_id="s1"))
    write(home, "s1", range(10, 20))
    say(home, "s1", status="done")
    store.sync()
    assert not store.sessions.exists("s1")
    assert not home.session("s1").exists()
    assert store.sessions.overview().sessions == 0


def test_an_idle_look_opens_no_file_and_asks_nothing_of_the_store(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs twice a second, over thousands of sessions."""
    old = time.time() - 60
    for number in range(20):
        folder = home.session(f"s{number:04d}")
        folder.mkdir(parents=True)
        os.utime(folder, (old, old))
    store.ingester.step()
    ingest = "fer_core.storage.timeline.ingest"
    monkeypatch.setattr(f"{ingest}.read_reported", lambda path: pytest.fail(str(path)))
    monkeypatch.setattr(f"{ingest}.shards.shard_files", lambda path: pytest.fail(str(path)))
    for work in ("select", "transaction"):
        monkeypatch.setattr(store.database, work, lambda *_: pytest.fail("the store was asked"))
    assert not store.ingester.step()


def test_a_restart_opens_no_file_of_sessions_that_are_settled(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(home, "s1", 10)
    store.sync()
    Ingester(store.database, home, kept_s=0).step()
    reader = "fer_core.storage.timeline.ingest.read_reported"
    monkeypatch.setattr(reader, lambda path: pytest.fail(str(path)))
    assert not Ingester(store.database, home).step()


def test_a_running_session_waits_its_turn_but_not_when_it_is_over(home: Home, store: Store) -> None:
    say(home, "s1")
    write(home, "s1", range(10))
    assert store.ingester.step(at_once=False).shards == 1
    write(home, "s1", range(10, 20))
    assert store.ingester.step(at_once=False).shards == 0
    assert store.ingester.step().shards == 1


def test_a_long_session_waits_longer_for_its_turn(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = time.monotonic()
    monkeypatch.setattr("fer_core.storage.timeline.ingest.time.monotonic", lambda: clock)
    for name, t_ms in (("short", 0), ("long", 3_600_000)):
        say(home, name)
        writer = ShardWriter(home, name)
        for frame in range(2):
            writer.add(result(frame, t_ms=t_ms + frame))
            writer.flush()
            store.ingester.step(at_once=False)
            clock += 3
    assert len(store.timeline.frames("short")) == 2
    assert len(store.timeline.frames("long")) == 1
    store.sync()
    assert len(store.timeline.frames("long")) == 2


def test_a_clock_set_back_by_an_hour_keeps_no_shard_out(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(home, "s1")
    writer = ShardWriter(home, "s1")
    wall, monotonic = time.time_ns(), time.monotonic()
    monkeypatch.setattr("fer_core.storage.timeline.ingest.time.time_ns", lambda: wall)
    monkeypatch.setattr("fer_core.storage.timeline.ingest.time.monotonic", lambda: monotonic)
    for frame in range(2):
        writer.add(result(frame, t_ms=frame))
        writer.flush()
        store.ingester.step(at_once=False)
        wall -= 3_600_000_000_000
        monotonic += 3
    assert len(store.timeline.frames("s1")) == 2


def test_a_look_leaves_running_sessions_to_the_next_and_none_is_passed_over(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With hundreds of them running, commands come first; what has ended is taken as it comes."""
    monkeypatch.setattr(ingest, "LOOK_S", 0.0)
    monkeypatch.setattr(ingest, "REST", 0)
    monkeypatch.setattr(ingest, "RUNNING_EVERY_S", 0.0)
    ingester = Ingester(store.database, home)
    for name in ("a", "b", "c"):
        say(home, name)
        write(home, name, range(25))
    record(home, "done", 25)
    taken = [ingester.step(at_once=False).sessions for _ in range(3)]
    assert taken == [["a", "done"], ["b"], ["c"]]
    for name in ("a", "b", "c"):
        write(home, name, range(25, 50))
    taken = [ingester.step(at_once=False).sessions for _ in range(3)]
    assert taken == [["a"], ["b"], ["c"]], "whoever has waited longest"
    write(home, "a", range(50, 75))
    write(home, "b", range(50, 75))
    assert ingester.step().sessions == ["a", "b"], "whoever asks for all gets all"


def test_after_a_look_that_left_some_answers_have_the_machine(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "LOOK_S", 0.0)
    monkeypatch.setattr(ingest, "REST", 1_000_000)
    ingester = Ingester(store.database, home)
    for name in ("a", "b"):
        say(home, name)
        write(home, name, range(25))
    looks = [ingester.step(at_once=False).sessions for _ in range(3)]
    assert looks == [["a"], ["b"], []], "none was left that had waited before"
    monkeypatch.setattr(ingest, "RUNNING_EVERY_S", 0.0)
    for turn in (25, 50):
        for name in ("a", "b"):
            write(home, name, range(turn, turn + 25))
            ingester._next_turn[name] = 0.0
        if turn == 25:
            assert ingester.step(at_once=False).sessions == ["a"]
    assert ingester.step(at_once=False).sessions == [], "it rests"
    assert ingester.step().sessions == ["a", "b"], "whoever asks for all waits for no rest"


def test_time_of_creation_is_kept_as_utc(home: Home, store: Store) -> None:
    record(home, "s1", 5, created="2026-03-01T12:00:00+02:00")
    record(home, "s2", 5, created=0)
    store.sync()
    assert str(store.sessions.get("s1").created) == "2026-03-01 10:00:00"
    assert str(store.sessions.get("s2").created) == "1970-01-01 00:00:00"


def test_what_a_person_changed_is_not_undone_by_the_analysis(home: Home, store: Store) -> None:
    record(home, "s1", 5, status="running", name="first")
    store.sync()
    store.run(RenameSession(session_id="s1", name="mine"))
    say(home, "s1", name="first", status="done", note_of_the_worker=1)
    store.sync()
    row = store.sessions.get("s1")
    assert (row.name, row.status) == ("mine", "done")
    assert row.extra == {"note_of_the_worker": 1}


def test_frames_with_no_face_at_all_still_make_a_session(home: Home, store: Store) -> None:
    say(home, "s1", status="done")
    writer = ShardWriter(home, "s1")
    for frame in range(30):
        writer.add(result(frame, ()))
    writer.flush({})
    store.sync()
    row = store.sessions.get("s1")
    assert (row.frames, row.faces, row.viewers, row.quality) == (30, 0, 0, 0.0)
    assert row.engagement is None
