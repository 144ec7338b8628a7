"""Finds a session by its id, the start of its id, or its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_core.errors import StoreError

if TYPE_CHECKING:
    from fer_core.storage import Store
    from fer_core.storage.sessions import Session


def find_session(store: Store, called: str) -> Session:
    """The one session meant; StoreError where there is none, or more than one."""
    if store.sessions.exists(called):
        return store.sessions.get(called)
    rows = store.sessions.list(limit=10_000).to_dict("records")
    named = [row for row in rows if row["name"] == called]
    begun = [row for row in rows if len(called) >= 4 and row["session_id"].startswith(called)]
    found = named or begun
    if not found:
        raise StoreError(f"There is no session {called!r}.", "`rapt sessions list` names them all.")
    if len(found) > 1:
        ids = ", ".join(row["session_id"] for row in found[:5])
        raise StoreError(f"{len(found)} sessions are called {called!r}.", f"Say which: {ids}.")
    return store.sessions.get(str(found[0]["session_id"]))
