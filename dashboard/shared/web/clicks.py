"""Streamlit's session state, mended: no click gets lost on a page that asks for itself by a timer.

Streamlit (1.67 and before) looks for a newer request before it takes what the browser sent with
this one, and each time a callback reads the session's state. A timer's request that comes in
between ends the run there: what was clicked is not in the newer request, and its callback never
runs or ends half way. Here the browser's values are taken and their callbacks run to their end;
the newer request follows at once.
"""

from __future__ import annotations

from typing import Any

from streamlit.runtime.state import SafeSessionState


def _take_first(self: SafeSessionState, *args: Any, **kwargs: Any) -> None:
    yields = self._yield_callback
    object.__setattr__(self, "_yield_callback", _go_on)
    try:
        with self._lock:
            self._state.on_script_will_rerun(*args, **kwargs)
    finally:
        object.__setattr__(self, "_yield_callback", yields)


def _go_on() -> None:
    """In place of the look for a newer request."""


def mend() -> None:
    """Change Streamlit's class itself: each session makes one."""
    SafeSessionState.on_script_will_rerun = _take_first  # type: ignore[method-assign]
