"""A session ready to be replayed: its film, its curves by the second, its people, markers.

What belongs to single frames is fetched in stretches while it plays (``overlay``).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dashboard.audience.session.data import audience
from fer_core.errors import SettingsError
from fer_core.storage import Store
from fer_core.video import probe

USUAL_FPS = 25.0
USUAL_SIZE = (1280, 720)


@dataclass(frozen=True)
class Film:
    """Where the picture comes from: a ``film``, a ``picture``, or why there is none."""

    kind: str  # film, picture, simulated, unkept, gone
    url: str
    name: str  # the file's
    codec: str
    path: str


@dataclass(frozen=True)
class Replay:
    """``seconds`` is ``session_view.audience``: a row for every second of the recording."""

    session_id: str
    row: dict[str, Any]
    film: Film
    stimulus: Film | None
    duration_ms: int
    seconds: pd.DataFrame
    names: dict[int, str]

    @property
    def name(self) -> str:
        return str(self.row["name"])

    @property
    def empty(self) -> bool:
        return bool(self.seconds["emotion"].isna().all())

    @property
    def fps(self) -> float:
        fps = float((self.row["info"] or {}).get("fps") or 0)
        return fps if 1 <= fps <= 1000 else USUAL_FPS

    @property
    def size(self) -> tuple[int, int]:
        info = self.row["info"] or {}
        width, height = int(info.get("width") or 0), int(info.get("height") or 0)
        return (width, height) if width > 0 and height > 0 else USUAL_SIZE


def stamp(row: dict[str, Any]) -> str:
    """Changes when what is replayed does; every few seconds while it is analysed."""
    if row["status"] == "running":
        return f"running {int(time.monotonic() / 3)}"
    return f"{row['updated']} {row['offset_ms']} {row['name']}"


def load(
    store: Store,
    session_id: str,
    *,
    recording: Path | None,
    clip_url: str,
    stimulus: Film | None = None,
) -> Replay | None:
    """The session, or None where there is none."""
    if not store.has_session(session_id):
        return None
    row = store.session(session_id)
    duration_ms = _duration(store, row)
    people = store.viewers(session_id)
    return Replay(
        session_id=session_id,
        row=row,
        film=film(row, recording, clip_url),
        stimulus=stimulus,
        duration_ms=duration_ms,
        seconds=audience(
            store.seconds(session_id), duration_ms, offset_ms=int(row["offset_ms"] or 0)
        ),
        names={
            int(viewer): name
            for viewer, name in zip(people["viewer"].tolist(), people["name"].tolist())
            if isinstance(name, str) and name
        },
    )


def film(row: dict[str, Any], recording: Path | None, url: str) -> Film:
    info = row["info"] or {}
    kind = "picture" if info.get("is_picture") else "film"
    if recording is None:
        unkept = row["kind"] == "live" or not row["path"]
        kind = "simulated" if row["kind"] == "demo" else "unkept" if unkept else "gone"
    return Film(
        kind=kind,
        url=url if recording is not None else "",
        name=recording.name if recording is not None else "",
        codec=str(info.get("codec") or ""),
        path=str(row["path"] or ""),
    )


def stimulus_film(path: Path, url: str) -> Film:
    """What was watched; its codec is the browser's matter."""
    return Film(kind="film", url=url, name=path.name, codec="", path=str(path))


def set_stimulus_file(store: Store, stimulus_id: str, path: str) -> None:
    """Name the film that was watched; it stays where it lies. Empty: none."""
    if not path.strip():
        store.order("update_stimulus", stimulus_id=stimulus_id, path="")
        return
    file = Path(path.strip()).expanduser()
    info = probe(file)  # only what can be decoded is ever served
    if info.is_picture:
        raise SettingsError(f"{file.name} is a picture.", "Name a film.")
    known = store.stimulus(stimulus_id)["length_ms"]
    length = {} if known else {"length_ms": info.duration_ms}
    store.order("update_stimulus", stimulus_id=stimulus_id, path=str(file.resolve()), **length)


def _duration(store: Store, row: dict[str, Any]) -> int:
    info = row["info"] or {}
    last = store.one(
        "SELECT max(t_ms) AS t FROM frames WHERE session_id = $id", {"id": row["session_id"]}
    )
    lengths = (info.get("duration_ms"), 1000 * (row["duration_s"] or 0), (last or {}).get("t"))
    return max(1000, *(round(float(length or 0)) for length in lengths))
