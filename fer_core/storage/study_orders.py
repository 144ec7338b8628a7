"""Orders on studies, stimuli, markers and scenes."""

from __future__ import annotations

import json
from typing import Any

from fer_core.errors import StoreError
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.orders import Change, order
from fer_core.storage.registration import keep_condition

MARKER_KINDS = ("marker", "scene", "brand", "note", "pre-roll")


@order
def add_study(
    change: Change,
    *,
    name: str,
    kind: str | None = None,
    question: str | None = None,
    notes: str | None = None,
    conditions: list[str] | None = None,
    simulated: bool = False,
    settings: dict[str, Any] | None = None,
    study_id: str | None = None,
) -> str:
    """Make a study; returns its id."""
    if not name.strip():
        raise StoreError("A study needs a name.", "Type at least one letter.")
    study_id = study_id or new_id("study")
    change.insert(
        "studies",
        {
            "study_id": study_id, "name": name.strip(), "kind": kind, "question": question,
            "notes": notes, "simulated": simulated, "settings": json.dumps(settings or {}),
            "created": now(),
        },
    )  # fmt: skip
    for condition in conditions or []:
        keep_condition(change.cursor, study_id, condition)
    return study_id


@order
def update_study(
    change: Change,
    *,
    study_id: str,
    name: str | None = None,
    kind: str | None = None,
    question: str | None = None,
    notes: str | None = None,
    conditions: list[str] | None = None,
    settings: dict[str, Any] | None = None,
) -> None:
    """Change what is given. ``conditions`` is the whole new list, in order."""
    changes = {"name": name, "kind": kind, "question": question, "notes": notes}
    if settings is not None:
        changes["settings"] = json.dumps(settings)
    change.update("studies", "study_id", study_id, changes)
    if conditions is not None:
        change.cursor.execute("DELETE FROM conditions WHERE study_id = ?", [study_id])
        for condition in dict.fromkeys(conditions):
            keep_condition(change.cursor, study_id, condition)


@order
def delete_study(change: Change, *, study_id: str) -> None:
    """Remove a study with its stimuli and their markers; its sessions stay, without a study."""
    change.row("studies", "study_id", study_id)
    bound = {"s": study_id}
    for sql in (
        "UPDATE sessions SET study_id = NULL, stimulus_id = NULL, condition = NULL "
        "WHERE study_id = $s",
        "DELETE FROM markers WHERE stimulus_id IN "
        "(SELECT stimulus_id FROM stimuli WHERE study_id = $s)",
        "DELETE FROM stimuli WHERE study_id = $s",
        "DELETE FROM conditions WHERE study_id = $s",
        "DELETE FROM responses WHERE link_id IN (SELECT link_id FROM links WHERE study_id = $s)",
        "DELETE FROM links WHERE study_id = $s",
        "DELETE FROM studies WHERE study_id = $s",
    ):
        change.cursor.execute(sql, bound)


@order
def add_stimulus(
    change: Change,
    *,
    title: str,
    study_id: str | None = None,
    path: str | None = None,
    digest: str | None = None,
    length_ms: int | None = None,
    notes: str | None = None,
    stimulus_id: str | None = None,
) -> str:
    """Make a stimulus; returns its id."""
    if not title.strip():
        raise StoreError("A stimulus needs a title.", "Type at least one letter.")
    if study_id:
        change.row("studies", "study_id", study_id)
    stimulus_id = stimulus_id or new_id("stimulus")
    change.insert(
        "stimuli",
        {
            "stimulus_id": stimulus_id, "study_id": study_id, "title": title.strip(),
            "path": path, "digest": digest, "length_ms": length_ms, "notes": notes,
            "created": now(),
        },
    )  # fmt: skip
    return stimulus_id


@order
def update_stimulus(
    change: Change,
    *,
    stimulus_id: str,
    title: str | None = None,
    path: str | None = None,
    digest: str | None = None,
    length_ms: int | None = None,
    notes: str | None = None,
) -> None:
    change.update(
        "stimuli",
        "stimulus_id",
        stimulus_id,
        {"title": title, "path": path, "digest": digest, "length_ms": length_ms, "notes": notes},
    )


@order
def delete_stimulus(change: Change, *, stimulus_id: str) -> None:
    """Remove a stimulus and its markers; its sessions stay, without a stimulus."""
    change.row("stimuli", "stimulus_id", stimulus_id)
    for sql in (
        "UPDATE sessions SET stimulus_id = NULL WHERE stimulus_id = ?",
        "DELETE FROM markers WHERE stimulus_id = ?",
        "DELETE FROM stimuli WHERE stimulus_id = ?",
    ):
        change.cursor.execute(sql, [stimulus_id])


@order
def add_markers(
    change: Change,
    *,
    markers: list[dict[str, Any]],
    session_id: str | None = None,
    stimulus_id: str | None = None,
    source: str = "typed",
) -> list[str]:
    """Add markers and scenes (``name, from_ms``, and ``to_ms, kind, note`` where wanted).

    Times are those of the stimulus, or of the session where no stimulus is given.
    """
    if (session_id is None) == (stimulus_id is None):
        raise StoreError("Markers belong to a session or to a stimulus: give one of the two.")
    key = "session_id" if session_id else "stimulus_id"
    owner = session_id or stimulus_id or ""
    change.row("sessions" if session_id else "stimuli", key, owner)
    ids = []
    for marker in markers:
        ids.append(new_id("marker"))
        change.insert(
            "markers",
            {"marker_id": ids[-1], key: owner, "source": source, "created": now(),
             **_marker(marker)},
        )  # fmt: skip
    return ids


def _marker(given: dict[str, Any]) -> dict[str, Any]:
    from_ms, to_ms = given.get("from_ms"), given.get("to_ms")
    kind = given.get("kind") or ("marker" if to_ms is None else "scene")
    name = str(given.get("name") or "").strip()
    if kind not in MARKER_KINDS:
        raise StoreError(f"{kind!r} is no kind of marker.", f"Use {', '.join(MARKER_KINDS)}.")
    if not name or not isinstance(from_ms, int):
        raise StoreError(f"A marker needs a name and a time in ms, not {name!r} at {from_ms!r}.")
    if to_ms is not None and to_ms <= from_ms:
        raise StoreError(f"The scene {name!r} ends at {to_ms} ms, before it begins ({from_ms} ms).")
    return {"name": name, "from_ms": from_ms, "to_ms": to_ms, "kind": kind,
            "note": given.get("note")}  # fmt: skip


@order
def update_marker(
    change: Change,
    *,
    marker_id: str,
    name: str | None = None,
    from_ms: int | None = None,
    to_ms: int | None = None,
    kind: str | None = None,
    note: str | None = None,
) -> None:
    row = change.row("markers", "marker_id", marker_id)
    given = {"name": name, "from_ms": from_ms, "to_ms": to_ms, "kind": kind, "note": note}
    merged = {**{k: row[k] for k in given}, **{k: v for k, v in given.items() if v is not None}}
    change.update("markers", "marker_id", marker_id, _marker(merged))


@order
def delete_markers(change: Change, *, marker_ids: list[str]) -> None:
    change.cursor.execute(
        "DELETE FROM markers WHERE marker_id IN (SELECT unnest($ids))", {"ids": marker_ids}
    )
