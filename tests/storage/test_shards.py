import json
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.jobs.summary import Tally
from fer_core.measures import BY_KEY, FACE_MEASURES, READINGS, STORED_COLUMNS
from fer_core.storage import (
    ShardWriter,
    last_state,
    new_id,
    read_frames,
    read_shard,
    read_shards,
    remove_shards,
    to_timeline,
)
from fer_core.storage.ids import LETTERS, check_id
from fer_core.types import Faces, FrameBatch, FrameResult, Measures
from tests.storage.rows import result, rewrite, write


def unknown_face() -> FrameResult:
    """A face that could not be classified, without a pose, and a viewer who is not seen."""
    return FrameResult(
        frame=7,
        t_ms=280,
        viewer=np.array([3, 4], np.int32),
        faces=Faces(
            np.array([[1, 2, 3, 4], [np.nan] * 4], np.float32),
            np.array([0.5, np.nan], np.float32),
            np.full((2, 5, 2), np.nan, np.float32),
        ),
        pose=np.full((2, 3), np.nan, np.float32),
        usable=np.array([False, False]),
        why_not=("small", "unseen"),
        probabilities=np.full((2, 7), np.nan, np.float32),
        measures=Measures({
            key: np.array([np.nan, np.nan if BY_KEY[key].when_away is None else 0], np.float32)
            for key in FACE_MEASURES
        }),
    )  # fmt: skip


def test_rows_have_the_columns_of_the_timeline_in_order() -> None:
    table = to_timeline("s1", [result(0, (0, 1)), result(1)])
    assert table.column_names == list(STORED_COLUMNS)
    assert table["frame"].to_pylist() == [0, 0, 1]
    assert table["viewer"].to_pylist() == [0, 1, 0]
    assert table["emotion"].to_pylist() == ["happy"] * 3
    assert table["confidence"].to_pylist() == pytest.approx([0.7] * 3)
    assert table["h"].to_pylist() == [60.0] * 3


def batch_of(results: list[FrameResult]) -> FrameBatch:
    """The same frames as columns."""
    return FrameBatch(
        frame=np.array([one.frame for one in results], np.int32),
        t_ms=np.array([one.t_ms for one in results], np.int32),
        counts=np.array([len(one) for one in results], np.int32),
        viewer=np.concatenate([one.viewer for one in results]),
        faces=Faces.join([one.faces for one in results]),
        pose=np.concatenate([one.pose for one in results]),
        usable=np.concatenate([one.usable for one in results]),
        why_not=tuple(why for one in results for why in one.why_not),
        probabilities=np.concatenate([one.probabilities for one in results]),
        measures=Measures({
            key: np.concatenate([one.measures[key] for one in results]) for key in FACE_MEASURES
        }),
    )  # fmt: skip


def test_frames_that_came_as_columns_make_the_same_shard(home: Home) -> None:
    results = [result(0), result(1, ()), result(2, (0, 1), usable=False), unknown_face()]
    results[3] = replace(results[3], frame=3, t_ms=120)
    one, other = ShardWriter(home, "s1"), ShardWriter(home, "s2")
    tally, tally_of_batch = Tally(), Tally()
    for each in results:
        one.add(each)
        tally.add(each)
    other.add(batch_of(results))
    tally_of_batch.add_batch(batch_of(results))
    assert len(one) == len(other) == 4
    first, second = one.flush(), other.flush()
    assert first is not None
    assert second is not None
    a, b = read_shard(first, "s1"), read_shard(second, "s2")
    assert a.timeline.drop("session_id").equals(b.timeline.drop("session_id"))
    assert a.frames.drop("session_id").equals(b.frames.drop("session_id"))
    assert a.frames["faces"].to_pylist() == [1, 0, 2, 1]
    assert tally == tally_of_batch


def test_columns_that_do_not_fit_are_refused() -> None:
    whole = batch_of([result(0), result(1)])
    with pytest.raises(ValueError, match="why_not"):
        replace(whole, why_not=("",))
    with pytest.raises(ValueError, match="3 faces counted"):
        replace(whole, counts=np.array([1, 2], np.int32))


def test_what_is_not_known_is_null_and_not_a_number_or_the_first_emotion() -> None:
    rows = to_timeline("s1", [unknown_face()]).to_pylist()
    assert rows[0]["emotion"] is None
    assert rows[0]["confidence"] is None
    assert rows[0]["p_angry"] is None
    assert rows[0]["yaw"] is None
    assert rows[0]["why_not"] == "small"
    assert rows[1]["score"] is None
    assert rows[1]["attention"] == 0.0


def test_raw_readings_are_kept_and_missing_ones_are_null(home: Home) -> None:
    readings = np.arange(2 * len(READINGS), dtype=np.float32).reshape(2, -1) / 100
    readings[1] = np.nan
    writer = ShardWriter(home, "s1")
    writer.add(replace(result(0, (0, 1)), readings=readings))
    writer.add(result(1, (0,)))
    writer.flush()
    rows = read_shards(home, "s1").select(list(READINGS)).to_pylist()
    assert list(rows[0].values()) == pytest.approx(readings[0].tolist())
    assert set(rows[1].values()) == set(rows[2].values()) == {None}


def test_a_shard_carries_frames_without_a_face_and_the_state(home: Home) -> None:
    writer = ShardWriter(home, "s1")
    for frame, viewers in enumerate([(0,), (), (0, 1)]):
        writer.add(result(frame, viewers))
    assert len(writer) == 3
    path = writer.flush({"next": 3})
    assert path is not None
    assert path.name == "000001.parquet"
    assert len(writer) == 0
    assert read_frames(home, "s1")["faces"].to_pylist() == [1, 0, 2]
    assert read_shards(home, "s1").num_rows == 3
    assert last_state(home, "s1") == {"next": 3}
    assert json.loads(pq.read_metadata(path).metadata[b"rapt.state"]) == {"next": 3}


def test_a_shard_of_frames_without_any_face_is_readable(home: Home) -> None:
    writer = ShardWriter(home, "s1")
    writer.add(result(0, ()))
    writer.flush({})
    assert read_shards(home, "s1").num_rows == 0
    assert read_frames(home, "s1").num_rows == 1


def test_flushing_nothing_writes_nothing(home: Home) -> None:
    assert ShardWriter(home, "s1").flush({"a": 1}) is None
    assert not home.shards("s1").exists()


def test_the_viewer_not_seen_is_no_face_of_the_frame(home: Home) -> None:
    writer = ShardWriter(home, "s1")
    writer.add(unknown_face())
    writer.flush({})
    assert read_frames(home, "s1")["faces"].to_pylist() == [1]


def test_numbers_go_on_after_a_restart_and_after_shards_were_removed(home: Home) -> None:
    write(home, "s1", range(10), shards=2)
    assert ShardWriter(home, "s1").number == 2
    remove_shards(home.shards("s1"))
    writer = ShardWriter(home, "s1")
    writer.add(result(10))
    path = writer.flush({})
    assert path is not None
    assert path.name == "000003.parquet"


def test_resuming_skips_a_damaged_last_shard_and_removes_what_was_half_written(home: Home) -> None:
    write(home, "s1", range(30), shards=3)
    folder = home.shards("s1")
    (folder / "000003.parquet").write_bytes(b"PAR1 cut off")
    (folder / "000004.77.part").write_bytes(b"half")
    assert last_state(home, "s1") == {"last": 19}
    assert sorted(p.name for p in folder.iterdir()) == [
        "000001.parquet",
        "000002.parquet",
        "000003.parquet.damaged",
    ]
    assert ShardWriter(home, "s1").number == 3


def test_frames_done_again_from_an_older_state_take_the_place_of_the_first_try(home: Home) -> None:
    write(home, "s1", range(20), shards=2)
    write(home, "s1", range(15, 25))
    assert read_frames(home, "s1")["frame"].to_pylist() == list(range(25))
    assert read_shards(home, "s1")["frame"].to_pylist() == list(range(25))


def test_a_session_without_shards_is_empty_and_has_no_state(home: Home) -> None:
    assert last_state(home, "s1") is None
    assert read_shards(home, "s1").num_rows == 0
    assert read_shards(home, "s1").column_names == list(STORED_COLUMNS)


def test_a_shard_from_before_a_column_existed_is_read_with_nulls(home: Home) -> None:
    write(home, "s1", range(10))
    rewrite(home, "s1", lambda table: table.drop_columns(["roll", "engagement"]))
    rows = read_shards(home, "s1")
    assert rows.column_names == list(STORED_COLUMNS)
    assert rows["frame"].to_pylist() == list(range(10))
    assert rows["roll"].null_count == rows["engagement"].null_count == 10
    assert rows["valence"].null_count == 0
    assert last_state(home, "s1") == {"last": 9}


def test_a_shard_without_what_names_its_rows_is_damaged(home: Home) -> None:
    write(home, "s1", range(10))
    rewrite(home, "s1", lambda table: table.drop_columns(["viewer"]))
    with pytest.raises(StoreError, match=r"000001\.parquet.*damaged.*viewer"):
        read_shards(home, "s1")


def test_a_full_disk_is_told_in_words_and_leaves_no_part(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(table: object, out: object, **_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fer_core.storage.timeline.shards.pq.write_table", full)
    writer = ShardWriter(home, "s1")
    writer.add(result(0))
    with pytest.raises(StoreError, match="No space left"):
        writer.flush({})
    assert list(home.shards("s1").iterdir()) == []
    assert len(writer) == 1


def test_ids_are_unique_sort_by_time_and_differ_in_their_first_eight_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_once = [new_id("session") for _ in range(2000)]
    assert at_once == sorted(set(at_once))
    monkeypatch.setattr("fer_core.storage.ids._last", 0)
    clock = [1_800_000_000.0 + i / 32 for i in range(100)]
    made = []
    for moment in clock:
        monkeypatch.setattr("fer_core.storage.ids.time.time", lambda moment=moment: moment)
        made.append(new_id("session"))
    assert made == sorted(made)
    assert len({name[:8] for name in made}) == 100


@pytest.mark.parametrize("name", ["", "../up", "a/b", "x" * 65, "a.b"])
def test_an_id_that_could_leave_its_folder_is_refused(name: str) -> None:
    with pytest.raises(StoreError, match="is not an id"):
        check_id(name)


def test_kinds_of_ids_begin_differently_and_older_ids_stay_valid() -> None:
    assert len(set(LETTERS.values())) == len(LETTERS)
    assert new_id("label")[0] != new_id("link")[0]
    assert new_id("training_run")[0] != new_id("live_run")[0]
    for older in ("l1k8w3vqx07mz", "r1k8w3vqx07mz", "l0123456789abcdef"):
        assert check_id(older) == older
