"""What the replay is given: curves, films in words, rows in spans, markers, corrections."""

from __future__ import annotations

import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from dashboard.audience.replay import data as replay
from dashboard.audience.replay import markers, media, overlay
from dashboard.audience.replay.payload import film_words, player_data
from dashboard.audience.replay.routes import media_routes
from dashboard.audience.replay.view import start_ms
from dashboard.audience.session import viewer_edits
from dashboard.audience.session.viewer_edits_view import said
from dashboard.shared.web.guard import Guard
from fer_core.errors import RaptError, SettingsError, StoreError
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.storage import Store
from fer_core.storage.markers import AddMarkers
from fer_core.storage.sessions import AssignSession
from fer_core.storage.studies import AddStimulus
from tests.dashboard.simulated import Furnished
from tests.e2e.films import room_film


def load(store: Store, session_id: str) -> replay.Replay:
    page = replay.load(store, session_id, recording=None, clip_url="")
    assert page is not None
    return page


def data(store: Store, session_id: str) -> dict[str, Any]:
    marks = markers.shown(store, session_id)
    return player_data(load(store, session_id), marks, rows_url="/rows", start=None, done=[])


def test_the_player_gets_a_value_a_second_and_little_of_it(furnished: Furnished) -> None:
    given = data(furnished.store, furnished.many)
    assert given["duration_ms"] == 40_000
    assert len(given["n"]) == len(given["lead"]) == len(given["sure"]) == 40
    assert {len(one["values"]) for one in given["measures"]} == {40}
    engagement = given["measures"][0]
    kept = furnished.store.timeline.audience(furnished.many).set_index("second")["engagement"]
    assert engagement["values"][5] == round(kept[5])
    assert engagement["from"][5] <= engagement["values"][5] <= engagement["to"][5]
    away = [second for second, n in enumerate(given["n"]) if n == 0]
    assert away == list(range(20, 23))
    assert all(given["lead"][second] == " " for second in away)
    # half an hour of this stays far under a megabyte
    assert len(json.dumps(given)) / 40 * 1800 < 300_000


def test_a_session_that_is_not_there_is_none(furnished: Furnished) -> None:
    assert replay.load(furnished.store, "s0", recording=None, clip_url="") is None


@pytest.mark.parametrize(
    ("row", "recording", "kind", "words"),
    [
        ({"kind": "demo", "path": None}, None, "none", "simulated"),
        ({"kind": "live", "path": None}, None, "none", "No recording was kept"),
        ({"kind": "file", "path": "/gone/a.mp4"}, None, "none", "no longer at /gone/a.mp4"),
        ({"kind": "file", "path": "a.mov"}, Path("a.MOV"), "film", "HEVC (H.265) in a .mov file"),
    ],
)
def test_why_there_is_no_picture_is_said_in_words(
    furnished: Furnished, row: dict[str, Any], recording: Path | None, kind: str, words: str
) -> None:
    any_session = furnished.store.sessions.get(furnished.many)
    session = replace(any_session, **row, info={"codec": "hevc"})
    found = film_words(replay.film(session, recording, "/clip/s1"))
    assert found["kind"] == kind
    assert words in found.get("words", found.get("unplayable", ""))
    assert "work without the picture" in found.get("words", found.get("unplayable", ""))


def test_rows_of_a_span_are_the_timelines(furnished: Furnished) -> None:
    store = furnished.store
    got = overlay.rows(store, furnished.many, 10_000, 20_000)
    rows = store.timeline.rows(furnished.many, from_ms=10_000, to_ms=20_000)
    frames = store.timeline.frames(furnished.many)
    assert got["t"] == frames[frames["t_ms"].between(10_000, 19_999)]["t_ms"].tolist()
    assert got["start"][-1] == len(rows) == len(got["viewer"])
    assert got["viewer"] == rows["viewer"].tolist()
    assert got["box"][:4] == [round(v) for v in rows.iloc[0][["x", "y", "w", "h"]]]
    first = rows.iloc[0][list(PROBABILITY_COLUMNS)]
    assert got["p"][: len(EMOTIONS)] == [round(100 * float(v)) for v in first]
    # nobody there: the frames are, so that boxes disappear
    empty = overlay.rows(store, furnished.many, 20_200, 22_800)
    assert len(empty["t"]) == 13
    assert empty["start"] == [0] * 14


def test_a_span_has_ends_and_is_not_too_long(furnished: Furnished) -> None:
    for start, end in ((5, 5), (9, 3), (0, 60_001), (-1, 5)):
        with pytest.raises(StoreError, match="no stretch"):
            overlay.rows(furnished.store, furnished.many, start, end)


def test_who_is_left_out_is_not_named_but_can_be_blurred(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.many
    viewer_edits.leave_out(store, session, 3, "0:05", "0:06")
    try:
        got = overlay.rows(store, session, 4_800, 6_200)
        at = dict(zip(got["t"], zip(got["start"], got["start"][1:])))
        assert sorted(got["viewer"][slice(*at[4_800])]) == [1, 2, 3, 4, 5, 6]
        assert sorted(got["viewer"][slice(*at[5_000])]) == [-1, 1, 2, 4, 5, 6]
        assert sorted(got["viewer"][slice(*at[6_000])]) == [1, 2, 3, 4, 5, 6]
    finally:
        viewer_edits.undo(store, viewer_edits.edits(store, session)[0].edit_id)


def test_a_marker_is_set_renamed_and_removed_once(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.one
    ask = {"id": "a1", "do": "add", "t": 12_345, "name": "Logo"}
    assert markers.answer(store, session, [ask], []) == ["a1"]
    # the player repeats it, also to a server that has forgotten
    assert markers.answer(store, session, [ask], ["a1"]) == ["a1"]
    assert markers.answer(store, session, [ask], []) == ["a1"]
    (mark,) = markers.shown(store, session)
    assert (mark["t"], mark["name"], mark["own"]) == (12_345, "Logo", True)
    renamed = {"id": "a2", "do": "rename", "marker": mark["id"], "name": "Our logo"}
    markers.answer(store, session, [ask, renamed], ["a1"])
    assert [one["name"] for one in markers.shown(store, session)] == ["Our logo"]
    markers.answer(store, session, [{"id": "a3", "do": "remove", "marker": mark["id"]}], [])
    assert markers.shown(store, session) == []


def test_asks_that_make_no_sense_change_nothing(furnished: Furnished) -> None:
    asks = [
        "no",
        {"do": "add", "t": 5, "name": "no id"},
        {"id": "b1", "do": "add", "t": -5, "name": "before the start"},
        {"id": "b2", "do": "add", "t": 5, "name": "  "},
        {"id": "b3", "do": "remove", "marker": "another session's"},
    ]
    assert markers.answer(furnished.store, furnished.one, asks, []) == ["b1", "b2", "b3"]
    assert markers.answer(furnished.store, furnished.one, "no list", []) == []
    assert markers.shown(furnished.store, furnished.one) == []


def test_a_stimulus_markers_come_on_the_recordings_clock(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.one
    stimulus = store.run(AddStimulus(title="The ad"))
    store.run(AddMarkers(stimulus_id=stimulus, markers=[{"name": "Joke", "from_ms": 4000}]))
    store.run(AssignSession(session_id=session, stimulus=stimulus, offset_ms=1500))
    try:
        (mark,) = markers.shown(store, session)
        assert (mark["t"], mark["own"]) == (5500, False)
        markers.answer(store, session, [{"id": "c", "do": "remove", "marker": mark["id"]}], [])
        assert len(markers.shown(store, session)) == 1
    finally:
        store.run(AssignSession(session_id=session, stimulus="", offset_ms=0))


def test_a_stimulus_film_can_be_looked_at_from_its_offset(
    furnished: Furnished, tmp_path: Path
) -> None:
    store, session = furnished.store, furnished.one
    spot = room_film(tmp_path / "spot.mp4", seconds=2, viewers=1)
    stimulus = store.run(AddStimulus(title="The spot"))
    store.run(AssignSession(session_id=session, stimulus=stimulus, offset_ms=1500))
    try:
        with pytest.raises(RaptError):
            replay.set_stimulus_file(store, stimulus, __file__)  # no film: never served
        replay.set_stimulus_file(store, stimulus, str(spot))
        kept = store.studies.stimulus(stimulus)
        assert (kept.path, kept.length_ms) == (str(spot.resolve()), 2000)
        watched = replay.stimulus_film(Path(kept.path), "/stimulus/x")
        page = replay.load(store, session, recording=None, clip_url="", stimulus=watched)
        assert page is not None
        given = player_data(page, [], rows_url="", start=None, done=[])["films"]
        assert [(one["name"], one["kind"], one["shift_ms"], one["faces"]) for one in given] == [
            ("Recording", "none", 0, True),
            ("Stimulus", "film", 1500, False),
        ]
        replay.set_stimulus_file(store, stimulus, "")
        assert not store.studies.stimulus(stimulus).path
    finally:
        store.run(AssignSession(session_id=session, stimulus="", offset_ms=0))


def test_merging_halves_the_viewers_and_undoing_brings_them_back(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.many
    raw, stamp = store.timeline.rows(session), store.sessions.get(session).updated
    before = store.timeline.audience(session)
    for viewer in (2, 4, 6):
        viewer_edits.merge(store, session, viewer, viewer - 1)
    assert [one.number for one in viewer_edits.viewers(store, session)] == [1, 3, 5]
    assert store.sessions.get(session).viewers == 3
    assert store.sessions.get(session).updated > stamp  # pages draw anew
    assert store.timeline.audience(session)["n"].max() == 3
    assert [said(edit) for edit in viewer_edits.edits(store, session)] == [
        "Viewer 6 is viewer 5",
        "Viewer 4 is viewer 3",
        "Viewer 2 is viewer 1",
    ]
    assert store.timeline.rows(session).equals(raw)
    for edit in viewer_edits.edits(store, session):
        viewer_edits.undo(store, edit.edit_id)
    assert store.timeline.audience(session).equals(before)
    assert viewer_edits.edits(store, session) == []


def test_names_and_spans_are_said_in_words(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.many
    viewer_edits.rename(store, session, 1, " Ada ")
    viewer_edits.leave_out(store, session, 2, "0:10", "")
    viewer_edits.leave_out(store, session, 3)
    shown = viewer_edits.viewers(store, session)
    assert [one.label for one in shown[:2]] == ["1 · Ada", "Viewer 2"]
    assert 3 not in [one.number for one in shown]
    assert load(store, session).names == {1: "Ada"}
    assert [said(edit) for edit in viewer_edits.edits(store, session)] == [
        "Viewer 3 is left out",
        "Viewer 2 is left out from 0:10 to the end",
        "Viewer 1 is called Ada",
    ]
    seconds = store.timeline.seconds(session)
    assert seconds.loc[seconds["viewer"] == 2, "second"].max() == 9
    for edit in viewer_edits.edits(store, session):
        viewer_edits.undo(store, edit.edit_id)
    assert len(viewer_edits.viewers(store, session)) == 6


def test_two_viewers_seen_together_are_noticed(furnished: Furnished) -> None:
    assert viewer_edits.together_s(furnished.store, furnished.many, 1, 2) > 30
    with pytest.raises(SettingsError, match="same viewer"):
        viewer_edits.merge(furnished.store, furnished.many, 1, 1)


@pytest.mark.parametrize(
    ("text", "ms"),
    [("", None), ("65", 65_000), ("1:05", 65_000), ("1:05.5", 65_500), ("1:00:00", 3_600_000)],
)
def test_times_are_read_as_people_write_them(text: str, ms: int | None) -> None:
    assert viewer_edits.moment(text) == ms


def test_a_wrong_time_is_refused_in_words(furnished: Furnished) -> None:
    for start, end in (("soon", ""), ("0:10", "0:05"), ("-3", "")):
        with pytest.raises(SettingsError, match=r"no time|not after"):
            viewer_edits.leave_out(furnished.store, furnished.one, 1, start, end)
    assert (start_ms("12.5"), start_ms("x"), start_ms("-1"), start_ms(None)) == (12_500,) + (
        None,
    ) * 3


@pytest.fixture(scope="module")
def address(furnished: Furnished, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Our routes with a real store behind them."""
    film = tmp_path_factory.mktemp("clip") / "clip.mp4"
    film.write_bytes(bytes(range(256)) * 40)
    state = SimpleNamespace(guard=Guard(b"test"), store=furnished.store)
    listener = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=media_routes(lambda: state))  # type: ignore[arg-type, return-value]
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(media, "recording", lambda _, one: film if one == furnished.one else None)
        patch.setattr(media, "stimulus", lambda _, one: film if one == "t1" else None)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


def ask(url: str, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as a:
            return a.status, a.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_rows_are_for_who_has_the_recordings_key(furnished: Furnished, address: str) -> None:
    key = Guard(b"test").sign(f"clip:{furnished.many}")
    url = f"{address}/clip/{furnished.many}/rows?from=0&to=1000"
    assert ask(url)[0] == 404
    assert ask(f"{url}&k={Guard(b'test').sign(f'clip:{furnished.one}')}")[0] == 404
    status, body = ask(f"{url}&k={key}")
    assert status == 200
    assert json.loads(body) == overlay.rows(furnished.store, furnished.many, 0, 1000)


def test_a_span_that_cannot_be_is_refused(furnished: Furnished, address: str) -> None:
    url = f"{address}/clip/{furnished.many}/rows?k={Guard(b'test').sign(f'clip:{furnished.many}')}"
    for span, status in (
        ("", 400),
        ("&from=0&to=x", 400),
        ("&from=-5&to=5", 400),
        ("&from=0&to=99999999999", 400),
        ("&from=0&to=600000", 422),
        ("&from=900&to=100", 422),
    ):
        assert ask(url + span)[0] == status


def test_the_film_comes_by_ranges(furnished: Furnished, address: str) -> None:
    url = f"{address}/clip/{furnished.one}?k={Guard(b'test').sign(f'clip:{furnished.one}')}"
    assert ask(url, Range="bytes=512-515") == (206, bytes([0, 1, 2, 3]))
    assert ask(url, Range="bytes=99999-")[0] == 416
    watched = f"{address}/stimulus/t1"
    assert ask(watched)[0] == 404
    assert ask(f"{watched}?k={Guard(b'test').sign('clip:t1')}")[0] == 404
    assert ask(f"{watched}?k={Guard(b'test').sign('stimulus:t1')}", Range="bytes=1-2")[0] == 206
