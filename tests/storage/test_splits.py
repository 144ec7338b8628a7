"""From a moment on a viewer is someone else: every number follows, and undo brings it back."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import pytest

from fer_core.analytics.frame_time import Span
from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.storage import Store, open_store
from fer_core.storage.migrations import MIGRATIONS
from fer_core.storage.sessions import DeleteSession
from fer_core.storage.timeline.viewers import EditKind, EditViewer, UndoEdit
from tests.analytics.referee import viewer_seconds
from tests.dashboard.simulated import plant
from tests.storage.rows import record, say


@pytest.fixture
def session(home: Home, store: Store) -> str:
    """Viewers 1 to 3 for 20 s, five frames a second."""
    session_id = plant(home, seconds=20, viewers=3)
    store.sync()
    return session_id


def edit(store: Store, session: str, kind: EditKind, viewer: int, **more: Any) -> str:
    return store.run(EditViewer(session_id=session, kind=kind, viewer=viewer, **more))


def numbers(store: Store, session: str) -> dict[str, pd.DataFrame]:
    """Everything that is read of a session's viewers."""
    about = store.sessions.get(session)
    summary = ("viewers", "faces", "quality", "engagement", "attention", "valence")
    return {
        "seconds": store.timeline.seconds(session),
        "viewers": store.timeline.viewers(session),
        "rows": store.timeline.rows(session, edited=True),
        "exclusions": store.timeline.exclusions(session),
        "summary": pd.DataFrame([{name: getattr(about, name) for name in summary}]),
    }


def same(found: dict[str, pd.DataFrame], wanted: dict[str, pd.DataFrame]) -> bool:
    return all(found[name].equals(table) for name, table in wanted.items())


def assert_same(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    found, wanted = (
        one.sort_values(["viewer", "second"], ignore_index=True) for one in (found, wanted)
    )
    # medians are kept as 32-bit numbers, so the sixth digit may differ
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False, rtol=1e-5, atol=1e-5)


def by_hand(store: Store, session: str, *, after_ms: int, viewer: int, new: int) -> pd.DataFrame:
    timeline = store.timeline.rows(session)
    later = (timeline["viewer"] == viewer) & (timeline["t_ms"] >= after_ms)
    timeline.loc[later, "viewer"] = new
    return timeline


def test_every_number_follows_a_split_and_its_undoing(store: Store, session: str) -> None:
    before, raw = numbers(store, session), store.timeline.rows(session)
    split = edit(store, session, EditKind.SPLIT, 2, from_ms=7300)
    timeline = by_hand(store, session, after_ms=7300, viewer=2, new=4)
    wanted = viewer_seconds(timeline, store.timeline.frames(session))
    assert_same(store.timeline.seconds(session), wanted)
    shown = store.timeline.viewers(session).set_index("viewer")
    assert list(shown.index) == [1, 2, 3, 4]
    assert shown.loc[2, "to_ms"] < 7300 <= shown.loc[4, "from_ms"]
    assert shown.loc[4, "rows"] == (timeline["viewer"] == 4).sum()
    means = wanted.groupby("second")["engagement"].mean().to_numpy(dtype=float)
    about = store.sessions.get(session)
    assert about.viewers == 4
    assert about.engagement == pytest.approx(pd.Series(means).mean(), abs=1e-4)
    assert store.timeline.rows(session).equals(raw)
    store.run(UndoEdit(edit_id=split))
    assert same(numbers(store, session), before)


def test_a_split_viewer_can_be_split_named_merged_and_left_out(store: Store, session: str) -> None:
    before = numbers(store, session)
    edits = [
        edit(store, session, EditKind.SPLIT, 2, from_ms=8000),
        edit(store, session, EditKind.RENAME, 4, name="Ben"),
        edit(store, session, EditKind.SPLIT, 4, from_ms=14_000),
        edit(store, session, EditKind.MERGE, 5, into_viewer=2),
        edit(store, session, EditKind.EXCLUDE, 2, from_ms=6000, to_ms=16_000),
    ]
    shown = store.timeline.viewers(session).set_index("viewer")
    assert list(shown.index) == [1, 2, 3, 4]
    assert shown.loc[4, "name"] == "Ben"
    timeline = by_hand(store, session, after_ms=8000, viewer=2, new=4)
    timeline.loc[(timeline["viewer"] == 4) & (timeline["t_ms"] >= 14_000), "viewer"] = 2
    wanted = viewer_seconds(timeline, store.timeline.frames(session), spans=[Span(6000, 16_000, 2)])
    assert_same(store.timeline.seconds(session), wanted)
    # undone in any order, the others are applied again
    for one in (edits[0], edits[3], edits[1], edits[4], edits[2]):
        store.run(UndoEdit(edit_id=one))
    assert same(numbers(store, session), before)


def test_a_span_left_out_before_a_split_is_left_out_of_both(store: Store, session: str) -> None:
    edit(store, session, EditKind.EXCLUDE, 1, from_ms=5000, to_ms=9000)
    edit(store, session, EditKind.SPLIT, 1, from_ms=7000)
    assert store.timeline.exclusions(session).to_dict("list") == {
        "viewer": [1, 4], "from_ms": [5000, 7000], "to_ms": [7000, 9000],
    }  # fmt: skip
    seconds = store.timeline.seconds(session)
    assert seconds.loc[seconds["viewer"] == 1, "second"].max() == 4
    assert seconds.loc[seconds["viewer"] == 4, "second"].min() == 9


def test_a_number_is_given_once_and_again_when_nothing_speaks_of_it(
    store: Store, session: str
) -> None:
    first = edit(store, session, EditKind.SPLIT, 1, from_ms=5000)
    edit(store, session, EditKind.SPLIT, 2, from_ms=5000)
    store.run(UndoEdit(edit_id=first))
    edit(store, session, EditKind.SPLIT, 3, from_ms=5000)
    assert [one.into_viewer for one in store.timeline.edits(session)] == [4, 5, 6]


@pytest.mark.parametrize(("viewer", "at_ms"), [(1, 0), (1, 60_000), (9, 5000)])
def test_where_there_is_nothing_to_split_it_is_refused(
    store: Store, session: str, viewer: int, at_ms: int
) -> None:
    with pytest.raises(StoreError, match="both before and after"):
        edit(store, session, EditKind.SPLIT, viewer, from_ms=at_ms)
    with pytest.raises(StoreError, match="lacks"):
        edit(store, session, EditKind.SPLIT, viewer)
    assert store.timeline.edits(session) == []


def test_while_it_is_analysed_nobody_is_split(home: Home, store: Store) -> None:
    record(home, "s1", 100, status="running")
    store.sync()
    with pytest.raises(StoreError, match="not analysed to its end"):
        edit(store, "s1", EditKind.SPLIT, 0, from_ms=2000)
    say(home, "s1", status="done")
    store.sync()
    assert edit(store, "s1", EditKind.SPLIT, 0, from_ms=2000)


def test_a_deleted_session_leaves_nothing_of_its_splits(store: Store, session: str) -> None:
    edit(store, session, EditKind.SPLIT, 1, from_ms=5000)
    edit(store, session, EditKind.EXCLUDE, 1)
    store.run(DeleteSession(session_id=session))
    for table in ("viewers", "viewer_edits", "exclusions", "left_out", "seconds"):
        assert store.frame(f"SELECT * FROM {table}").empty


def test_a_store_of_an_earlier_version_keeps_its_merged_viewers(home: Home) -> None:
    """Without the columns that this version adds; with them after it is opened."""
    with open_store(home, look_after=False) as store:
        session = plant(home, seconds=8, viewers=3)
        store.sync()
        edit(store, session, EditKind.MERGE, 3, into_viewer=1)
        edit(store, session, EditKind.RENAME, 1, name="Ada")
        edit(store, session, EditKind.EXCLUDE, 1, from_ms=2000, to_ms=3000)
        before = numbers(store, session)
    with duckdb.connect(str(home.database)) as older:
        older.execute("DROP TABLE left_out")
        older.execute("ALTER TABLE viewers DROP COLUMN from_ms")
        older.execute("ALTER TABLE viewers DROP COLUMN to_ms")
        older.execute("DELETE FROM migrations WHERE name = '004-viewers-by-span'")
    assert "004-viewers-by-span" in [step.name for step in MIGRATIONS]
    with open_store(home, look_after=False) as store:
        assert same(numbers(store, session), before)
        edit(store, session, EditKind.SPLIT, 1, from_ms=4000)
        assert store.timeline.viewers(session)["viewer"].tolist() == [1, 2, 4]
