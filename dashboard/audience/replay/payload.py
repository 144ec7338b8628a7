"""What the player is given. It goes to the page with every rerun: whole numbers a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import numpy as np
import pandas as pd

from dashboard.audience.replay import overlay
from dashboard.audience.replay.data import Film, Lane, Replay
from dashboard.audience.replay.markers import ShownMarker
from dashboard.audience.replay.splits import AskedSplit, Split
from dashboard.shared.charts import findings
from fer_core.labels import DISPLAY_ORDER, EMOTIONS
from fer_core.measures import MIXED, has_eyes
from fer_core.palette import EMOTION_COLOURS, MIXED_COLOUR
from fer_core.text import percent

CODECS = {"hevc": "HEVC (H.265)", "h264": "H.264", "av1": "AV1", "mpeg4": "MPEG-4"}
#: What can lead a second, as the player numbers it.
LEADING = (*EMOTIONS, MIXED)
_WITHOUT = "The curve, the lanes and the markers work without the picture."


class Picture(TypedDict):
    """Where the picture comes from: ``words`` say why there is none."""

    kind: str
    url: str
    words: NotRequired[str]
    unplayable: NotRequired[str]  # what to say where the browser cannot play it


class ShownFilm(Picture):
    """A film that the player offers; ``shift_ms`` is where it begins in the recording."""

    name: str
    shift_ms: int
    faces: bool


class PlayerMarker(TypedDict):
    """A marker, its times in ms; ``to`` is None of a moment."""

    id: str
    t: int
    to: int | None
    name: str
    own: bool


class PlayerSplit(TypedDict):
    """From ``t`` ms on, viewer ``viewer`` is viewer ``into``."""

    viewer: int
    t: int
    into: int


class PlayerAskedSplit(TypedDict):
    """The split that the player asked for last: its ask, viewer and moment (ms)."""

    id: str
    viewer: int
    t: int


#: A curve: its value in each second, with the ends of its range (a name is a keyword).
Measure = TypedDict(
    "Measure",
    {
        "key": str,
        "name": str,
        "said": str,
        "how": str,
        "low": int,
        "high": int,
        "unit": str,
        "values": list[int | None],
        "from": list[int | None] | None,
        "to": list[int | None] | None,
    },
)


class Curves(TypedDict):
    """Every measure by the second, from ``first_ms`` on; one character of ``lead`` and of
    ``sure`` a second: the index of what leads among ``emotions`` and how probable it is, 0 to 9."""

    first_ms: int
    n: list[int]
    lead: str
    sure: str
    measures: list[Measure]


class PlayerLane(TypedDict):
    """One viewer's seconds: a character of ``lead`` and of ``sure`` each, as in ``Curves``; a
    second of ``lead`` is "-" where the viewer was seen and not readable, " " where not seen."""

    viewer: int
    name: str
    lead: str
    sure: str
    blinks: list[int]
    closed: list[tuple[int, int]]


class RowsAddress(TypedDict):
    """Where the player asks for the rows of a span."""

    url: str
    span_ms: int


class Emotion(TypedDict):
    """An emotion and its colour."""

    name: str
    colour: str


class PlayerData(Curves):
    """All that the player is given; times in ms, the picture's size in pixels."""

    session: str
    films: list[ShownFilm]
    rows: RowsAddress
    width: int
    height: int
    fps: float
    duration_ms: int
    viewers: dict[str, str]
    markers: list[PlayerMarker]
    splits: list[PlayerSplit]
    asked_split: PlayerAskedSplit | None
    emotions: list[Emotion]
    shown: list[int]
    gaps: list[tuple[int, int]]
    lanes: list[PlayerLane]
    known: int
    eyes: bool
    viewer: int | None
    edits: bool
    start: int | None
    done: list[str]


def player_data(
    page: Replay,
    markers: Sequence[ShownMarker],
    *,
    splits: Sequence[Split] = (),
    asked_split: AskedSplit | None = None,
    rows_url: str,
    start: int | None,
    done: list[str],
    viewer: int | None = None,
    edits: bool = True,
) -> PlayerData:
    """JSON for the player. ``start`` in ms; ``done``: the asks that were carried out;
    ``asked_split``: the one of them that it says and offers to undo; ``viewer``: whose curves
    ``page`` has, None: the audience's; ``edits``: whether who looks may set markers and correct
    viewers."""
    width, height = page.size
    return {
        "session": page.session_id,
        "films": films(page),
        "rows": {"url": rows_url, "span_ms": overlay.SPAN_MS},
        "width": width,
        "height": height,
        "fps": page.fps,
        "duration_ms": page.duration_ms,
        "viewers": {str(viewer): name for viewer, name in page.names.items()},
        "markers": [_marker(one, edits) for one in markers],
        "splits": [{"viewer": one.viewer, "t": one.from_ms, "into": one.into} for one in splits],
        "asked_split": None if asked_split is None else _asked_split(asked_split),
        "emotions": [
            {"name": name, "colour": EMOTION_COLOURS.get(name, MIXED_COLOUR)} for name in LEADING
        ],
        "shown": [EMOTIONS.index(name) for name in DISPLAY_ORDER],
        "gaps": list(page.gaps),
        "lanes": [_lane(one, page.names) for one in page.lanes],
        "known": page.known,
        "eyes": has_eyes(page.session.versions),
        "viewer": viewer,
        "edits": edits,
        "start": start,
        "done": done,
        **curves(page.seconds),
    }


def _asked_split(one: AskedSplit) -> PlayerAskedSplit:
    return {"id": one.ask_id, "viewer": one.viewer, "t": one.from_ms}


def _marker(one: ShownMarker, edits: bool) -> PlayerMarker:
    return {
        "id": one.marker_id,
        "t": one.from_ms,
        "to": one.to_ms,
        "name": one.name,
        "own": one.own and edits,
    }


def _lane(one: Lane, names: dict[int, str]) -> PlayerLane:
    lead = [
        str(LEADING.index(name)) if name else "-" if seen else " "
        for name, seen in zip(one.emotion, one.seen)
    ]
    return {
        "viewer": one.viewer,
        "name": names.get(one.viewer, ""),
        "lead": "".join(lead),
        "sure": "".join(str(round(9 * min(max(share, 0.0), 1.0))) for share in one.confidence),
        "blinks": list(one.blinks),
        "closed": list(one.closed),
    }


def films(page: Replay) -> list[ShownFilm]:
    """What can be looked at: the recording, and what was watched where its file is known."""
    shown: list[ShownFilm] = [
        {"name": "Recording", "shift_ms": 0, "faces": True, **film_words(page.film)}
    ]
    if page.stimulus is not None:
        shift = page.session.offset_ms
        words = film_words(page.stimulus)
        shown.append({"name": "Stimulus", "shift_ms": shift, "faces": False, **words})
    return shown


def film_words(film: Film) -> Picture:
    """Where the picture comes from, and in words why there may be none."""
    why_none = {
        "simulated": "These viewers are simulated: there is no recording to show.",
        "unkept": "No recording was kept of this session.",
        "gone": (
            f"The recording {film.name} is no longer where it was. "
            "Put it back and reload the page to see it."
        ),
    }
    if film.kind in why_none:
        return {"kind": "none", "url": "", "words": f"{why_none[film.kind]} {_WITHOUT}"}
    codec = CODECS.get(film.codec, film.codec.upper() or "this film")
    ending = film.name.rpartition(".")[2].lower()
    return {
        "kind": film.kind,
        "url": film.url,
        "unplayable": (
            f"This browser cannot play {codec} in a .{ending} file. {_WITHOUT} "
            "To see the picture too, open this page in a browser that plays it "
            "(Safari and Edge play HEVC), or make a copy that every browser plays and analyse "
            f'that: ffmpeg -i "{film.name}" -c:v libx264 -pix_fmt yuv420p copy.mp4'
        ),
    }


def curves(table: pd.DataFrame) -> Curves:
    """Every measure by the second of the recording, in whole numbers."""
    known = table["emotion"].notna()
    lead = [str(LEADING.index(name)) if ok else " " for name, ok in zip(table["emotion"], known)]
    sure = (table["confidence"].fillna(0) * 9).round().astype(int).clip(0, 9)
    banded = bool(table["engagement_low"].notna().any())
    measures: list[Measure] = [
        {
            "key": "engagement",
            "name": "Engagement",
            "said": findings.engagement(table),
            "how": "Points of 100" + ("; the band is the 95 % range" if banded else ""),
            "low": 0,
            "high": 100,
            "unit": "",
            "values": _whole(table["engagement"]),
            "from": _whole(table["engagement_low"]) if banded else None,
            "to": _whole(table["engagement_high"]) if banded else None,
        },
        _percent(table, "attention", "Attention", findings.attention(table)),
        _percent(table, "expressiveness", "Expressiveness"),
        {
            "key": "valence",
            "name": "Valence",
            "said": findings.valence(table),
            "how": "Pleasant above, unpleasant below, −100 to 100",
            "low": -100,
            "high": 100,
            "unit": "",
            "values": _whole(table["valence"], 100),
            "from": None,
            "to": None,
        },
        *(_percent(table, f"p_{name}", name.capitalize()) for name in DISPLAY_ORDER),
    ]
    return {
        "first_ms": int(table["t_ms"].iloc[0]),
        "n": [int(count) if ok else 0 for count, ok in zip(table["n"], known)],
        "lead": "".join(lead),
        "sure": "".join(map(str, sure)),
        "measures": measures,
    }


def _percent(table: pd.DataFrame, column: str, name: str, said: str = "") -> Measure:
    values = table[column]
    mean = float(values.mean())
    said = said or (name if np.isnan(mean) else f"{name}: {percent(mean)} on average")
    how = "Probability of the expression, percent" if column.startswith("p_") else "Percent"
    return {
        "key": column,
        "name": name,
        "said": said,
        "how": how,
        "low": 0,
        "high": 100,
        "unit": " %",
        "values": _whole(values, 100),
        "from": None,
        "to": None,
    }


def _whole(values: pd.Series, times: float = 1) -> list[int | None]:
    return [None if np.isnan(v) else round(v * times) for v in values.astype(float)]
