"""Live sessions whose process died: summed up from their shards and closed."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from fer_core.errors import RaptError, StoreError
from fer_core.files import read_json
from fer_core.home import Home
from fer_core.jobs.session_file import change_session, is_written, writing
from fer_core.live.record import info_of, summary_of
from fer_core.storage import Store, read_shard, shard_files
from fer_core.storage.timeline.shards import set_aside

log = logging.getLogger(__name__)

NOTE = "The session ended when its server did; up to two seconds before that may be missing."


def close_orphans(home: Home, store: Store | None = None) -> list[str]:
    """Close what is marked running and is not written by anyone; the ids of those sessions.

    Call it when a server starts. ``store`` takes them in at once.
    """
    closed = []
    for path in sorted((home.root / "sessions").glob("*/session.json")):
        session_id = path.parent.name
        try:
            if not _runs(read_json(path)) or is_written(home, session_id):
                continue
            with writing(home, session_id):
                session = read_json(path)
                if session is None or not _runs(session):
                    continue  # another server that starts was quicker
                _close(home, session_id, session)
        except (RaptError, OSError, ValueError):
            # one session that cannot be read must not keep a server from starting
            log.exception("Live session %s could not be closed", session_id)
            continue
        closed.append(session_id)
    if closed and store is not None:
        store.sync()
    return closed


def _runs(session: Any) -> bool:
    return (
        isinstance(session, dict)
        and session.get("kind") == "live"
        and session.get("status") == "running"
    )


def _close(home: Home, session_id: str, session: dict[str, Any]) -> None:
    frames, t_ms, usable = [], [], []
    faces, problems = 0, 0
    viewers: set[int] = set()
    for path in shard_files(home.shards(session_id)).values():
        try:
            shard = read_shard(path, session_id)
        except StoreError:
            set_aside(path)
            problems += 1
            continue
        except FileNotFoundError:  # set aside by the store a moment ago
            problems += 1
            continue
        good = shard.timeline.filter(shard.timeline["usable"])["frame"].to_numpy()
        frames.append(shard.frames["frame"].to_numpy())
        t_ms.append(shard.frames["t_ms"].to_numpy())
        usable.append(np.isin(frames[-1], good))
        faces += shard.timeline.num_rows
        viewers |= set(shard.timeline["viewer"].unique().to_pylist())
    times = np.concatenate([*t_ms, np.zeros(0, np.int32)]).astype(np.float64)
    last_ms = int(times[-1]) if len(times) else 0
    pauses = [(a, last_ms if b is None else b) for a, b in session.get("pauses") or []]
    summary = summary_of(
        times, np.concatenate([*usable, np.zeros(0, bool)]), pauses, faces, len(viewers - {-1})
    )
    damaged = f" {problems} shards were damaged." if problems else ""
    summary |= {"lost_note": NOTE + damaged, "ended": "server"}
    info = session.get("info") or {}
    change_session(
        home,
        session_id,
        status="done",
        error=None,
        pauses=pauses,
        summary=summary,
        info=info_of(
            str(session.get("path") or ""),
            int(info.get("width") or 0),
            int(info.get("height") or 0),
            round(1000 * summary["duration_s"]),
            summary["fps"],
        ),
    )
