"""What a session's page says of eyes in numbers; its chart draws them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.audience.session.cached import eyes_of
from dashboard.audience.session.data import load
from dashboard.state import app_state
from fer_core.measures import has_eyes
from fer_core.reports import units


def eyes_in_numbers(session_id: str) -> None:
    """Nothing of sessions without eyes, and of those that are still analysed."""
    page = load(app_state().store, session_id)
    if page is None or page.under_way or not has_eyes(page.session.versions):
        return
    st.subheader("Eyes", anchor=False)
    st.markdown(_summary(session_id, page.stamp))


def _summary(session_id: str, stamp: str) -> str:
    """The means over viewers, of what is known."""
    viewers = eyes_of(session_id, stamp)
    said = []
    for key, words in (
        ("blink", "{} blinks a minute"), ("eyes_closed", "eyes closed {} of the time"),
        ("perclos", "at most {} of any minute"), ("eyes_away", "away {} of the time"),
    ):  # fmt: skip
        value = viewers[key].mean()
        if not pd.isna(value):
            said.append(words.format(units.say("eyes_closed" if key == "perclos" else key, value)))
    return f"The mean over viewers: {', '.join(said)}." if said else "Blinks are not known here."
