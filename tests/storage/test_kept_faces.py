"""Faces kept for review: which ones, where, and how they go."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.storage import ShardWriter, open_store
from fer_core.storage.lab.labels import AddLabel
from fer_core.storage.sessions import DeleteSession, ForgetFaces
from fer_core.storage.timeline.kept_faces import (
    chunk_files,
    faces_folder,
    forget,
    held_out,
    item_of,
    kept_stamp,
    read_kept,
)
from tests.storage.kept import seen, write
from tests.storage.rows import record, result


def test_of_each_viewer_and_second_the_least_certain_usable_face_is_kept(home: Home) -> None:
    write(
        home,
        [
            seen(0, 0.9, 0.5, viewers=(0, 4)),
            seen(5, 0.4, 0.6, viewers=(0, 4)),
            seen(6, 0.2, usable=False),
            seen(30, 0.8),
        ],
    )
    kept = read_kept(home, "s1")
    assert list(zip(kept.frame, kept.viewer)) == [(0, 4), (5, 0), (30, 0)]
    assert kept.confidence.tolist() == pytest.approx([0.5, 0.4, 0.8])
    assert kept.crops.shape == (3, 16, 16)
    assert kept.crops[:, 0, 0].tolist() == [0, 5, 30]


def test_nothing_is_written_unless_the_frames_come_with_pictures(home: Home) -> None:
    write(home, [result(0), result(1)])
    assert not faces_folder(home, "s1").exists()
    assert len(read_kept(home, "s1")) == 0


def test_a_second_in_two_shards_has_one_face_and_work_done_again_takes_the_place(
    home: Home,
) -> None:
    write(home, [seen(0, 0.9), seen(10, 0.7)], [seen(20, 0.6), seen(40, 0.3)])
    assert read_kept(home, "s1").frame.tolist() == [20, 40]
    write(home, [seen(11, 0.65), seen(30, 0.5)])  # went back to the state after frame 10
    assert read_kept(home, "s1").frame.tolist() == [11, 30]
    write(home, [seen(0, 0.9, viewers=(), usable=False)])  # begun anew, and nobody seen
    assert len(read_kept(home, "s1")) == 0


def test_a_chunk_whose_shard_was_never_written_is_written_again(home: Home) -> None:
    writer = ShardWriter(home, "s1")
    writer.add(seen(0, 0.5))
    writer._faces.write(1)  # killed right after it
    assert list(chunk_files(home, "s1")) == [1]
    write(home, [seen(0, 0.5), seen(1, 0.6)])
    assert list(chunk_files(home, "s1")) == [1]
    assert read_kept(home, "s1").frame.tolist() == [0]


def test_what_was_forgotten_is_gone_and_is_not_kept_again(home: Home) -> None:
    write(home, [seen(0, 0.5)])
    before = kept_stamp(home, "s1")
    forget(home, "s1")
    assert kept_stamp(home, "s1") != before
    write(home, [seen(40, 0.5)])
    assert len(read_kept(home, "s1")) == 0
    assert not list(faces_folder(home, "s1").glob("*.npz"))


def test_forgetting_keeps_every_number_and_deleting_leaves_nothing(home: Home) -> None:
    record(home, "s1", frames=50)
    write(home, [seen(50, 0.5)])
    with open_store(home, look_after=False) as store:
        store.sync()
        label = {"source": "kept", "verdict": "emotion", "emotion": "sad", "session_id": "s1"}
        store.run(AddLabel(item=item_of("s1", 50, 0), frame=50, viewer=0, **label))
        store.run(ForgetFaces(session_id="s1"))
        assert len(read_kept(home, "s1")) == 0
        assert len(store.timeline.rows("s1")) == 51
        assert len(store.labels.list(session_id="s1")) == 1
        store.run(DeleteSession(session_id="s1"))
        assert not home.session("s1").exists()
        assert store.labels.list() == []
        with pytest.raises(StoreError):
            store.run(ForgetFaces(session_id="s1"))


def test_a_damaged_chunk_is_named(home: Home) -> None:
    write(home, [seen(0, 0.5)])
    chunk_files(home, "s1")[1].write_bytes(b"PK no zip")
    with pytest.raises(StoreError, match=r"000001\.npz"):
        read_kept(home, "s1")


def test_four_seconds_of_every_twenty_are_held_out_whoever_asks() -> None:
    seconds = np.flatnonzero(held_out(np.arange(60) * 1000))
    assert seconds.tolist() == [8, 9, 10, 11, 28, 29, 30, 31, 48, 49, 50, 51]
