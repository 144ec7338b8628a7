"""The pages, one row each: the side bar and every link read this table."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from fer_core.access.permissions import Action, Identity, allowed
from fer_core.errors import SettingsError

_WENT: Final = "went-to"
_FOLDER = Path(__file__).resolve().parents[1] / "pages"
#: Each page's file by its name, in the folder of the wing that it shows.
FILES: Final = {path.stem: path for path in _FOLDER.rglob("*.py")}


class Page(NamedTuple):
    """A page: its file below ``pages`` without the ending, and how the side bar shows it.

    under: the page whose place in the side bar is lit for it. Such a page has no place of its own:
    a link leads there, for without an id there is nothing to show. (It is a page of its own, for a
    link from a page to itself loses its query.)
    action: what a person must be allowed to do to open it; a page without one is for admins.
    shows: the parameter that names whose faces or numbers are seen, for the audit log.
    """

    name: str
    title: str
    icon: str
    part: str = ""
    under: str = ""
    action: Action = Action.MANAGE
    shows: str = ""


_LAB: Final = "The model"
_SERVER: Final = "This server"
#: In the order of the side bar.
PAGES: Final[dict[str, Page]] = {
    one.name: one
    for one in (
        Page("overview", "Overview", ":material/home:", action=Action.READ),
        Page("analyze", "Analyze", ":material/upload:", action=Action.EDIT),
        Page("live", "Live", ":material/videocam:", action=Action.EDIT),
        Page("sessions", "Sessions", ":material/timeline:", action=Action.READ),
        Page(
            "session",
            "Session",
            ":material/timeline:",
            under="sessions",
            action=Action.READ,
            shows="id",
        ),
        Page(
            "photograph",
            "Photograph",
            ":material/image:",
            under="sessions",
            action=Action.READ,
            shows="id",
        ),
        Page(
            "replay",
            "Replay",
            ":material/play_circle:",
            under="sessions",
            action=Action.READ,
            shows="session",
        ),
        Page("studies", "Studies", ":material/groups:", action=Action.READ),
        Page(
            "study", "Study", ":material/groups:", under="studies", action=Action.READ, shows="id"
        ),
        Page(
            "setup",
            "Set up",
            ":material/checklist:",
            under="studies",
            action=Action.EDIT,
            shows="study",
        ),
        Page(
            "clips", "Clips", ":material/movie:", under="studies", action=Action.READ, shows="study"
        ),
        Page("compare", "Compare", ":material/compare_arrows:", action=Action.READ, shows="study"),
        Page("recommend", "Recommend", ":material/recommend:", action=Action.READ, shows="session"),
        Page("models", "Models", ":material/model_training:", _LAB, action=Action.READ),
        Page(
            "model", "Model", ":material/model_training:", _LAB, under="models", action=Action.READ
        ),
        Page("mistakes", "Mistakes", ":material/search:", _LAB, action=Action.READ),
        Page("inside", "Inside", ":material/layers:", _LAB, action=Action.READ),
        Page("data", "Data", ":material/dataset:", _LAB, action=Action.READ),
        Page("label", "Label", ":material/new_label:", _LAB, action=Action.EDIT),
        Page("train", "Train", ":material/school:", _LAB, action=Action.EDIT),
        Page("connection", "Connection", ":material/cable:", _SERVER, action=Action.EDIT),
        Page("privacy", "Privacy", ":material/shield_person:", _SERVER, action=Action.MANAGE),
        Page("status", "Status", ":material/monitor_heart:", _SERVER, action=Action.MANAGE),
        Page("people", "People", ":material/badge:", _SERVER, action=Action.MANAGE),
    )
}


def page_of(name: str, *, shown: bool = True) -> Any:
    """Streamlit's page of this name; SettingsError names those that there are."""
    if name not in PAGES:
        raise SettingsError(f"There is no page {name!r}.", f"Choose {', '.join(PAGES)}.")
    one = PAGES[name]
    first = one is next(iter(PAGES.values()))
    return st.Page(
        FILES[name],
        title=one.title,
        icon=one.icon,
        url_path=None if first else name,
        default=first,
        visibility="hidden" if one.under or not shown else "visible",
    )


def all_pages(who: Identity | None) -> dict[str, list[Any]]:
    """The pages in the side bar's parts; those that ``who`` may not open are not shown there."""
    parts: dict[str, list[Any]] = {}
    for one in PAGES.values():
        shown = who is None or allowed(who, one.action)
        parts.setdefault(one.part, []).append(page_of(one.name, shown=shown))
    return parts


def page_called(url_path: str) -> Page:
    """The row of the page that Streamlit calls by this path."""
    return PAGES.get(url_path) or next(iter(PAGES.values()))


def go(name: str, **query: str) -> None:
    """Leave for another page, or for another address of this one."""
    st.session_state[_WENT] = name
    st.switch_page(page_of(name), query_params=query)


def came_by_address(name: str) -> bool:
    """Whether a person has just come to this page, or to another address of it, by its address:
    by ``go``, or by the browser's «back» and «forward». Asked once a run."""
    run = get_script_run_ctx()
    by_history = run is not None and run.is_history_navigation
    return st.session_state.pop(_WENT, "") == name or by_history
