"""Where the look comes from: a photograph, the camera, a session, or a person's own word."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from dashboard.audience.recommend import cached, charts, data
from dashboard.audience.recommend.visitor import visitor
from dashboard.shared.charts import tables
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.files import sha256_of
from fer_core.recommend.face import look_of_session
from fer_core.recommend.lists import Owner
from fer_core.recommend.look import SAID, Look, Unreadable, look_said
from fer_core.text import count, shorten

PHOTOGRAPH, CAMERA, SESSION, WORD = SOURCES = ("Photograph", "Camera", "Session", "In a word")
NOT_KEPT = "It is looked at in this machine's memory and never written."
#: The viewer's number that stands for all viewers of a session.
EVERYBODY = 0


@dataclass(frozen=True)
class Chosen:
    """A look, or why there is none; what tells it from others; whose list; what is behind it."""

    look: Look | Unreadable
    name: str
    owner: Owner
    behind: str


def chosen_look() -> Chosen | None:
    """The look that the controls name, drawn. Where none could be read, the person is asked."""
    asked = st.query_params.get("session", "")
    there = SOURCES if may(Action.EDIT) else (SESSION, WORD)  # pictures come as uploads
    source = st.segmented_control(
        "Look from", there, default=SESSION if asked else there[0], key="look-from",
        required=True,
    )  # fmt: skip
    if source == SESSION:
        found = _of_session(asked)
    elif source == WORD:
        found = _of_word("How would you say you look today?")
    else:
        found = _of_picture(source == CAMERA)
    if found is not None and isinstance(found.look, Unreadable):
        st.warning(f"Nothing was read: {found.look.why}.", icon=":material/visibility_off:")
        answer = _of_word(found.look.question)
        found = answer and replace(answer, owner=found.owner)
    if found is not None and isinstance(found.look, Look):
        note = f"{found.behind}. What is seen, not what is felt; thin lines are 95 % ranges"
        st.html(tables.finding(charts.finding(found.look), note))
        st.html(charts.mix(found.look))
    return found


def _of_picture(camera: bool) -> Chosen | None:
    if camera:
        given = st.camera_input("Take a picture of one face", key="look-camera")
    else:
        given = st.file_uploader(
            "Drop a photograph with a face", type=["jpg", "jpeg", "png", "webp", "bmp"],
            key="look-photograph",
        )  # fmt: skip
    if given is None:
        st.caption(f"The largest face is read. {NOT_KEPT}")
        return None
    content = given.getvalue()
    digest = sha256_of(content)
    look = cached.look_of_photograph(content, digest)
    behind = "The camera's picture" if camera else f"One face of {shorten(given.name, 40)}"
    return Chosen(look, digest, Owner(visitor=visitor()), behind)


def _of_session(asked: str) -> Chosen | None:
    store = app_state().store
    names = data.sessions(store)
    if not names:
        st.info("There is no session yet. Analyse a recording first.", icon=":material/timeline:")
        return None
    which, whose = st.columns([3, 1], vertical_alignment="bottom")
    ids = list(names)
    session_id = which.selectbox(
        "Session", ids, index=ids.index(asked) if asked in ids else 0,
        format_func=lambda key: shorten(names[key], 70), key="look-session",
    ) or ids[0]  # fmt: skip
    viewer = whose.selectbox(
        "Viewer", [EVERYBODY, *data.viewers(store, session_id)], key=f"look-viewer-{session_id}",
        format_func=lambda number: f"viewer {number}" if number else "everybody",
    ) or EVERYBODY  # fmt: skip
    look = look_of_session(store, session_id, viewer or None)
    behind = "" if isinstance(look, Unreadable) else count(look.n, "second")
    whom = f"viewer {viewer}" if viewer else "all viewers, each counting once"
    return Chosen(look, f"{session_id} {viewer}", Owner(session_id), f"{behind} of {whom}")


def _of_word(question: str) -> Chosen | None:
    word = st.segmented_control(question, list(SAID), key="look-word")
    if word is None:
        return None
    return Chosen(look_said(word), word, Owner(visitor=visitor()), "Your own word")
