"""The Label page: the faces with their keys, and what was labelled so far."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.lab.data.charts import counts_strip
from dashboard.lab.label import data as labels
from dashboard.navigation import go, page_of
from dashboard.shared.page import heading, show_errors
from dashboard.shared.widgets.component import component
from dashboard.shared.widgets.empty_state import empty
from dashboard.state import app_state
from fer_core.evaluation.agreement import FEWEST
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import EMOTION_COLOURS
from fer_core.text import count, percent, shorten

ALL = "All recordings"


def show() -> None:
    heading(
        "Label",
        "What do these faces show? "
        "Faces that were kept for review, the least certain first. Each takes one key.",
    )
    state = app_state()
    found = labels.sources(state.store, state.home)
    if not found:
        _nothing_kept()
        return
    labeller, session_id = _choices(found)
    _faces(labeller, session_id)
    _so_far(labeller)


def _nothing_kept() -> None:
    if empty(
        "Faces wait here once a recording was analysed with «Keep faces for review» on. "
        "What you correct makes the next model better.",
        "Add a recording",
        key="no-faces",
    ):
        go("analyze")


def _choices(sources: list[labels.Source]) -> tuple[str, str | None]:
    """Who labels, and whose faces."""
    names = {one.session_id: f"{shorten(one.name, 50)} ({one.faces:,})" for one in sources}
    who, which = st.columns(2)
    given = who.text_input(
        "Your name",
        value=labels.ME,
        max_chars=40,
        key="labeller",
        bind="query-params",
        help="Several people can label the same faces; how far they agree is shown below.",
    )
    wanted = st.query_params.get("session")
    keys = ["", *names]
    chosen = which.selectbox(
        "Recording",
        keys,
        index=keys.index(wanted) if wanted in names else 0,
        format_func=lambda key: names.get(key, ALL),
        key="labelled-session",
    )
    return labels.labeller_of(given), chosen or None


def _faces(labeller: str, session_id: str | None) -> None:
    """The faces. Their labels go to the server by themselves; the page is not drawn again."""
    component(__file__, "label")(
        key=f"label-{labeller}-{session_id}",
        data={
            "token": app_state().guard.token,
            "labeller": labeller,
            "session": session_id,
            "emotions": [{"name": name, "colour": EMOTION_COLOURS[name]} for name in DISPLAY_ORDER],
        },
    )


@st.fragment(run_every=3)
def _so_far(labeller: str) -> None:
    """What was labelled, and how far people agree; it follows the keys."""
    with show_errors():
        now = labels.progress(app_state().store, labeller)
        if not now.faces and not now.mine:
            return
        st.subheader(f"{count(now.faces, 'face')} labelled so far", anchor=False)
        st.html(counts_strip(now.emotions))
        st.caption(_explained(now))
        _agreement(now)
        st.page_link(
            page_of("train"), label="Train with these labels", icon=":material/arrow_forward:"
        )


def _explained(now: labels.Progress) -> str:
    number = count(now.held_out, "of them is", "of them are") if now.held_out else "None of them is"
    said = [
        f"{number} held out{'' if now.held_out else ' yet'}: the faces of four seconds in every "
        "twenty (0:08 to 0:11, 0:28 to 0:31 and so on), of every viewer, whoever labels. No "
        "model is trained on them; they test it, on the same people at other moments."
    ]
    if now.left_out:
        words = {"tie": "split evenly between labellers", "not_a_face": "not a face",
                 "unusable": "not usable", "skip": "skipped"}  # fmt: skip
        said.append(
            "Left out: "
            + ", ".join(f"{n:,} {words.get(why, why)}" for why, n in sorted(now.left_out.items()))
            + "."
        )
    return " ".join(said)


def _agreement(now: labels.Progress) -> None:
    people = ", ".join(f"{escape(who)} {n:,}" for who, n in now.labellers.items())
    found = now.agreement
    if found is None:
        if len(now.labellers) > 1:
            st.caption(f"Labelled by {people}; no face by two of them yet.")
        return
    names = (
        " and ".join(found.labellers)
        if len(found.labellers) == 2
        else f"all {len(found.labellers)}"
    )
    with st.container(horizontal=True, key="totals"):
        st.metric(
            f"{found.method} kappa",
            "–" if found.n < FEWEST or found.kappa != found.kappa else f"{found.kappa:.2f}",
            border=True,
            help="1 where all agree, 0 where they agree no more often than by chance. On "
            "faces that were not posed, people usually reach 0.4 to 0.7.",
        )
        st.metric("Same label", percent(found.same), border=True)
        st.metric("Faces judged by all", f"{found.n:,}", border=True)
    if found.n < FEWEST:
        st.caption(f"Kappa is shown once {names} have judged {FEWEST} of the same faces.")
    st.caption(f"Labelled by {people}.")
