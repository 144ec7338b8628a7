"""How a study's audience responded: the curve, its scenes, its viewers, their synchrony."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.audience.study import cached, charts, data, viewer_charts
from dashboard.audience.study.data import Audience, StudyView
from dashboard.audience.study.viewer_map import viewer_map
from dashboard.navigation import go, page_of
from dashboard.shared import filters
from dashboard.shared.charts import tables
from dashboard.shared.charts.figure import figure, figure_json
from dashboard.shared.charts.panels import second_of
from dashboard.shared.filters import Choice
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import current_theme
from fer_core.analytics.carried import SHARED
from fer_core.analytics.session import LEFT_OUT_UNDER
from fer_core.analytics.statistics import STATISTICS
from fer_core.analytics.synchrony import Synchrony
from fer_core.measures import HEADLINES
from fer_core.reports import units
from fer_core.reports.findings import how_many, norm
from fer_core.studies.membership import Study
from fer_core.text import clock, count, percent


def response(study: Study) -> None:
    """The answer: curve, scenes, viewers, synchrony."""
    if study.counted.empty:
        _nobody(study)
        return
    whose = cached.audiences(study, study.study_id, study.stamp)
    name, choice = _choose(list(whose))
    key = (study.stamp, f"{study.study_id} {name}", choice)
    view = cached.audience(study, whose[name], *key)
    _curve(study, view, whose[name], key)
    if view.empty:
        return
    _scenes(study, view)
    _viewers(study, view, choice.minimum)
    _together(view.measure, cached.synchrony(study, whose[name], *key))


def _choose(names: list[str]) -> tuple[str, Choice]:
    """The filters, in one row above what they filter: measure, viewers, minimum, baseline."""
    one, two, three, four = st.columns([3, 3, 2, 2], vertical_alignment="bottom")
    choice = filters.choose(
        one, three, four,
        help_minimum="Seconds with fewer viewers are not shown. Reports "
        f"show {SHARED} and more unless told otherwise.",
        help_corrected="Takes each viewer's resting face out, as it was before the film or in the "
        "first three seconds. Raw numbers are kept.",
    )  # fmt: skip
    whose = two.selectbox("Viewers", names, key="viewers", bind="query-params")
    return whose or names[0], choice


@st.fragment
def _curve(
    study: Study,
    view: StudyView,
    whose: Audience,
    key: tuple[str, str, Choice],
) -> None:
    how = "baseline corrected" if key[-1].corrected else "raw"
    st.html(
        tables.finding(
            charts.finding(view.response),
            f"{units.note(view.measure)}, {how}: {how_many(view.response)}; the band is the 95 % "
            "range",
        )
    )
    if whose.scenes:
        st.html(tables.scene_strip(whose.scenes, whose.markers, view.length_ms))
    theme = current_theme()
    drawing = figure_json(
        lambda: charts.figure(
            view.response,
            view.shares,
            scenes=whose.scenes,
            markers=whose.markers,
            length_ms=view.length_ms,
            theme=theme,
        ),
        "audience", *key, theme.name,
    )  # fmt: skip
    told = charts.alt_text(view.response)
    clicked = figure(drawing, alt=told, key="audience", clicks=True)
    _moment(study, view, None if clicked is None else second_of(clicked))


def _moment(study: Study, view: StudyView, clicked: int | None) -> None:
    """Who showed most in the second that was clicked, else at the peak; each opens the replay."""
    second = (
        clicked if clicked is not None or view.response.peak is None else view.response.peak.second
    )
    shown = [] if second is None else data.moment(view, study, second)
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
    st.caption(norm(cached.norm(study, study.study_id, study.stamp, measure)))


def _scenes(study: Study, view: StudyView) -> None:
    with st.container(horizontal=True, key="totals"):
        for one in STATISTICS:
            number = view.response.numbers[one.key]
            said = units.say_statistic(one, view.measure, number)
            st.metric(one.title, f"{said} {units.say_second(number)}".rstrip(), border=True)
    found = view.response
    if note := units.hiding(found.minimum, found.hidden_seconds, found.hidden_numbers):
        st.caption(note)
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
    drawn = viewer_charts.heat_map(
        view.lanes, view.labels, view.measure, length_ms=view.length_ms, theme=current_theme()
    )
    said = f"{units.name(view.measure)} of {count(len(view.labels), 'viewer')} over time."
    picked = viewer_map(drawn, alt=said, key="viewers-map")
    if picked is not None:
        session_id, t_s = data.recorded(view, study, *picked)
        go("replay", session=session_id, t=f"{t_s:g}")


def _together(measure: str, found: Mapping[str, Synchrony]) -> None:
    st.subheader(viewer_charts.synchrony_finding(measure, found.get(measure)), anchor=False)
    st.caption(
        "Synchrony, from −1 to 1. Dot: how each viewer's curve goes with the others'; bar: the "
        "95 % range that chance gives"
    )
    if any(not one.reason for one in found.values()):
        st.html(viewer_charts.synchrony_bars(found))


def _nobody(study: Study) -> None:
    """A study without a session that counts."""
    if len(study.sessions):
        st.info(
            "None of its sessions counts yet: they are still analysed, or were left out. The view "
            f"«Sessions» says why. Under {percent(LEFT_OUT_UNDER)} quality a session is "
            "left out unless it is taken back.",
            icon=":material/info:",
        )
    else:
        st.info("This study has no sessions yet. Add them in the view «Sessions».")
    st.page_link(page_of("analyze"), label="Add recordings", icon=":material/upload:")
