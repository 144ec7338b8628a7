"""The drop zone: many files, sent to the app's own upload route, never through Streamlit."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.shared.component import component


def dropzone(
    *,
    token: str,
    limit: int,
    hint: str,
    options: Mapping[str, object],
    key: str = "dropzone",
    lead: str = "Drop recordings here",
    kept: str = "On this machine, in the queue below",
) -> dict[str, object] | None:
    """Show it. The answer is what the server said of a file that has just arrived."""
    mount = component(__file__, "dropzone")
    result = mount(
        key=key,
        data={
            "url": "/upload",
            "token": token,
            "limit": limit,
            "hint": hint,
            "options": options,
            "lead": lead,
            "kept": kept,
        },
        on_arrived_change=lambda: None,
    )
    arrived = result.arrived
    return arrived if isinstance(arrived, dict) else None
