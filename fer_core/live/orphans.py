"""Live sessions whose process died: summed up from their shards and closed."""

from __future__ import annotations

import logging
from dataclasses import replace

from fer_core.errors import RaptError, StoreError
from fer_core.home import Home
from fer_core.jobs.summary import Tally, summary_of_live
from fer_core.live.record import info_of
from fer_core.storage import Store, read_shard, shard_files
from fer_core.storage.timeline.session_file import (
    SessionFile,
    change_session,
    is_written,
    read_session,
    session_ids,
    writing,
)
from fer_core.storage.timeline.shards import set_aside
from fer_core.types import SessionStatus

log = logging.getLogger(__name__)

NOTE = "The session ended when its server did; up to two seconds before that may be missing."


def close_live_orphans(home: Home, store: Store | None = None) -> list[str]:
    """Close what is marked running and is not written by anyone; the ids of those sessions.

    Call it when a server starts. ``store`` takes them in at once.
    """
    closed = []
    for session_id in session_ids(home):
        try:
            if _running(home, session_id) is None or is_written(home, session_id):
                continue
            with writing(home, session_id):
                session = _running(home, session_id)
                if session is None:
                    continue  # another server that starts was quicker
                _close(home, session)
        except (RaptError, OSError, ValueError):
            # one session that cannot be read must not keep a server from starting
            log.exception("Live session %s could not be closed", session_id)
            continue
        closed.append(session_id)
    if closed and store is not None:
        store.sync()
    return closed


def _running(home: Home, session_id: str) -> SessionFile | None:
    """The session, where it is a live one that is marked running."""
    session = read_session(home, session_id)
    if session is None or session.kind != "live" or session.status is not SessionStatus.RUNNING:
        return None
    return session


def _close(home: Home, session: SessionFile) -> None:
    tally, last_ms, problems = Tally(), 0, 0
    for path in shard_files(home.shards(session.session_id)).values():
        try:
            shard = read_shard(path, session.session_id)
        except StoreError:
            set_aside(path)
            problems += 1
            continue
        except FileNotFoundError:  # set aside by the store a moment ago
            problems += 1
            continue
        tally.add_shard(shard)
        last_ms = shard.last_ms
    pauses = tuple((a, last_ms if b is None else b) for a, b in session.pauses)
    damaged = f" {problems} shards were damaged." if problems else ""
    summary = replace(summary_of_live(tally, pauses), lost_note=NOTE + damaged, ended="server")
    change_session(
        home,
        session.session_id,
        status=SessionStatus.DONE,
        error=None,
        pauses=pauses,
        summary=summary,
        info=info_of(
            session.path or "",
            int(session.info.get("width") or 0),
            int(session.info.get("height") or 0),
            round(1000 * summary.duration_s),
            summary.fps or 0.0,
        ),
    )
