"""A session's end fills in what only all of a viewer's readings tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.measures import READINGS, measure_versions
from fer_core.storage import ShardWriter, Store
from fer_core.storage.database import Writer
from fer_core.storage.timeline import calibrated
from fer_core.types import SessionStatus
from tests.storage.rows import say
from tests.storage.sleeper import FRAMES, STILL, frame, write_all


def test_a_sleeping_viewer_loses_attention_and_engagement_while_she_sleeps(
    home: Home, store: Store
) -> None:
    write_all(home, "s1", versions=measure_versions())
    store.sync()
    rows = store.timeline.rows("s1").astype({"eyes_closed": float, "blink": float})
    asleep = (rows["t_ms"] >= 4200) & (rows["t_ms"] < 5800)
    awake = (rows["t_ms"] < 3800) | (rows["t_ms"] > 6200)
    assert (rows["eyes_closed"][asleep] == 1).all()
    assert (rows["attention"][asleep] == 0).all()
    assert (rows["engagement"][asleep] == 0).all()
    assert (rows["facing"] == 0.5).all()  # as the row's maker says
    assert (rows["attention"][awake] == 0.5).all()
    assert rows["engagement"][awake].to_numpy() == pytest.approx(50 * (0.4 + 0.6 * 0.95))
    assert (rows["blink"] == 0).all()
    seconds = store.timeline.seconds("s1").set_index("second")
    assert seconds["attention"][5] == 0
    assert seconds["eyes_closed"][5] == 1
    assert seconds["eyes_closed"][1] == 0


def test_pieces_and_a_resumed_session_end_with_the_same_rows(home: Home, store: Store) -> None:
    write_all(home, "whole", versions=measure_versions())
    write_all(home, "pieces", parts=7, versions=measure_versions())
    writer = ShardWriter(home, "resumed")
    for index in range(120):
        writer.add(frame(index))
    writer.flush({})
    say(home, "resumed", status="failed", versions=measure_versions())
    store.sync()
    for index in range(100, FRAMES):  # from an older state on
        writer.add(frame(index))
    writer.flush({})
    say(home, "resumed", status="done", versions=measure_versions())
    store.sync()
    whole = store.timeline.rows("whole").drop(columns="session_id")
    for other in ("pieces", "resumed"):
        rows = store.timeline.rows(other).drop(columns="session_id")
        assert rows.equals(whole), other


def test_a_session_of_an_earlier_version_keeps_its_numbers(home: Home, store: Store) -> None:
    write_all(home, "s1", versions={"attention": "attention/1", "engagement": "engagement/1"})
    store.sync()
    rows = store.timeline.rows("s1")
    assert (rows["attention"] == 1).all()
    assert (rows["engagement"] == 60).all()


def test_raw_readings_are_kept_and_no_part_of_what_is_shown(home: Home, store: Store) -> None:
    write_all(home, "s1", versions=measure_versions())
    store.sync()
    assert not set(READINGS) & set(store.timeline.rows("s1").columns)
    raw = store.frame(f"SELECT {', '.join(READINGS)} FROM timeline ORDER BY frame")
    assert raw.iloc[0].to_numpy(np.float32) == pytest.approx(STILL)


def test_a_second_counts_blinks_and_keeps_version_1(home: Home, store: Store) -> None:
    writer = ShardWriter(home, "s1")
    for index in range(FRAMES):
        made = frame(index, asleep=(4, 6))
        if made.t_ms % 2000 in range(400, 560):  # a blink in every second second
            made = frame(index, asleep=(0, 10))
        writer.add(made)
    writer.flush({})
    say(home, "s1", status="done", versions=measure_versions())
    store.sync()
    seconds = store.timeline.seconds("s1").set_index("second")
    assert seconds["blink"].tolist() == [60, 0, 60, 0, 0, 0, 60, 0, 60, 0]
    assert seconds["eyes_away"].dropna().eq(0).all()
    assert seconds["engagement_facing"].to_numpy() == pytest.approx(50 * (0.4 + 0.6 * 0.95))
    assert seconds["engagement"][5] == 0


def test_eyes_that_look_aside_are_away(home: Home, store: Store) -> None:
    writer = ShardWriter(home, "s1")
    for index in range(FRAMES):
        made = frame(index, asleep=(99, 99))
        readings = made.readings.copy() if made.readings is not None else np.empty(0)
        if 6000 <= made.t_ms < 8000:
            readings[0, [2, 4]] = 0.1
        writer.add(replace(made, readings=readings))
    writer.flush({})
    say(home, "s1", status="done", versions=measure_versions())
    store.sync()
    seconds = store.timeline.seconds("s1").set_index("second")
    assert seconds["eyes_away"].tolist() == [0] * 6 + [1] * 2 + [0] * 2
    assert seconds["attention"][7] == 0
    assert seconds["gaze_x"][7] == pytest.approx(24, abs=1)


def test_a_name_given_later_changes_no_number(home: Home, store: Store) -> None:
    """What is worked out when a session ends is not worked out again by each change of its file."""
    write_all(home, "s1", versions=measure_versions())
    store.sync()
    before = store.database.stamp
    seconds = store.timeline.seconds("s1")
    say(home, "s1", status="done", versions=measure_versions(), notes="Later")
    store.sync()
    assert store.database.stamp != before
    assert store.timeline.seconds("s1").equals(seconds)


def test_blinks_and_closed_spells_are_told_as_spans(home: Home, store: Store) -> None:
    writer = ShardWriter(home, "s1")
    for index in range(FRAMES):
        blinks = 1000 <= index * 40 < 1200 or 8000 <= index * 40 < 8160
        writer.add(frame(index, asleep=(0, 99) if blinks else (4, 6)))
    writer.flush({})
    say(home, "s1", status="done", versions=measure_versions())
    store.sync()
    spans = store.timeline.eye_spans("s1")
    assert spans["kind"].tolist() == ["blink", "closed", "blink"]
    assert np.abs(spans["from_ms"] - [1000, 4000, 8000]).max() <= 80
    assert np.abs(spans["to_ms"] - [1200, 6000, 8160]).max() <= 80


def test_the_writer_is_never_held_for_a_whole_film(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an end that was interrupted has filled is filled again, and nobody saw it as done."""
    write_all(home, "whole", versions=measure_versions())
    store.sync()
    monkeypatch.setattr(calibrated, "AT_ONCE", 40)
    written: list[int] = []
    update = Writer.update_arrow

    def counted(self: Writer, table: str, rows: pa.Table, keys: Sequence[str]) -> None:
        written.append(rows.num_rows)
        if len(written) == 3:
            raise StoreError("The disk is full.")
        update(self, table, rows, keys)

    monkeypatch.setattr(Writer, "update_arrow", counted)
    write_all(home, "pieces", versions=measure_versions())
    store.sync()
    assert store.sessions.get("pieces").status is SessionStatus.RUNNING
    store.sync()
    assert store.sessions.get("pieces").status is SessionStatus.DONE
    assert max(written) == 40
    whole, pieces = (
        store.timeline.rows(name).drop(columns="session_id") for name in ("whole", "pieces")
    )
    assert pieces.equals(whole)
    assert store.timeline.seconds("pieces")["eyes_closed"].equals(
        store.timeline.seconds("whole")["eyes_closed"]
    )
