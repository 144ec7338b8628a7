"""One session: what its page says of it, and its numbers ready to draw.

Averages come from the store's seconds. The timeline itself is only asked where no face was
usable, a stretch at a time, so a long session of a full room fits as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dashboard.audience.sessions.data import running_stamp
from dashboard.shared.queue import jobs
from fer_core.analytics import seconds as audience_seconds
from fer_core.analytics import session as session_numbers
from fer_core.analytics.statistics import Number, numbers
from fer_core.labels import DISPLAY_ORDER
from fer_core.measures import BY_KEY, has_eyes
from fer_core.storage import Store
from fer_core.storage.sessions import Session
from fer_core.storage.timeline.viewers import EditKind
from fer_core.types import SessionStatus

MEANS = tuple(key for key in BY_KEY if key != "engagement")
STRETCH_MS = 10 * 60_000
#: Viewers of whose mean a range is drawn: that of two says little of any audience.
LEAST_BANDED: Final = 3
#: The codes in ``why_not`` and in quality spans, as a person reads them.
REASONS: Final = {
    "no face": "no face in the picture",
    "no frames": "no picture in the file",
    "small": "the face is too small",
    "cut": "the face is cut by the edge",
    "turned": "the face is turned away",
    "dark": "the face is too dark",
    "bright": "the face is too bright",
    "blurred": "the face is blurred",
    "unusable": "the face could not be read",
    session_numbers.LEFT_OUT: "left out by hand",
}


@dataclass(frozen=True)
class SessionPage:
    session_id: str
    session: Session
    job: jobs.Job | None

    @property
    def name(self) -> str:
        return self.session.name

    @property
    def analysing(self) -> bool:
        return self.session.status is SessionStatus.RUNNING

    @property
    def under_way(self) -> bool:
        """Whether it is analysed, or waits for its turn."""
        return self.analysing or (self.job is not None and self.job.active)

    @property
    def cut_short(self) -> bool:
        """Whether its analysis ended early; live sessions cannot go on."""
        ended = self.session.status.resumable and not self.under_way
        return ended and self.session.kind != "live"

    @property
    def stamp(self) -> str:
        """Changes when the session does; every few seconds while it is analysed."""
        if self.analysing:
            return running_stamp()
        return str(self.session.updated)

    @property
    def why_empty(self) -> str:
        """Why there is nothing to draw, and what to do."""
        if self.analysing:
            return "The first seconds appear here as soon as they are analysed."
        if self.session.status.resumable:
            return (
                "The analysis ended before any second was read. Resume it, or delete the session."
            )
        return (
            "No face could be read in this recording. Faces need to be at least 40 pixels wide, "
            "lit from the front and turned to the camera."
        )


def load(store: Store, session_id: str) -> SessionPage | None:
    """The session, or None where there is none."""
    if not store.sessions.exists(session_id):
        return None
    return SessionPage(session_id, store.sessions.get(session_id), jobs.job_of(store, session_id))


def reason(code: str) -> str:
    return REASONS.get(code, code)


@dataclass(frozen=True)
class SessionView:
    """What the session page draws; the charts' docstrings say which columns mean what."""

    seconds: pd.DataFrame
    lanes: pd.DataFrame
    gaps: pd.DataFrame
    shares: pd.Series
    names: dict[int, str]
    eyes: pd.DataFrame
    quality: float
    duration_ms: int
    numbers: Mapping[str, Number]
    offset_ms: int

    @property
    def empty(self) -> bool:
        return bool(self.seconds["engagement"].isna().all())

    @property
    def mean(self) -> float:
        return self.numbers["mean"].value

    @property
    def peak(self) -> tuple[float, float] | None:
        """The highest second of the curve: its value, and where it lies in the recording in ms."""
        top = self.numbers["peak"]
        return None if top.second is None else (top.value, 1000 * top.second + self.offset_ms)


def view(store: Store, session_id: str) -> SessionView:
    """Read a session.

    While it is analysed, the time axis already has the recording's full length: nothing
    moves when more of it comes.
    """
    session = store.sessions.get(session_id)
    offset_ms = session.offset_ms
    frames = store.timeline.frames(session_id)
    faces = _a_row_a_frame(store, session_id, frames)
    last_ms = int(frames["t_ms"].max()) if len(frames) else 0
    known_ms = duration_ms = max(round((session.duration_s or 0) * 1000), last_ms)
    if session.status is SessionStatus.RUNNING:
        # What is not analysed yet is not «no face»: it has no seconds at all.
        known_ms = last_ms
        duration_ms = max(duration_ms, int(session.info.get("duration_ms") or 0))
    by_viewer = store.timeline.seconds(session_id)
    return SessionView(
        seconds=audience(by_viewer, known_ms, offset_ms=offset_ms),
        lanes=lanes(by_viewer, offset_ms),
        gaps=session_numbers.quality_spans(faces, frames),
        shares=shares_of(store, session_id),
        names=viewer_names(store, session_id),
        eyes=eyes_of(store, session),
        quality=session_numbers.quality(faces, frames),
        duration_ms=duration_ms,
        numbers=numbers(engagement(by_viewer)),
        offset_ms=offset_ms,
    )


def shares_of(store: Store, session_id: str, **stretch: int) -> pd.Series:
    """Shares of time by expression, of the whole session or of a stretch (from_ms, to_ms)."""
    shares = pd.Series(store.timeline.emotion_shares(session_id, **stretch), dtype=float)
    return shares.reindex(list(DISPLAY_ORDER))


def eyes_of(store: Store, session: Session) -> pd.DataFrame:
    """Blinks and when eyes are closed or away: ``viewer, kind, from_ms, to_ms``; none where the
    eyes were not read."""
    if has_eyes(session.versions):
        return store.timeline.eye_spans(session.session_id)
    return pd.DataFrame({"viewer": [], "kind": [], "from_ms": [], "to_ms": []})


def viewer_names(store: Store, session_id: str) -> dict[int, str]:
    """The names that a person gave to viewers, by the viewers' numbers."""
    people = store.timeline.viewers(session_id)
    return {
        int(viewer): name
        for viewer, name in zip(people["viewer"], people["name"])
        if isinstance(name, str) and name
    }


def gaps_of(store: Store, session_id: str) -> pd.DataFrame:
    """Where nobody could be read, for every chart of a session: ``from_ms, to_ms, why``."""
    frames = store.timeline.frames(session_id)
    return session_numbers.quality_spans(_a_row_a_frame(store, session_id, frames), frames)


def _a_row_a_frame(store: Store, session_id: str, frames: pd.DataFrame) -> pd.DataFrame:
    """The best face of each frame: all that the quality of a whole session depends on."""
    columns = ["frame", "t_ms", "viewer", "score", "usable", "why_not", "session_id"]
    last = int(frames["t_ms"].max()) if len(frames) else -1
    best = []
    for start in range(0, last + 1, STRETCH_MS):
        rows = store.timeline.rows(
            session_id, columns=columns, from_ms=start, to_ms=start + STRETCH_MS, edited=True
        )
        rows = rows.sort_values(["frame", "usable"], ascending=[True, False], kind="stable")
        best.append(rows.drop_duplicates("frame"))
    if not best:
        return store.timeline.rows(session_id, columns=columns, to_ms=0)
    found = pd.concat(best, ignore_index=True)
    return pd.concat([_left_out(store, session_id, found, last), found], ignore_index=True)


def _left_out(store: Store, session_id: str, found: pd.DataFrame, last: int) -> pd.DataFrame:
    """A row for each frame whose only faces a person left out."""
    readable = found.loc[found["score"].notna(), "frame"]
    rows = [found.iloc[:0]]
    for edit in store.timeline.edits(session_id):
        if edit.kind is EditKind.EXCLUDE and not edit.undone:
            until = last + 1 if edit.to_ms is None else edit.to_ms
            rows.append(
                store.timeline.rows(
                    session_id,
                    columns=found.columns.tolist(),
                    from_ms=edit.from_ms or 0,
                    to_ms=until,
                )
            )
    out = pd.concat(rows, ignore_index=True) if len(rows) > 1 else rows[0]
    faces = out[out["score"].notna() & (out["viewer"] >= 0) & ~out["frame"].isin(readable)]
    return faces.drop_duplicates("frame").assign(usable=False, why_not=session_numbers.LEFT_OUT)


def engagement(by_viewer: pd.DataFrame) -> audience_seconds.Curves:
    """The recording's viewers' curves, of which its page, list and files give the numbers."""
    return audience_seconds.curves(by_viewer, "engagement", recording=True)


def audience(by_viewer: pd.DataFrame, duration_ms: int, *, offset_ms: int = 0) -> pd.DataFrame:
    """A row for every second of the recording, whether anything is known of it or not.

    ``offset_ms`` is where second 0 begins in the recording; ``t_ms`` runs on the
    recording's own clock. ``away`` is the share of the known viewers' frames without a visible
    face; the band is that of ``LEAST_BANDED`` viewers and more.
    """
    first = -(offset_ms // 1000) if offset_ms > 0 else 0
    last = max(first + 1, -(-(duration_ms - offset_ms) // 1000))
    grid = pd.RangeIndex(first, last, name="second")
    band = audience_seconds.audience(engagement(by_viewer)).set_index("second")
    by_second = by_viewer.groupby("second")
    means = by_second[list(MEANS)].mean()
    frames = by_second[["seen", "away"]].sum()
    means["away"] = frames["away"] / frames.sum(axis=1)
    table = band.rename(
        columns={"mean": "engagement", "low": "engagement_low", "high": "engagement_high"}
    ).join([means, audience_seconds.leading(by_viewer)], how="outer")
    table = table.reindex(grid)
    table["n"] = table["n"].fillna(0).astype(int)
    ends = ["engagement_low", "engagement_high"]
    table[ends] = table[ends].where(table["n"] >= LEAST_BANDED)
    return table.reset_index().assign(t_ms=lambda t: t["second"] * 1000 + offset_ms)


def lanes(by_viewer: pd.DataFrame, offset_ms: int = 0) -> pd.DataFrame:
    columns = ["viewer", "second", "emotion", "confidence", "engagement", "seen"]
    return by_viewer[columns].assign(t_ms=by_viewer["second"] * 1000 + offset_ms)
