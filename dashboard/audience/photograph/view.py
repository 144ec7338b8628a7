"""A photograph's page: the picture with its faces, a row a face, the group's share."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from dashboard.audience.photograph import html
from dashboard.audience.photograph.data import SHOWN_AS_THEY_ARE, Photograph, finding, load
from dashboard.audience.replay import media
from dashboard.audience.session import data as session
from dashboard.audience.session.actions import Extra, actions, progress
from dashboard.navigation import go
from dashboard.shared.assets import text
from dashboard.shared.charts import tables
from dashboard.shared.charts.sparkline import share_strip
from dashboard.shared.page import subject_heading
from dashboard.shared.thumbnails import thumbnail
from dashboard.shared.widgets.empty_state import not_here
from dashboard.state import app_state
from fer_core.text import count, shorten

EXPLAINED = ("emotion", "confidence", "attention", "usable", "valence", "expressiveness")
#: Of pictures that no browser shows: as wide as it comes to the page.
COPY_WIDTH = 1280


def show(*, actions: Iterable[Extra], notes: Iterable[Extra]) -> None:
    """The photograph that the address names; a recording has the page Session."""
    session_id = st.query_params.get("id", "")
    state = app_state()
    about = session.load(state.store, session_id) if session_id else None
    if about is None:
        not_here("photograph", "sessions")
        return
    page = load(state.store, session_id)
    if page is None:
        go("session", id=session_id)
        return
    st.html(f"<style>{text(__file__, 'photograph.css')}</style>")
    _title(page)
    _actions(about, actions)
    if about.under_way:
        progress(about)
    _content(page)
    for note in notes:
        note(session_id)


def _title(page: Photograph) -> None:
    made = page.session.created
    subject_heading(
        page.session.name,
        (
            "What do these faces show?",
            f"{made.day} {made:%b %Y}",
            count(len(page.faces), "face"),
            f"{page.width} × {page.height} pixels",
            shorten(page.session.study or "", 40),
        ),
    )


def _actions(about: session.SessionPage, more: Iterable[Extra]) -> None:
    with st.container(horizontal=True):
        actions(about, more, EXPLAINED)


def _content(page: Photograph) -> None:
    link = _link(page)
    said = finding(page)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.html(html.picture(page, link, f"{page.session.name}. {said}."))
    with right:
        st.html(tables.sentences(said))
        unread = len(page.faces) - len(page.readable)
        if unread and page.readable:
            st.caption(f"{count(unread, 'more face')} could not be read.")
        if len(page.readable) > 1:
            st.markdown("**Faces by leading expression**")
            with st.container(key="photo-share"):
                st.html(share_strip(page.shares))
        if not page.faces:
            st.caption(
                "Faces need to be at least 40 pixels wide, lit from the front and turned to "
                "the camera."
            )
    if page.faces:
        st.subheader("Every face", anchor=False)
        st.html(html.faces(page, link))
        if page.knows_movements:
            st.caption(
                "Movements run from 0, a face at rest, to 1. One picture does not tell what this "
                "face looks like at rest, so they are held against most people's; blinks, closed "
                "eyes and gaze need a film."
            )


def _link(page: Photograph) -> str:
    """Where the browser gets the picture; "" where it is gone."""
    if page.file is None:
        return ""
    if page.file.suffix.lower() in SHOWN_AS_THEY_ARE:
        return media.clip_url(app_state().guard, page.session_id)
    return thumbnail(str(page.file), page.file.stat().st_mtime, COPY_WIDTH)
