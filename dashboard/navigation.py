"""The pages, one row each: the side bar and every link read this table."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import streamlit as st

from fer_core.errors import SettingsError

_FOLDER = Path(__file__).resolve().parents[1] / "pages"


class Page(NamedTuple):
    """A page: its file in ``pages`` without the ending, and how the side bar shows it.

    hidden: reached from a link only, for without an id there is nothing to show. (A page of
    its own, for a link from a page to itself loses its query.)
    """

    name: str
    title: str
    icon: str
    part: str = ""
    hidden: bool = False


_LAB: Final = "The model"
#: In the order of the side bar.
PAGES: Final[dict[str, Page]] = {
    one.name: one
    for one in (
        Page("overview", "Overview", ":material/home:"),
        Page("analyze", "Analyze", ":material/upload:"),
        Page("live", "Live", ":material/videocam:"),
        Page("sessions", "Sessions", ":material/timeline:"),
        Page("session", "Session", ":material/timeline:", hidden=True),
        Page("replay", "Replay", ":material/play_circle:", hidden=True),
        Page("studies", "Studies", ":material/groups:"),
        Page("study", "Study", ":material/groups:", hidden=True),
        Page("compare", "Compare", ":material/compare_arrows:"),
        Page("models", "Models", ":material/model_training:", _LAB),
        Page("model", "Model", ":material/model_training:", _LAB, hidden=True),
        Page("mistakes", "Mistakes", ":material/search:", _LAB),
        Page("inside", "Inside", ":material/layers:", _LAB),
        Page("data", "Data", ":material/dataset:", _LAB),
        Page("label", "Label", ":material/new_label:", _LAB),
        Page("train", "Train", ":material/school:", _LAB),
        Page("connection", "Connection", ":material/cable:", "This server"),
    )
}


def page_of(name: str) -> Any:
    """Streamlit's page of this name; SettingsError names those that there are."""
    if name not in PAGES:
        raise SettingsError(f"There is no page {name!r}.", f"Choose {', '.join(PAGES)}.")
    one = PAGES[name]
    first = one is next(iter(PAGES.values()))
    return st.Page(
        _FOLDER / f"{name}.py",
        title=one.title,
        icon=one.icon,
        url_path=None if first else name,
        default=first,
        visibility="hidden" if one.hidden else "visible",
    )


def all_pages() -> dict[str, list[Any]]:
    """The pages in the side bar's parts."""
    parts: dict[str, list[Any]] = {}
    for one in PAGES.values():
        parts.setdefault(one.part, []).append(page_of(one.name))
    return parts


def go(name: str, **query: str) -> None:
    """Leave for another page."""
    st.switch_page(page_of(name), query_params=query)
