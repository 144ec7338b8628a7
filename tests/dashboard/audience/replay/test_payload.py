"""What the player is given: curves by the second, films in words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from dashboard.audience.replay import data as replay
from dashboard.audience.replay import markers
from dashboard.audience.replay.payload import film_words, player_data
from fer_core.errors import RaptError
from fer_core.storage import Store
from fer_core.storage.sessions import AssignSession
from fer_core.storage.studies import AddStimulus
from fer_core.video import probe
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
    kept = furnished.store.timeline.seconds(furnished.many).groupby("second")["engagement"].mean()
    assert engagement["values"][5] == round(kept[5])
    assert engagement["from"][5] <= engagement["values"][5] <= engagement["to"][5]
    away = [second for second, n in enumerate(given["n"]) if n == 0]
    assert away == list(range(20, 23))
    assert all(given["lead"][second] == " " for second in away)
    assert given["gaps"] == [(20_000, 23_200)]
    # half an hour of this stays far under a megabyte
    assert len(json.dumps(given)) / 40 * 1800 < 300_000


def test_every_viewer_has_a_lane_and_can_be_looked_at_alone(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.many
    given = data(store, session)
    assert [one["viewer"] for one in given["lanes"]] == [1, 2, 3, 4, 5, 6]
    assert given["known"] == 6
    assert {len(one["lead"]) for one in given["lanes"]} == {40}
    assert {len(one["sure"]) for one in given["lanes"]} == {40}
    own = store.timeline.seconds(session)
    own = own[own["viewer"] == 2].set_index("second")
    lead = given["lanes"][1]["lead"]
    assert [given["emotions"][int(lead[i])]["name"] for i in (3, 30)] == [
        own.loc[i, "emotion"] for i in (3, 30)
    ]
    assert lead[21] == " ", "nobody was seen"
    seconds, gaps = replay.of_viewer(store, session, 2, given["duration_ms"])
    assert seconds["engagement"][3] == own.loc[3, "engagement"]
    assert seconds["engagement_low"].isna().all(), "one viewer has no range"
    assert (20_000, 23_000) in gaps


def test_a_session_that_is_not_there_is_none(furnished: Furnished) -> None:
    assert replay.load(furnished.store, "s0", recording=None, clip_url="") is None


@pytest.mark.parametrize(
    ("row", "recording", "kind", "words"),
    [
        ({"kind": "demo", "path": None}, None, "none", "simulated"),
        ({"kind": "live", "path": None}, None, "none", "No recording was kept"),
        (
            {"kind": "file", "path": "/gone/a.mp4"},
            None,
            "none",
            "The recording a.mp4 is no longer where it was",
        ),
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
        picture = tmp_path / "poster.png"
        cv2.imwrite(str(picture), np.full((51, 80, 3), 90, np.uint8))
        with pytest.raises(RaptError, match="is a picture"):
            replay.set_stimulus_file(store, stimulus, str(picture))
        replay.set_stimulus_file(store, stimulus, str(picture), 3)
        kept = store.studies.stimulus(stimulus)
        assert (Path(kept.path or "").name, kept.length_ms) == ("poster, 3 s.mp4", 3000)
        made = probe(kept.path or "")
        assert (made.codec, made.width, made.height, made.duration_ms) == ("h264", 80, 50, 3000)
        assert picture.is_file()
        replay.set_stimulus_file(store, stimulus, "")
        assert not store.studies.stimulus(stimulus).path
    finally:
        store.run(AssignSession(session_id=session, stimulus="", offset_ms=0))
