"""The list for a look: made once, answered by key or button, deleted with its owner's answers."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

from dashboard.audience.recommend import cached, data
from dashboard.audience.recommend.sources import Chosen
from dashboard.audience.recommend.visitor import forget_visitor
from dashboard.shared.page import show_errors
from dashboard.shared.widgets.component import component
from dashboard.shared.widgets.confirm import confirmed
from dashboard.state import app_state
from fer_core.recommend.lists import Owner
from fer_core.recommend.look import Look
from fer_core.recommend.policies import RULES, Policy
from fer_core.recommend.recommending import Recommended, recommend
from fer_core.storage.recommend.catalogue import Medium
from fer_core.storage.recommend.feedback import DeleteFeedback

EACH = 3
#: What the page keeps for a visit: the list shown with what it was made for, its answers, the
#: number of «another list», and that answers were deleted and none is shown until asked for.
_LIST, _ANSWERS, _TURN, _DELETED = (
    f"recommend-{name}" for name in ("list", "answers", "turn", "deleted")
)


def titles(chosen: Chosen, look: Look) -> None:
    """The controls of the list, and the list."""
    left, right = st.columns(2, vertical_alignment="bottom")
    policy = left.segmented_control(
        "The list should", list(Policy), default=Policy.MATCH, key="policy", required=True,
        format_func=lambda one: one.value.capitalize(), bind="query-params",
    ) or Policy.MATCH  # fmt: skip
    there = [one for one in Medium if (cached.catalogue().media == list(Medium).index(one)).any()]
    media = right.pills(
        "Only", there, selection_mode="multi", key="media",
        format_func=lambda one: data.PLURALS[one],
    )  # fmt: skip
    if st.session_state.get(_DELETED):
        st.info("The answers are deleted. A list that is shown is kept again.")
        if st.button("Show a list", type="primary"):
            del st.session_state[_DELETED]
            st.rerun()
        return
    turn = st.session_state.get(_TURN, 0)
    asked = (chosen.name, chosen.owner, policy, tuple(media or ()), turn)
    found = _list_for(asked, look, policy, tuple(media or ()), chosen.owner)
    if not found.items:
        st.info("The catalogue has nothing of this kind.", icon=":material/search_off:")
        return
    _answered(found)
    _below(chosen.owner)


def _list_for(
    asked: Hashable, look: Look, policy: Policy, media: tuple[Medium, ...], owner: Owner
) -> Recommended:
    """The list that was asked for; the one on the page unless something else is asked now."""
    kept = st.session_state.get(_LIST)
    if kept is not None and kept[0] == asked:
        shown: Recommended = kept[1]
        return shown
    found = recommend(
        app_state().store, look, policy, each=EACH, media=media, owner=owner, keep=True,
        catalogue=cached.catalogue(),
    )  # fmt: skip
    assert isinstance(found, Recommended)
    st.session_state[_LIST] = (asked, found)
    st.session_state[_ANSWERS] = {}
    return found


@st.fragment
def _answered(found: Recommended) -> None:
    """The list in the browser; its answers are kept as they come."""
    st.html(
        f'<div class="recommend-purpose"><b>{RULES[found.policy].purpose.capitalize()}.</b> '
        f"{data.how_far(found)}</div>"
    )
    kept = st.session_state.get(_ANSWERS, {})
    said = component(__file__, "titles")(
        key=f"titles-{found.list_id}",
        data={"list": found.list_id, "groups": data.groups(found), "said": kept},
        on_said_change=lambda: None,
    ).said
    if isinstance(said, dict):
        with show_errors():
            st.session_state[_ANSWERS] = data.keep_answers(
                app_state().store, found.list_id, kept, said
            )


def _below(owner: Owner) -> None:
    """Another list, and what becomes of answers."""
    with st.container(horizontal=True):
        if st.button("Another list", icon=":material/refresh:"):
            st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
            st.rerun()
        if st.button("Delete answers", icon=":material/delete:", type="tertiary"):
            _confirm_delete(owner)
    whose = "the session's" if owner.session_id else "this browser's, under a random number"
    st.caption(
        f"Shown titles and answers are {whose}: the three numbers of the look (valence, energy, "
        "tension) are kept with them, no picture and no name."
    )


@st.dialog("Delete the answers?")
def _confirm_delete(owner: Owner) -> None:
    whose = "this session" if owner.session_id else "this browser"
    if confirmed(
        f"All lists and answers of {whose} are removed, and what was learned from them. "
        "This cannot be undone.",
        yes="Delete answers",
    ):
        with show_errors():
            command = DeleteFeedback(session_id=owner.session_id, visitor=owner.visitor)
            app_state().store.run(command)
            if owner.visitor:
                forget_visitor()
            st.session_state.pop(_LIST, None)
            st.session_state[_DELETED] = True
            st.rerun()
