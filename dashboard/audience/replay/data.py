"""A session ready to be replayed: its film, its curves by the second, its people, markers.

What belongs to single frames is fetched in stretches while it plays (``overlay``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dashboard.audience.session.data import audience, eyes_of, gaps_of, viewer_names
from dashboard.audience.sessions.data import running_stamp
from fer_core.errors import SettingsError
from fer_core.storage import Store
from fer_core.storage.sessions import Session
from fer_core.storage.studies import UpdateStimulus
from fer_core.types import SessionStatus
from fer_core.video import probe
from fer_core.video.picture_film import picture_film

USUAL_FPS = 25.0
SECOND_MS = 1000
USUAL_SIZE = (1280, 720)
#: Viewers who get a lane of their own: those seen longest.
MOST_LANES = 24


@dataclass(frozen=True)
class Film:
    """Where the picture comes from: a ``film``, a ``picture``, or why there is none."""

    kind: str  # film, picture, simulated, unkept, gone
    url: str
    name: str  # the file's, also where it is gone
    codec: str


@dataclass(frozen=True)
class Lane:
    """One viewer's seconds: what leads each, how probable it is, and whether it was seen.

    ``blinks`` begin at these moments, the eyes are ``closed`` from and to these, in ms.
    """

    viewer: int
    emotion: tuple[str | None, ...]
    confidence: tuple[float, ...]
    seen: tuple[bool, ...]
    blinks: tuple[int, ...] = ()
    closed: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Replay:
    """One session to play; ``seconds`` is that of ``session.data.audience``.

    ``gaps``: where nobody could be read, in ms; ``lanes``: those of the ``known`` viewers who
    were seen longest, second by second as ``seconds`` are.
    """

    session_id: str
    session: Session
    film: Film
    stimulus: Film | None
    duration_ms: int
    seconds: pd.DataFrame
    names: dict[int, str]
    gaps: tuple[tuple[int, int], ...]
    lanes: tuple[Lane, ...]
    known: int

    @property
    def name(self) -> str:
        return self.session.name

    @property
    def empty(self) -> bool:
        return bool(self.seconds["emotion"].isna().all())

    @property
    def fps(self) -> float:
        fps = float(self.session.info.get("fps") or 0)
        return fps if 1 <= fps <= 1000 else USUAL_FPS

    @property
    def size(self) -> tuple[int, int]:
        info = self.session.info
        width, height = int(info.get("width") or 0), int(info.get("height") or 0)
        return (width, height) if width > 0 and height > 0 else USUAL_SIZE


def stamp(session: Session) -> str:
    """Changes when what is replayed does; every few seconds while it is analysed."""
    if session.status is SessionStatus.RUNNING:
        return running_stamp()
    return f"{session.updated} {session.offset_ms} {session.name}"


def load(
    store: Store,
    session_id: str,
    *,
    recording: Path | None,
    clip_url: str,
    stimulus: Film | None = None,
) -> Replay | None:
    """The session, or None where there is none."""
    if not store.sessions.exists(session_id):
        return None
    session = store.sessions.get(session_id)
    duration_ms = _duration(store, session)
    by_viewer = store.timeline.seconds(session_id)
    seconds = audience(by_viewer, duration_ms, offset_ms=session.offset_ms)
    return Replay(
        session_id=session_id,
        session=session,
        film=film(session, recording, clip_url),
        stimulus=stimulus,
        duration_ms=duration_ms,
        seconds=seconds,
        names=viewer_names(store, session_id),
        gaps=_spans(gaps_of(store, session_id)),
        lanes=_lanes(by_viewer, seconds["second"], eyes_of(store, session)),
        known=by_viewer["viewer"].nunique(),
    )


def of_viewer(
    store: Store, session_id: str, viewer: int, duration_ms: int
) -> tuple[pd.DataFrame, tuple[tuple[int, int], ...]]:
    """One viewer's ``seconds`` and ``gaps``: grey where this one was not readable."""
    by_viewer = store.timeline.seconds(session_id)
    own = by_viewer[by_viewer["viewer"] == viewer]
    offset_ms = store.sessions.get(session_id).offset_ms
    seconds = audience(own, duration_ms, offset_ms=offset_ms)
    unread = seconds.loc[seconds["emotion"].isna(), "t_ms"]
    runs = unread.groupby((unread.diff() != SECOND_MS).cumsum()).agg(["min", "max"])
    gaps = pd.DataFrame({"from_ms": runs["min"], "to_ms": runs["max"] + SECOND_MS})
    return seconds, _spans(gaps)


def _spans(table: pd.DataFrame) -> tuple[tuple[int, int], ...]:
    return tuple((int(start), int(end)) for start, end in zip(table["from_ms"], table["to_ms"]))


def _lanes(by_viewer: pd.DataFrame, seconds: pd.Series, eyes: pd.DataFrame) -> tuple[Lane, ...]:
    """The viewers seen longest, in the order of their numbers."""
    seen = by_viewer[by_viewer["seen"] > 0].groupby("viewer").size()
    lanes = []
    for viewer in sorted(seen.nlargest(MOST_LANES).index):
        own = by_viewer[by_viewer["viewer"] == viewer].set_index("second").reindex(seconds)
        emotion = tuple(one if isinstance(one, str) else None for one in own["emotion"])
        confidence = tuple(own["confidence"].fillna(0.0).astype(float))
        seen_in = tuple(own["seen"].fillna(0) > 0)
        spans = eyes[eyes["viewer"] == viewer]
        blinks = tuple(int(start) for start, _ in _spans(spans[spans["kind"] == "blink"]))
        closed = _spans(spans[spans["kind"] == "closed"])
        lanes.append(Lane(int(viewer), emotion, confidence, seen_in, blinks, closed))
    return tuple(lanes)


def film(session: Session, recording: Path | None, url: str) -> Film:
    info = session.info
    kind = "picture" if info.get("is_picture") else "film"
    if recording is None:
        unkept = session.kind == "live" or not session.path
        kind = "simulated" if session.kind == "demo" else "unkept" if unkept else "gone"
    return Film(
        kind=kind,
        url=url if recording is not None else "",
        name=Path(session.path or "").name,
        codec=str(info.get("codec") or ""),
    )


def stimulus_film(path: Path, url: str) -> Film:
    """What was watched; its codec is the browser's matter."""
    return Film(kind="film", url=url, name=path.name, codec="")


def set_stimulus_file(
    store: Store, stimulus_id: str, path: str, seconds: float | None = None
) -> None:
    """Name the film that was watched; it stays where it lies. Empty: none.

    Of a picture a film of ``seconds`` is written beside it, and is what is watched.
    """
    if not path.strip():
        store.run(UpdateStimulus(stimulus_id=stimulus_id, path=""))
        return
    file = Path(path.strip()).expanduser()
    info = probe(file)  # only what can be decoded is ever served
    length = store.studies.stimulus(stimulus_id).length_ms
    if info.is_picture:
        if seconds is None:
            raise SettingsError(
                f"{file.name} is a picture.", "Say for how many seconds it is shown."
            )
        file, length = picture_film(file.resolve(), seconds), round(1000 * seconds)
    store.run(
        UpdateStimulus(
            stimulus_id=stimulus_id,
            path=str(file.resolve()),
            length_ms=length or info.duration_ms,
        )
    )


def _duration(store: Store, session: Session) -> int:
    last_ms = store.timeline.last_ms(session.session_id)
    lengths = (session.info.get("duration_ms"), 1000 * (session.duration_s or 0), last_ms)
    return max(1000, *(round(float(length or 0)) for length in lengths))
