"""What the person's edits of viewers come to: who is shown as whom, and what is left out.

The log of edits (``viewer_edits``) is the truth. Folding it, oldest first, gives the
tables ``viewers`` and ``exclusions`` that queries join; raw rows are never touched.
"""

from __future__ import annotations

from fer_core.storage.database import Writer
from fer_core.storage.migrations import now
from fer_core.storage.timeline.seconds import refresh_seconds, refresh_summary

_END = 2_147_483_647


def fold_edits(cursor: Writer, session_id: str) -> None:
    """Make the session's viewer tables, seconds and summary anew from its edits."""
    raw = cursor.execute(
        "SELECT DISTINCT viewer FROM timeline WHERE session_id = ? AND viewer >= 0", [session_id]
    ).fetchall()
    shown = {viewer: viewer for (viewer,) in raw}
    names: dict[int, str] = {}
    spans: list[tuple[int, int, int]] = []
    edits = cursor.execute(
        "SELECT kind, viewer, into_viewer, name, from_ms, to_ms FROM viewer_edits "
        "WHERE session_id = ? AND NOT undone ORDER BY created, edit_id",
        [session_id],
    ).fetchall()
    for kind, viewer, into, name, from_ms, to_ms in edits:
        if kind == "rename":
            names[viewer] = name
        elif kind == "merge":
            shown = {raw_: into if now == viewer else now for raw_, now in shown.items()}
        else:
            start, end = from_ms or 0, _END if to_ms is None else to_ms
            spans += [(raw_, start, end) for raw_, now in shown.items() if now == viewer]
    cursor.execute("DELETE FROM viewers WHERE session_id = ?", [session_id])
    cursor.execute("DELETE FROM exclusions WHERE session_id = ?", [session_id])
    rows = [
        [session_id, viewer, now, names.get(now)]
        for viewer, now in sorted(shown.items())
        if viewer != now or now in names
    ]
    cursor.executemany("INSERT INTO viewers VALUES (?, ?, ?, ?)", rows)
    cursor.executemany(
        "INSERT INTO exclusions VALUES (?, ?, ?, ?)", [[session_id, *span] for span in spans]
    )
    refresh_seconds(cursor, session_id)
    refresh_summary(cursor, session_id)
    cursor.execute("UPDATE sessions SET updated = ? WHERE session_id = ?", [now(), session_id])
