"""What has been kept for longer than its setting says is removed, each with a receipt."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_core.errors import Cancelled
from fer_core.keeping import rules
from fer_core.storage.removal.receipts import RemoveFaces, RemoveFile
from fer_core.storage.timeline.kept_faces import chunk_files

if TYPE_CHECKING:
    from fer_core.storage import Store

_DAY_S = 86_400
#: A clock that stands before what was written last is wrong: nothing is judged by it.
_SKEW_S = 3600


@dataclass(frozen=True, slots=True)
class Due:
    """A file, or a session's faces, whose time is over."""

    kind: str  # recording, film or faces
    ids: tuple[str, ...]
    path: str
    rule: str
    since: float  # seconds since 1970


def due(store: Store, now: float | None = None) -> list[Due]:
    """What is past its time: recordings of sessions that are done, films, kept faces."""
    clock = time.time() if now is None else now
    found = []
    for rule, kind, sql in (
        (rules.UPLOADS, "recording", _RECORDINGS), (rules.FILMS, "film", _FILMS),
    ):  # fmt: skip
        days = rules.value_of(store, rule)
        if days is None:
            continue
        for path, ids in store.frame(sql).itertuples(index=False):
            file = Path(path)
            if not (file.is_file() and file.resolve().is_relative_to(store.home.uploads.resolve())):
                continue
            since = file.stat().st_mtime
            if since < clock - days * _DAY_S:
                found.append(Due(kind, tuple(json.loads(ids)), path, rule.name, since))
    return found + _faces_due(store, clock)


_RECORDINGS = """
    SELECT path, to_json(list(session_id))::VARCHAR AS ids FROM sessions
    WHERE path NOT NULL AND kind <> 'live' GROUP BY path
    HAVING bool_and(status IN ('done', 'failed', 'cancelled'))
        AND path NOT IN (SELECT path FROM stimuli WHERE path NOT NULL)
"""
_FILMS = """
    SELECT path, to_json(list(stimulus_id))::VARCHAR AS ids FROM stimuli
    WHERE path NOT NULL GROUP BY path
"""


def _faces_due(store: Store, clock: float) -> list[Due]:
    days = rules.value_of(store, rules.FACES)
    if days is None:
        return []
    found = []
    for folder in sorted((store.home.root / "sessions").glob("*/faces")):
        session_id = folder.parent.name
        chunks = chunk_files(store.home, session_id).values()
        since = max((path.stat().st_mtime for path in chunks), default=clock)
        if since < clock - days * _DAY_S:
            found.append(Due("faces", (session_id,), str(folder), rules.FACES.name, since))
    return found


def clock_is_behind(store: Store, now: float | None = None) -> bool:
    """Whether the machine's clock stands before the store's last change."""
    last = store.frame(
        "SELECT max(updated) AS t FROM (SELECT updated FROM sessions UNION ALL "
        "SELECT updated FROM jobs UNION ALL SELECT removed FROM receipts)"
    )["t"][0]
    clock = time.time() if now is None else now
    return bool(last == last and last is not None and last.timestamp() > clock + _SKEW_S)


def remove_due(
    store: Store,
    on_progress: Callable[[int, int], Any] = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[Due]:
    """Remove what is past its time; what was removed."""
    found, removed = due(store), []
    for number, one in enumerate(found):
        on_progress(number, len(found))
        if should_stop():
            raise Cancelled
        if one.kind == "faces":
            gone = store.run(RemoveFaces(session_id=one.ids[0], rule=one.rule))
        else:
            gone = store.run(RemoveFile(kind=one.kind, path=one.path, rule=one.rule, ids=one.ids))
        if gone:
            removed.append(one)
    return removed
