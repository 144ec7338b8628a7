"""Where recordings and stimuli lie, and links to them that only this server's pages can make."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import quote

from dashboard.shared.web.guard import Guard
from fer_core.storage import Store

#: Pixels of a film's small pictures.
STILL_WIDTH: Final = 192


def recording(store: Store, session_id: str) -> Path | None:
    """A session's file, if it was an upload or a file that is still there."""
    return _file(store.sessions.get(session_id).path)


def stimulus(store: Store, stimulus_id: str) -> Path | None:
    """The film that was watched, if a person named it and it is still there."""
    return _file(store.studies.stimulus(stimulus_id).path)


def clip_url(guard: Guard, session_id: str) -> str:
    return f"/clip/{session_id}?k={guard.sign(f'clip:{session_id}')}"


def stimulus_url(guard: Guard, stimulus_id: str) -> str:
    return f"/stimulus/{stimulus_id}?k={guard.sign(f'stimulus:{stimulus_id}')}"


def frame_url(guard: Guard, stimulus_id: str, t_ms: int) -> str:
    """A small picture of what the film shows at a moment."""
    return f"/stimulus/{stimulus_id}/frame/{t_ms}?k={guard.sign(f'stimulus:{stimulus_id}')}"


def rows_url(guard: Guard, session_id: str, stamp: str) -> str:
    """Where a page gets what is drawn over faces; ``stamp`` changes when they do."""
    key = guard.sign(f"clip:{session_id}")
    return f"/clip/{session_id}/rows?k={key}&v={quote(stamp)}"


def _file(given: str | None) -> Path | None:
    path = Path(given) if given else None
    return path if path is not None and path.is_file() else None
