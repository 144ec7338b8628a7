"""A study's page: how the audience responded, who was in it, the film."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard.audience.studies import data as studies
from dashboard.audience.studies.view import SIMULATED
from dashboard.audience.study import cached as study_cache
from dashboard.audience.study import charts as audience
from dashboard.audience.study import data as study_view
from dashboard.audience.study import viewer_charts as viewers
from dashboard.audience.study.data import StudyView
from dashboard.audience.study.film import film
from dashboard.audience.study.members import members
from dashboard.audience.study.viewer_map import viewer_map
from dashboard.navigation import go, page_of
from dashboard.shared import filters
from dashboard.shared.charts import tables
from dashboard.shared.charts.figure import figure, figure_json
from dashboard.shared.charts.panels import second_of
from dashboard.shared.confirm import confirmed
from dashboard.shared.definitions import definitions
from dashboard.shared.empty_state import not_here
from dashboard.shared.export_menu import take_along
from dashboard.shared.filters import Choice
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors, subject_heading, theme_look
from dashboard.state import app_state
from fer_core.analytics.statistics import DEFINED, STATISTICS
from fer_core.analytics.synchrony import Synchrony
from fer_core.analytics.wording import listed
from fer_core.measures import HEADLINES
from fer_core.reports import units
from fer_core.studies.membership import Study
from fer_core.text import clock, count, percent, shorten

EXPLAINED = (
    "engagement", "attention", "valence", "expressiveness", "second", "audience", "share",
    "baseline", "quality", *DEFINED, "lift", "peak_to_marker", "synchrony", "norm",
)  # fmt: skip


def show(views: Mapping[str, Callable[[Study], None]]) -> None:
    """The study that the address names; ``views`` are those that other wings add."""
    study_id = st.query_params.get("id", "")
    study = study_cache.study(study_id) if study_id else None
    if study is None:
        not_here("study", "studies")
        return
    _title(study)
    _actions(study)
    shown = {"Response": _response, "Sessions": members, "Film": film, **views}
    view = st.segmented_control(
        "View", list(shown), default="Response", key="view", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    shown[view](study)


def _title(study: Study) -> None:
    out = len(study.left_out)
    facts = (
        study.question,
        count(len(study.counted), "session"),
        f"{out} left out" if out else None,
        listed(study.conditions, "and") if len(study.conditions) > 1 else None,
    )
    subject_heading(study.name, facts, most=80)
    simulated_note(study)


def simulated_note(study: Study) -> None:
    if study.simulated:
        st.info(SIMULATED, icon=":material/smart_toy:")


def _actions(study: Study) -> None:
    with st.container(horizontal=True):
        if len(study.conditions) > 1 and st.button("Compare", icon=":material/compare_arrows:"):
            go("compare", study=study.study_id)
        take_along(study)
        definitions(EXPLAINED)
        with st.container(width="content"):
            _edit(study)
        if st.button("Delete", icon=":material/delete:", type="tertiary"):
            _confirm_delete(study)


@st.fragment
def _edit(study: Study) -> None:
    box = st.popover("Edit", icon=":material/edit:", key="edit", on_change="rerun")
    if not box.open:
        return
    with box, st.form("edit-study", border=False):
        name = st.text_input("Name", value=study.name, max_chars=200)
        question = st.text_input("Question", value=study.question)
        conditions = st.text_input("Conditions", value=", ".join(study.conditions))
        if st.form_submit_button("Save"):
            with show_errors():
                studies.update(app_state().store, study.study_id, name, question, conditions)
                notice("Saved.")
                st.rerun()


@st.dialog("Delete this study?")
def _confirm_delete(study: Study) -> None:
    what = (
        f"**{escape_markdown(shorten(study.name, 60))}** with its stimuli, scenes and markers "
        "is removed. Its sessions stay, without a study. This cannot be undone."
    )
    if confirmed(what, yes="Delete study"):
        with show_errors():
            studies.delete(app_state().store, study.study_id)
            notice(f"{shorten(study.name, 40)} is deleted.")
            go("studies")


def _choose(names: list[str]) -> tuple[str, Choice]:
    """The filters, in one row above what they filter: measure, viewers, minimum, baseline."""
    one, two, three, four = st.columns([3, 3, 2, 2], vertical_alignment="bottom")
    choice = filters.choose(
        one, three, four,
        help_minimum="Seconds with fewer viewers are not shown. Use 5 for what others will see.",
        help_corrected="Takes each viewer's resting face out, as it was before the film or in the "
        "first three seconds. Raw numbers are kept.",
    )  # fmt: skip
    whose = two.selectbox("Viewers", names, key="viewers", bind="query-params")
    return whose or names[0], choice


def _response(study: Study) -> None:
    """The answer: curve, scenes, viewers, synchrony."""
    if study.counted.empty:
        _nobody(study)
        return
    whose = study_cache.audiences(study, study.study_id, study.stamp)
    name, choice = _choose(list(whose))
    key = (study.stamp, f"{study.study_id} {name}", choice)
    view = study_cache.audience(study, whose[name], *key)
    _curve(study, view, whose[name], key)
    if view.empty:
        return
    _scenes(study, view)
    _viewers(study, view, choice.minimum)
    _together(view.measure, study_cache.synchrony(study, whose[name], *key))


@st.fragment
def _curve(
    study: Study,
    view: StudyView,
    whose: study_view.Audience,
    key: tuple[str, str, Choice],
) -> None:
    how = "baseline corrected" if key[-1].corrected else "raw"
    st.html(
        tables.finding(
            audience.finding(view.curve, view.measure, view.response.peak),
            f"{units.note(view.measure)}, {how}: mean of {count(view.viewers, 'viewer')}; the "
            "band is the 95 % range, n below it",
        )
    )
    if whose.scenes:
        st.html(tables.scene_strip(whose.scenes, whose.markers, view.length_ms))
    look = theme_look()
    drawing = figure_json(
        lambda: audience.figure(
            view.curve,
            view.shares,
            view.measure,
            scenes=whose.scenes,
            markers=whose.markers,
            length_ms=view.length_ms,
            look=look,
        ),
        "audience", *key, look.name,
    )  # fmt: skip
    told = audience.told(view.curve, view.measure, view.response.peak)
    clicked = figure(drawing, alt=told, key="audience", clicks=True)
    _moment(study, view, None if clicked is None else second_of(clicked))


def _moment(study: Study, view: StudyView, clicked: int | None) -> None:
    """Who showed most in the second that was clicked, else at the peak; each opens the replay."""
    second = (
        clicked if clicked is not None or view.response.peak is None else view.response.peak.second
    )
    shown = [] if second is None else study_view.moment(view, study, second)
    if second is None or not shown:
        return
    where = clock(1000 * second) + (", the peak" if clicked is None else "")
    with st.container(horizontal=True, vertical_alignment="center", key="moment"):
        st.markdown(f"**Highest at {where}**")
        for one in shown:
            st.page_link(
                page_of("replay"),
                label=escape_markdown(f"{one.label} {units.say(view.measure, one.value)}"),
                icon=":material/play_circle:",
                query_params={"session": one.session_id, "t": f"{one.t_s:g}"},
            )
        st.caption("Click a second of the curve for another.")


def _norm(study: Study, measure: str) -> None:
    """Where the whole study stands among the others of its kind; why not, where there are few."""
    if measure not in HEADLINES:
        return
    found = study_cache.norm(study, study.study_id, study.stamp, measure)
    others = count(found.n, "other study", "other studies")
    if found.percentile is None:
        said = f"No norm yet: {others} of this kind here, 10 are needed."
    else:
        said = (
            f"The whole study's mean lies above {found.percentile:.0f} % of {others} of its kind."
        )
    st.caption(said)


def _scenes(study: Study, view: StudyView) -> None:
    with st.container(horizontal=True, key="totals"):
        for one in STATISTICS:
            number = view.response.numbers[one.key]
            at = "" if number.second is None else f" at {clock(1000 * number.second)}"
            said = units.say_statistic(one, view.measure, number.value)
            st.metric(one.title, said + at, border=True)
    _norm(study, view.measure)
    if len(view.response.scenes):
        st.subheader("Scene by scene", anchor=False)
        st.html(tables.scenes(view.response.scenes, view.measure))
        if len(view.response.marks):
            st.html(tables.markers(view.response.marks))
    else:
        st.caption("Scenes and markers are set in the view «Film»; then they are counted here.")


def _viewers(study: Study, view: StudyView, minimum: int) -> None:
    st.subheader("Viewer by viewer", anchor=False)
    if not view.labels:
        st.caption(f"Single viewers are not shown while the smallest group is {minimum}.")
        return
    st.caption(
        f"{units.name(view.measure)}, a row a viewer, the highest mean on top; stronger is more, "
        "empty is not known. A click opens the replay there."
    )
    drawn = viewers.heat_map(
        view.lanes, view.labels, view.measure, length_ms=view.length_ms, look=theme_look()
    )
    said = f"{units.name(view.measure)} of {count(len(view.labels), 'viewer')} over time."
    picked = viewer_map(drawn, alt=said, key="viewers-map")
    if picked is not None:
        session_id, t_s = study_view.recorded(view, study, *picked)
        go("replay", session=session_id, t=f"{t_s:g}")


def _together(measure: str, ties: Mapping[str, Synchrony]) -> None:
    st.subheader(viewers.synchrony_finding(measure, ties.get(measure)), anchor=False)
    st.caption(
        "Synchrony, from −1 to 1. Dot: how each viewer's curve goes with the others'; bar: the "
        "95 % range that chance gives"
    )
    if any(not one.reason for one in ties.values()):
        st.html(viewers.ties(ties))


def _nobody(study: Study) -> None:
    """A study without a session that counts."""
    if len(study.sessions):
        st.info(
            "None of its sessions counts yet: they are still analysed, or were left out. The view "
            f"«Sessions» says why. Under {percent(studies.LEFT_OUT_UNDER)} quality a session is "
            "left out unless it is taken back.",
            icon=":material/info:",
        )
    else:
        st.info("This study has no sessions yet. Add them in the view «Sessions».")
    st.page_link(page_of("analyze"), label="Add recordings", icon=":material/upload:")
