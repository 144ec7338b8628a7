"""The catalogue on the page: found, edited, added, removed and put back."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from html import escape
from typing import Any

import streamlit as st

from dashboard.audience.recommend import cached, data
from dashboard.audience.recommend.catalogue_table import download, import_table
from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.storage.commands import Command
from fer_core.storage.recommend.catalogue import (
    LONGEST,
    TAGS,
    ForgetItems,
    Medium,
    NewItem,
    RemoveItems,
    SaveItems,
)
from fer_core.text import count, shorten

PAGE = 20
THERE, REMOVED = "In the catalogue", "Removed"
_AT = "catalogue-page"  # what was asked for, and the page of it


def catalogue() -> None:
    """What there is, a page at a time."""
    one, two, three = st.columns([2, 2, 3], vertical_alignment="bottom")
    words = one.text_input(
        "Find a title", placeholder="Title, creator or year", key="find", bind="query-params"
    )
    medium = two.selectbox(
        "Medium", [None, *Medium], format_func=lambda m: data.PLURALS[m] if m else "All media",
        key="catalogue-medium",
    )  # fmt: skip
    which = three.segmented_control(
        "Show", (THERE, REMOVED), default=THERE, key="catalogue-which", required=True
    )
    source = cached.removed() if which == REMOVED else cached.catalogue()
    found = source.find(words or "", medium)
    with st.container(horizontal=True, vertical_alignment="center"):
        if may(Action.EDIT):
            if st.button("Add a title", icon=":material/add:"):
                _edit(None)
            if st.button("Import a table", icon=":material/upload_file:"):
                import_table()
        download(found)
    st.caption(count(len(found), "title"))
    pages = max(1, -(-len(found) // PAGE))
    asked = (words, medium, which)
    before, at = st.session_state.get(_AT, (asked, 1))
    at = min(at, pages) if before == asked else 1
    _rows(found[(at - 1) * PAGE : at * PAGE], removed=which == REMOVED)
    if pages > 1:
        with st.container(
            horizontal=True, horizontal_alignment="center", vertical_alignment="center"
        ):
            _turn("Back", (asked, at - 1), at > 1)
            st.markdown(f"Page {at:,} of {pages:,}")
            _turn("Next", (asked, at + 1), at < pages)


def _turn(label: str, to: tuple[Hashable, int], there: bool) -> None:
    if st.button(label, disabled=not there, key=f"catalogue-{label}"):
        st.session_state[_AT] = to
        st.rerun()


def _rows(items: Sequence[NewItem], *, removed: bool) -> None:
    for item in items:
        with st.container(key=f"item-{item.item_id}", gap=None):
            left, right = st.columns([6, 1], vertical_alignment="center")
            mood = " · ".join(f"{tag['name']} {tag['said']}" for tag in data.mood(item))
            about = " · ".join(part for part in (item.medium, data.by(item), mood) if part)
            left.html(
                f'<div class="rapt-link"><b>{escape(shorten(item.title, 90))}</b>'
                f"<span>{escape(about)}</span></div>"
            )
            if not may(Action.EDIT):
                continue
            if removed:
                if right.button("Put back", key=f"back-{item.item_id}"):
                    _run(SaveItems(items=(item,)), f"{item.title} is back.")
            elif right.button("Edit", key=f"edit-{item.item_id}"):
                _edit(item)


@st.dialog("A title of the catalogue")
def _edit(item: NewItem | None) -> None:
    item_form(item)


def item_form(item: NewItem | None) -> None:
    """A title's fields, saved or removed; without an item, those of a new one."""
    with st.form("item", border=False):
        values = _fields(item)
        save = st.form_submit_button("Save", type="primary")
    if save:
        with show_errors():
            _run(SaveItems(items=(data.typed_item(item, values),)), "Saved.")
    if item is None:
        return
    with st.container(horizontal=True), show_errors():
        if st.button("Remove", icon=":material/delete:", type="tertiary"):
            said = f"{item.title} is removed. «{REMOVED}» still has it."
            _run(RemoveItems(items=(item,)), said)
        if data.was_changed(item) and st.button("As it was shipped", type="tertiary"):
            _run(ForgetItems(item_ids=(item.item_id,)), "As it was shipped.")


def _run(change: Command[Any], said: str) -> None:
    """Carry it out, say so, and draw the page again."""
    app_state().store.run(change)
    notice(shorten(said, 80))
    st.rerun()


def _fields(item: NewItem | None) -> dict[str, Any]:
    """What a person may say of a title, by the field's name."""
    media = list(Medium)
    values: dict[str, Any] = {
        "medium": st.selectbox(
            "Medium", media, index=media.index(item.medium) if item else 0,
            format_func=lambda one: one.value.capitalize(),
        ),
        "title": st.text_input(
            "Title", item.title if item else "", max_chars=LONGEST["title"]
        ),
    }  # fmt: skip
    one, two = st.columns([3, 1])
    values["creator"] = one.text_input(
        "By", item.creator if item else "", max_chars=LONGEST["creator"]
    )
    values["year"] = two.text_input("Year", str(item.year or "") if item else "", max_chars=5)
    values["sentence"] = st.text_area(
        "In one sentence", item.sentence if item else "", max_chars=LONGEST["sentence"], height=80
    )
    films = data.stimuli(app_state().store)
    linked = item.stimulus_id if item else None
    values["stimulus_id"] = st.selectbox(
        "Analysed here as", list(films), index=list(films).index(linked) if linked in films else 0,
        format_func=lambda key: shorten(films[key], 60),
        help="Its viewers' measured engagement then counts in lists, and is shown with it.",
    )  # fmt: skip
    for name, (low, high) in TAGS.items():
        usual = (low + high) / 2
        values[name] = st.slider(
            name.capitalize(), low, high, float(getattr(item, name)) if item else usual, 0.05,
            help=data.TAG_MEANS[name],
        )  # fmt: skip
    return values
