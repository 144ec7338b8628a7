"""One session played: film, faces and curve under one clock."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from dashboard.audience.replay import data, markers, media, splits
from dashboard.audience.replay.cached import load_replay, load_viewer
from dashboard.audience.replay.payload import player_data
from dashboard.audience.replay.player import asked, replay
from dashboard.audience.session import viewer_edits
from dashboard.navigation import go, page_of
from dashboard.shared.assets import text
from dashboard.shared.page import show_errors, subject_heading
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.empty_state import not_here
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.errors import RaptError
from fer_core.text import clock, count, shorten

MOST_DONE = 200


def show() -> None:
    with st.spinner("Reading the session"):
        page = _open(st.query_params.get("session", ""))
    if page is None:
        not_here("session", "sessions")
        return
    if page.session.info.get("is_picture"):
        go("photograph", id=page.session_id)
    _title(page)
    _player(page.session_id, start_ms(st.query_params.get("t")))


def _open(session_id: str) -> data.Replay | None:
    state = app_state()
    if not session_id or not state.store.sessions.exists(session_id):
        return None
    session = state.store.sessions.get(session_id)
    which = session.stimulus_id
    path = media.stimulus(state.store, which) if which else None
    stimulus = (
        data.stimulus_film(path, media.stimulus_url(state.guard, which)) if which and path else None
    )
    recording = media.recording(state.store, session_id)
    return load_replay(session_id, data.stamp(session), recording, stimulus)


def _title(page: data.Replay) -> None:
    session = page.session
    facts = (
        clock(page.duration_ms),
        count(session.viewers, "viewer") if session.viewers else None,
        shorten(session.study or "", 40),
        shorten(session.stimulus or "", 40),
    )
    st.html(f"<style>{text(__file__, 'page.css')}</style>")
    with st.container(horizontal=True, key="replay-head"):
        subject_heading(page.name, facts)
        st.page_link(
            page_of("session"),
            label="Back to the session",
            icon=":material/arrow_back:",
            query_params={"id": page.session_id},
        )


@st.fragment
def _player(session_id: str, start: int | None) -> None:
    """The player. A marker reruns this part alone: the film plays on."""
    state, page = app_state(), _open(session_id)
    key = f"replay-{session_id}"
    if page is None or st.session_state.pop(f"{key}-viewers", False):
        st.rerun()  # all of the page: its title counts the viewers
    empty = page.empty
    with show_errors():
        if error := st.session_state.pop(f"{key}-error", None):
            st.error(error)
        viewer = _viewer(key, page)
        if viewer is not None:
            stamp = data.stamp(page.session)
            seconds, gaps = load_viewer(session_id, stamp, viewer, page.duration_ms)
            page = replace(page, seconds=seconds, gaps=gaps)
        given = player_data(
            page,
            markers.shown(state.store, session_id),
            splits=splits.shown(state.store, session_id),
            asked_split=st.session_state.get(f"{key}-split"),
            rows_url=media.rows_url(state.guard, session_id, str(page.session.updated)),
            start=start,
            done=_done(key),
            viewer=viewer,
            edits=may(Action.EDIT),
        )
        replay(
            given,
            key=key,
            on_asks=partial(_answer, session_id, key),
            on_viewer=partial(_choose, key),
        )
    if empty:
        st.info("No face could be read in this recording: there is no curve to draw.")


def start_ms(seconds: str | None) -> int | None:
    """``t`` of a link, in seconds."""
    try:
        value = float(seconds or "")
    except ValueError:
        return None
    return round(1000 * value) if 0 <= value < 1_000_000 else None


def _done(key: str) -> list[str]:
    return list(st.session_state.get(f"{key}-done", []))


def _choose(key: str) -> None:
    """Whose curves are shown: a viewer's number, or -1 for the whole audience."""
    number = asked(key, "viewer")
    if isinstance(number, int):
        st.session_state[f"{key}-viewer"] = number


def _viewer(key: str, page: data.Replay) -> int | None:
    number = st.session_state.get(f"{key}-viewer")
    return number if number in {one.viewer for one in page.lanes} else None


def _answer(session_id: str, key: str) -> None:
    """Before the page is drawn again: what was asked is in the store when it is."""
    done, store, asks = _done(key), app_state().store, asked(key, "asks")
    before = viewer_edits.edits(store, session_id)
    if refused := splits.answer(store, session_id, asks, done):
        st.session_state[f"{key}-error"] = " ".join(refused)
    st.session_state[f"{key}-viewers"] = viewer_edits.edits(store, session_id) != before
    try:
        over = markers.answer(store, session_id, asks, done)
    except RaptError as error:
        st.session_state[f"{key}-error"] = f"The marker could not be kept. {error}"
        return
    st.session_state[f"{key}-split"] = splits.last_asked(
        asks, done, st.session_state.get(f"{key}-split")
    )
    done += [one for one in over if one not in done]
    st.session_state[f"{key}-done"] = done[-MOST_DONE:]
