"""What the lab adds to a session's page: another model's reading, and the faces kept of it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import cache
from dashboard.audience.session.page import SessionPage
from dashboard.lab.label import data as lab_label
from dashboard.navigation import go, place
from dashboard.shared.page import in_words, notice
from dashboard.shared.session_rows import plain
from fer_core import zoo
from fer_core.jobs import queue
from fer_core.text import count, shorten


def again_popover(page: SessionPage) -> None:
    """Read the same recording with another model, into a session beside this one."""
    path = page.row["path"]
    if page.analysing or not path or not Path(path).is_file():
        return
    house = cache.house()
    with st.popover("Analyse again", icon=":material/refresh:"), in_words():
        made_by = str(page.row["model"] or "").split("@")[0]
        used = zoo.in_use(house.home)
        names = [card.name for card in zoo.list_cards(house.home)]
        names.sort(key=lambda name: name != used)
        chosen = st.selectbox(
            "With this model",
            names,
            format_func=lambda name: name + (", in use" if name == used else ""),
            key="again-model",
        )
        note = f"{plain(made_by)} made this session. " if made_by else ""
        study = (
            " It does not join the study: the same viewers would count twice there."
            if page.row["study"]
            else ""
        )
        st.caption(f"{note}The new one stands beside it and is linked here.{study}")
        if st.button("Analyse again", key="again", type="primary"):
            queue.analyse_again(house.store, page.session_id, chosen)
            notice("In the queue. The new session appears when it begins.")
            go("analyze")


def lab_notes(page: SessionPage) -> None:
    """Other readings of the same recording, and the faces that were kept."""
    house = cache.house()
    others = house.store.sessions_again(page.session_id)
    if len(others):
        st.markdown("**The same recording, read by other models**")
        for row in others.to_dict("records"):
            model = str(row["model"] or "").split("@")[0]
            st.page_link(
                place("session"),
                label=plain(
                    f"{shorten(str(row['name']), 60)}, made by {model or 'an unknown model'}"
                ),
                query_params={"id": str(row["session_id"])},
                icon=":material/timeline:",
            )
    with in_words():
        kept = lab_label.kept(house.home, page.session_id)
        if len(kept):
            _kept(page, len(kept))


def _kept(page: SessionPage, number: int) -> None:
    st.markdown(
        f"**{count(number, 'face is', 'faces are')} kept for review**: one small grey picture of "
        "each viewer and second, in this session's folder."
    )
    with st.container(horizontal=True):
        if st.button("Label them", icon=":material/new_label:"):
            go("label", session=page.session_id)
        if not page.analysing and st.button(
            "Forget the faces", icon=":material/hide_image:", type="tertiary"
        ):
            _confirm_forget(page, number)


@st.dialog("Forget these faces?")
def _confirm_forget(page: SessionPage, number: int) -> None:
    st.markdown(
        f"{count(number, 'picture is', 'pictures are')} deleted. The session keeps every number; "
        "labels of these faces can no longer train a model. This cannot be undone."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        keep = st.button("Keep them")
        forget = st.button("Forget them", type="primary")
    if keep:
        st.rerun()
    if forget:
        with in_words():
            cache.house().store.order("forget_faces", session_id=page.session_id)
            notice("The faces are forgotten.")
            st.rerun()
