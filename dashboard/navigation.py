"""The pages, and links to them. One list serves the side bar and every link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).resolve().parents[1] / "pages"

#: Name of the page's file: its title and icon in the side bar.
PLACES: dict[str, tuple[str, str]] = {
    "overview": ("Overview", ":material/home:"),
    "analyze": ("Analyze", ":material/upload:"),
    "live": ("Live", ":material/videocam:"),
    "sessions": ("Sessions", ":material/timeline:"),
    "session": ("Session", ":material/timeline:"),
    "replay": ("Replay", ":material/play_circle:"),
    "studies": ("Studies", ":material/groups:"),
    "study": ("Study", ":material/groups:"),
    "compare": ("Compare", ":material/compare_arrows:"),
    "models": ("Models", ":material/model_training:"),
    "model": ("Model", ":material/model_training:"),
    "mistakes": ("Mistakes", ":material/search:"),
    "inside": ("Inside", ":material/layers:"),
    "data": ("Data", ":material/dataset:"),
    "label": ("Label", ":material/new_label:"),
    "train": ("Train", ":material/school:"),
    "connection": ("Connection", ":material/cable:"),
}
#: Reached from a link only: without an id there is nothing to show. (A page of its own,
#: for a link from a page to itself loses its query.)
HIDDEN = frozenset({"session", "replay", "study", "model"})


def page_of(name: str) -> Any:
    title, icon = PLACES[name]
    return st.Page(
        _FOLDER / f"{name}.py",
        title=title,
        icon=icon,
        url_path=None if name == "overview" else name,
        default=name == "overview",
        visibility="hidden" if name in HIDDEN else "visible",
    )


#: Where a part of the side bar begins, and its heading.
PARTS = {"overview": "", "models": "The model", "connection": "This server"}


def all_pages() -> dict[str, list[Any]]:
    """The pages in the side bar's parts."""
    parts: dict[str, list[Any]] = {}
    heading = ""
    for name in PLACES:
        heading = PARTS.get(name, heading)
        parts.setdefault(heading, []).append(page_of(name))
    return parts


def go(name: str, **query: str) -> None:
    st.switch_page(page_of(name), query_params=query)
