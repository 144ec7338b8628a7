"""Orders on sessions: rename, assign, include, delete; viewers' edits; settings."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.storage.ids import check_id, new_id
from fer_core.storage.migrations import now
from fer_core.storage.orders import Change, order
from fer_core.storage.registration import keep_condition, stimulus_of, study_of
from fer_core.storage.timeline.kept_faces import forget
from fer_core.storage.timeline.seconds import refresh_seconds
from fer_core.storage.timeline.viewers import fold_edits

_SESSION_TABLES = (
    "timeline", "frames", "seconds", "viewer_edits", "viewers", "exclusions", "markers",
    "labels", "ingested", "sessions",
)  # fmt: skip


@order
def rename_session(change: Change, *, session_id: str, name: str) -> None:
    if not name.strip():
        raise StoreError("A session needs a name.", "Type at least one letter.")
    change.update("sessions", "session_id", session_id, {"name": name.strip()})


@order
def assign_session(
    change: Change,
    *,
    session_id: str,
    study: str | None = None,
    stimulus: str | None = None,
    condition: str | None = None,
    offset_ms: int | None = None,
    respondent: str | None = None,
    tags: list[str] | None = None,
    notes: str | None = None,
) -> None:
    """Set what is given and leave the rest; an empty text takes a value away.

    ``study`` and ``stimulus`` may be ids or names; a new name makes a new one.
    """
    row = change.row("sessions", "session_id", session_id)
    texts = {"condition": condition, "respondent": respondent, "notes": notes}
    changes: dict[str, Any] = {k: v or None for k, v in texts.items() if v is not None}
    if study is not None:
        changes["study_id"] = study_of(change.cursor, study)
    study_id = changes.get("study_id", row["study_id"])
    if stimulus is not None:
        changes["stimulus_id"] = stimulus_of(change.cursor, study_id, stimulus)
    if offset_ms is not None:
        changes["offset_ms"] = offset_ms
    if tags is not None:
        changes["tags"] = json.dumps(tags)
    if study_id and condition:
        keep_condition(change.cursor, study_id, condition)
    if changes:
        pairs = ", ".join(f"{name} = ?" for name in changes)
        change.cursor.execute(
            f"UPDATE sessions SET {pairs} WHERE session_id = ?", [*changes.values(), session_id]
        )
    if offset_ms is not None and offset_ms != row["offset_ms"]:
        refresh_seconds(change.cursor, session_id)


@order
def include_session(
    change: Change, *, session_id: str, included: bool | None, reason: str | None = None
) -> None:
    """Take a session into its study by hand, or out; None goes back to the rule."""
    change.row("sessions", "session_id", session_id)
    if included is not None and not (reason or "").strip():
        raise StoreError("A reason is needed.", "Say why this session is taken in or left out.")
    change.cursor.execute(
        "UPDATE sessions SET included = ?, included_reason = ? WHERE session_id = ?",
        [included, reason if included is not None else None, session_id],
    )


@order
def delete_session(change: Change, *, session_id: str) -> None:
    """Remove a session's rows and files, and its upload unless another session uses it."""
    row = change.row("sessions", "session_id", session_id)
    shared = change.cursor.value(
        "SELECT count(*) FROM sessions WHERE path = ? AND session_id <> ?",
        [row["path"], session_id],
    )
    upload = row["path"] if row["path"] and not shared else None
    for table in _SESSION_TABLES:
        change.cursor.execute(f"DELETE FROM {table} WHERE session_id = ?", [session_id])
    change.insert(
        "deletions",
        {"session_id": session_id, "upload": upload, "files_gone": False, "deleted": now()},
    )
    change.after.append(lambda: remove_files(change.home, session_id, upload))


def remove_files(home: Home, session_id: str, upload: str | None) -> None:
    """Remove what a deleted session left on the disk; safe to repeat."""
    shutil.rmtree(home.session(check_id(session_id)), ignore_errors=True)
    if upload:
        path = Path(upload)
        uploads = home.uploads.resolve()
        if path.is_absolute() and path.resolve().is_relative_to(uploads) and path.is_file():
            path.unlink(missing_ok=True)
            parent = path.resolve().parent
            if parent != uploads and not any(parent.iterdir()):
                parent.rmdir()


@order
def forget_faces(change: Change, *, session_id: str) -> None:
    """Remove the faces that were kept for review; every number stays."""
    change.row("sessions", "session_id", session_id)
    change.after.append(partial(forget, change.home, session_id))


@order
def edit_viewer(
    change: Change,
    *,
    session_id: str,
    kind: str,
    viewer: int,
    into_viewer: int | None = None,
    name: str | None = None,
    from_ms: int | None = None,
    to_ms: int | None = None,
    reason: str | None = None,
) -> str:
    """``rename`` (name), ``merge`` (into_viewer) or ``exclude`` (from_ms, to_ms: a span).

    Every number follows; raw rows stay. Returns the edit's id, for ``undo_edit``.
    """
    change.row("sessions", "session_id", session_id)
    needed = {"rename": name, "merge": into_viewer, "exclude": True}
    if kind not in needed:
        raise StoreError(f"There is no viewer edit {kind!r}.", f"Edits are {', '.join(needed)}.")
    if needed[kind] is None or (kind == "merge" and into_viewer == viewer):
        raise StoreError(f"The edit {kind} of viewer {viewer} lacks what to change it to.")
    edit_id = new_id("viewer_edit")
    change.insert(
        "viewer_edits",
        {
            "edit_id": edit_id, "session_id": session_id, "kind": kind, "viewer": viewer,
            "into_viewer": into_viewer, "name": name, "from_ms": from_ms, "to_ms": to_ms,
            "reason": reason, "created": now(),
        },
    )  # fmt: skip
    fold_edits(change.cursor, session_id)
    return edit_id


@order
def undo_edit(change: Change, *, edit_id: str) -> None:
    session_id = change.row("viewer_edits", "edit_id", edit_id)["session_id"]
    change.cursor.execute("UPDATE viewer_edits SET undone = true WHERE edit_id = ?", [edit_id])
    fold_edits(change.cursor, session_id)


@order
def set_setting(change: Change, *, name: str, value: Any) -> None:
    """Keep a setting; None takes it away."""
    change.cursor.execute("DELETE FROM settings WHERE name = ?", [name])
    if value is not None:
        change.insert("settings", {"name": name, "value": json.dumps(value), "updated": now()})
