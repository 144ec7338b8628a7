"""Live sessions whose process died: summed up from their shards and closed."""

from __future__ import annotations

from typing import Any

import numpy as np

from fer_core.home import Home, read_json
from fer_core.jobs.session_file import change_session, is_written
from fer_core.live.record import info_of, summary_of
from fer_core.storage import Store, read_frames, read_shards

NOTE = "The session ended when its server did; up to two seconds before that may be missing."


def close_orphans(home: Home, store: Store | None = None) -> list[str]:
    """Close what is marked running and is not written by anyone; the ids of those sessions.

    Call it when a server starts. ``store`` takes them in at once.
    """
    closed = []
    for path in sorted((home.root / "sessions").glob("*/session.json")):
        session = read_json(path)
        if (
            isinstance(session, dict)
            and session.get("kind") == "live"
            and session.get("status") == "running"
            and not is_written(home, path.parent.name)
        ):
            _close(home, path.parent.name, session)
            closed.append(path.parent.name)
    if closed and store is not None:
        store.sync()
    return closed


def _close(home: Home, session_id: str, session: dict[str, Any]) -> None:
    rows, frames = read_shards(home, session_id), read_frames(home, session_id)
    t_ms = frames["t_ms"].to_numpy().astype(np.float64)
    good = rows.filter(rows["usable"])["frame"].to_numpy()
    last_ms = int(t_ms[-1]) if len(t_ms) else 0
    pauses = [[a, last_ms if b is None else b] for a, b in session.get("pauses") or []]
    summary = summary_of(
        t_ms,
        np.isin(frames["frame"].to_numpy(), good),
        [(a, b) for a, b in pauses],
        rows.num_rows,
        len(set(rows["viewer"].unique().to_pylist()) - {-1, None}),
    )
    summary |= {"lost_note": NOTE, "ended": "server"}
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
