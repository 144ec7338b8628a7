"""What a session's page says of eyes and movements, below what it says of expressions."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.audience.session import eyes_charts
from dashboard.audience.session.cached import session_view
from dashboard.audience.session.data import load
from dashboard.shared.charts.figure import figure
from dashboard.shared.page import current_theme
from dashboard.state import app_state
from fer_core.analytics.eyes import viewer_eyes
from fer_core.measures import has_eyes
from fer_core.reports import units

MOST_VIEWERS = 12


def eyes_and_movements(session_id: str) -> None:
    """Nothing of sessions without eyes, and of those that are still analysed."""
    page = load(app_state().store, session_id)
    if page is None or page.under_way or not has_eyes(page.session.versions):
        return
    view = session_view(session_id, page.stamp)
    if view.seconds["eyes_open"].isna().all():
        return
    st.subheader("Eyes and movements", anchor=False)
    st.caption(_summary(session_id))
    spans = app_state().store.timeline.eye_spans(session_id)
    seen = view.lanes[view.lanes["seen"] > 0].groupby("viewer").size().nlargest(MOST_VIEWERS)
    names = {int(one): view.names.get(int(one), f"{one}") for one in sorted(seen.index)}
    drawing = eyes_charts.figure(
        spans, view.seconds, names, duration_ms=view.duration_ms, theme=current_theme()
    )
    figure(drawing, alt=f"Eyes and movements. {_summary(session_id)}", key=f"eyes-{session_id}")


def _summary(session_id: str) -> str:
    """The means over viewers, of what is known."""
    viewers = viewer_eyes(app_state().store.timeline.seconds(session_id))
    said = []
    for key, words in (
        ("blink", "{} blinks a minute"), ("eyes_closed", "eyes closed {} of the time"),
        ("perclos", "at most {} of any minute"), ("eyes_away", "away {} of the time"),
    ):  # fmt: skip
        value = viewers[key].mean()
        if not pd.isna(value):
            said.append(words.format(units.say("eyes_closed" if key == "perclos" else key, value)))
    return f"The mean over viewers: {', '.join(said)}." if said else "Blinks are not known here."
