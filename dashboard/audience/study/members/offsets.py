"""Where the film begins in each recording, from a marker that was set there."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.shared.page import notice, show_errors
from dashboard.state import app_state
from fer_core.studies.alignment import align, film_markers, marker_names
from fer_core.studies.alignment import offsets as offsets_from
from fer_core.studies.membership import Study
from fer_core.text import clock, count


def offsets(study: Study) -> None:
    """A marker of the recordings put on a place of the film, for all sessions at once."""
    st.subheader("Where the film begins", anchor=False)
    store = app_state().store
    names = marker_names(store, study)
    if not names:
        st.caption(
            "In a replay, press M where the film begins to set a marker; then that marker can set "
            "the beginning of every recording. Or type each beginning below."
        )
        return
    left, right = st.columns(2)
    marker = left.selectbox(
        "Marker in the recordings",
        list(names),
        format_func=lambda name: f"{name} ({count(names[name], 'recording')})",
        key="offset-marker",
    )
    onto = right.selectbox("is in the film", film_markers(study), key="offset-onto")
    with show_errors():
        found = offsets_from(store, study, str(marker), str(onto))
        table = pd.DataFrame(
            {
                "Session": [one.name for one in found],
                "Film begins at": [_at(one.now_ms) for one in found],
                "From the marker": [
                    one.why_not if one.then_ms is None else _at(one.then_ms) for one in found
                ],
            }
        )
        changed = [one for one in found if one.changes]
        st.dataframe(
            table[[one.changes for one in found]] if changed else table.head(0),
            hide_index=True,
            height=min(35 * max(len(changed), 1) + 38, 260),
        )
        without = sum(one.then_ms is None for one in found)
        if without:
            st.caption(f"{count(without, 'session')} without this marker stay as they are.")
        label = f"Set {count(len(changed), 'beginning')}" if changed else "Already set"
        if st.button(label, type="primary", disabled=not changed):
            done = align(store, found)
            notice(f"{count(done, 'beginning')} set.")
            st.rerun()


def _at(ms: int) -> str:
    """To the tenth of a second: a beginning is no whole second."""
    sign = "−" if ms < 0 else ""
    return f"{sign}{clock(abs(ms))}.{abs(ms) % 1000 // 100}"
