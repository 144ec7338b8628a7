"""Live sessions: pictures in as they come, the newest result out, the timeline on the disk.

Names are loaded when first used: whoever only closes what a crash left needs no detector.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fer_core.live.engines import Engines
    from fer_core.live.orphans import close_live_orphans
    from fer_core.live.session import LiveSession, live_sessions, stop_all
    from fer_core.live.values import LiveFace, LiveHistory, LiveSpec, LiveView

_WHERE = {
    "Engines": "engines",
    "LiveFace": "values",
    "LiveHistory": "values",
    "LiveSession": "session",
    "LiveSpec": "values",
    "LiveView": "values",
    "close_live_orphans": "orphans",
    "live_sessions": "session",
    "stop_all": "session",
}
__all__ = [
    "Engines",
    "LiveFace",
    "LiveHistory",
    "LiveSession",
    "LiveSpec",
    "LiveView",
    "close_live_orphans",
    "live_sessions",
    "stop_all",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
