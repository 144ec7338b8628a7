"""The viewers behind the curves: a row each, and whether they respond together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.audience.study import cached, data, viewer_charts
from dashboard.audience.study.data import Audience, StudyView
from dashboard.audience.study.viewer_map import viewer_map
from dashboard.navigation import go
from dashboard.shared.page import current_theme
from dashboard.shared.widgets.filters import Choice
from fer_core.reports import units
from fer_core.studies.membership import Study
from fer_core.text import count


def viewers(
    study: Study, views: Sequence[StudyView], colours: Mapping[str, str], minimum: int
) -> None:
    """The heat map; a click opens the replay of that viewer at that second."""
    st.subheader("Viewer by viewer", anchor=False)
    shown = [one for one in views if one.labels]
    if not shown:
        st.caption(f"Single viewers are not shown while the smallest group is {minimum}.")
        return
    measure = views[0].measure
    of_each = ", audience by audience" if len(shown) > 1 else ""
    st.caption(
        f"{units.name(measure)}, one row per viewer{of_each}, the highest mean on top. Click to "
        "open the replay at that second."
    )
    drawn = viewer_charts.heat_map(shown, colours, current_theme())
    st.html(viewer_charts.heat_key(drawn))
    said = f"{units.name(measure)} of {count(len(drawn.labels), 'viewer')} over time."
    picked = viewer_map(drawn, alt=said, key="viewers-map")
    if picked is not None:
        row, second = picked
        for view in shown:
            if row < len(view.labels):
                session_id, t_s = data.recorded(view, study, row, second)
                go("replay", session=session_id, t=f"{t_s:g}")
            row -= len(view.labels)


def together(study: Study, whose: Sequence[Audience], choice: Choice) -> None:
    """Whether viewers respond together: one audience in several measures, several in one."""
    measures = data.together_measures(choice.measure) if len(whose) == 1 else (choice.measure,)
    ties = {
        one.name: cached.synchrony(
            study, one, study.stamp, f"{study.study_id} {one.name}", choice, measures
        )
        for one in whose
    }
    found = {name: one.get(choice.measure) for name, one in ties.items()}
    findings = {
        name: viewer_charts.synchrony_finding(choice.measure, one) for name, one in found.items()
    }
    how = (
        "Synchrony, from −1 to 1. Dot: how closely each viewer's curve follows the others'; bar: "
        "the 95 % range expected by chance"
    )
    if len(whose) == 1:
        st.subheader(findings[whose[0].name], anchor=False)
        bars = {units.name(key): one for key, one in ties[whose[0].name].items()}
    else:
        st.subheader("Whether viewers respond together", anchor=False)
        st.caption(". ".join(f"{name}: {said}" for name, said in findings.items()) + ".")
        bars = {name: one for name, one in found.items() if one is not None}
    st.caption(how)
    if any(not one.reason for one in bars.values()):
        st.html(viewer_charts.synchrony_bars(bars))
