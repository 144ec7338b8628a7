"""The drop zone: many files, sent to the app's own upload route, never through Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.shared.widgets.component import component


@dataclass(frozen=True, slots=True)
class Dropped:
    """What the drop zone says in this run.

    ``arrived``: what the server said of a file that has just come; None where none has. ``add``:
    sessions of files that were here already, which a person wants in the chosen study.
    """

    arrived: Mapping[str, object] | None
    add: tuple[str, ...]


def dropzone(
    *,
    token: str,
    limit: int,
    hint: str,
    options: Mapping[str, object],
    key: str = "dropzone",
    lead: str = "Drop recordings here",
    kept: str = "On this machine, in the queue below",
    endings: Sequence[str] = (),
    into: str = "",
    added: Sequence[str] = (),
    redraw: bool = True,
) -> Dropped:
    """Show it.

    ``redraw``: the page is drawn anew when a file has come. Where a part of the page follows the
    queue by itself, thirty files need no thirty drawings, which would stand in a person's way.

    ``endings`` are those of the files that are taken out of a folder; without any, no folder
    is taken. ``into`` is the name of the study that was chosen; ``added`` are the sessions of
    files that were here already, and that were put into it when asked before.
    """
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
            "endings": list(endings),
            "into": into,
            "added": list(added),
            "redraw": redraw,
        },
        on_arrived_change=lambda: None,
        on_add_change=lambda: None,
    )
    arrived, asked = result.arrived, result.add or ()
    add = [str(one["session"]) for one in asked if one["into"] == into]
    return Dropped(
        arrived if isinstance(arrived, dict) else None,
        tuple(one for one in dict.fromkeys(add) if one not in added),
    )
