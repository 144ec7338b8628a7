"""What is kept between reruns: the only ``cache_resource`` and ``cache_data``.

Everything is keyed by what it depends on, so nothing has to be cleared by hand: a session
that changed has another stamp.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.charts.palette import look
from dashboard.charts.small import sparkline
from dashboard.services import comparison, session_view, sessions, study_view
from dashboard.services import replay as replays
from dashboard.services.house import House, open_house
from fer_core.analytics.definitions import MEASURES
from fer_core.analytics.norms import Norm
from fer_core.errors import RaptError
from fer_core.studies.membership import Study
from fer_core.studies.norms import study_norm
from fer_core.studies.seconds import study_seconds


@st.cache_resource(show_spinner=False)
def house() -> House:
    """The process's house; the server has opened it already."""
    return open_house()


@st.cache_data(max_entries=24, show_spinner=False)
def view(session_id: str, stamp: str) -> session_view.SessionView:
    """A session ready to draw; ``stamp`` changes when the session does."""
    return session_view.view(house().store, session_id)


@st.cache_data(max_entries=24, show_spinner="Reading the session")
def replay(
    session_id: str, stamp: str, recording: Path | None, stimulus: replays.Film | None
) -> replays.Replay | None:
    """A session ready to be replayed; ``stamp`` changes when the session does."""
    return replays.load(
        house().store,
        session_id,
        recording=recording,
        clip_url=house().clip_url(session_id),
        stimulus=stimulus,
    )


@st.cache_data(max_entries=2000, show_spinner=False)
def spark(session_id: str, stamp: str, theme: str) -> str:
    """A session's small curve; '' where nothing is known yet."""
    curve = sessions.small_curves(house().store, [session_id]).get(session_id)
    return "" if curve is None else sparkline(curve, look(theme))


@st.cache_data(max_entries=400, show_spinner=False)
def thumbnail(path: str, changed: float) -> str:
    """A recording's first picture as a data link; '' where there is none. Never on disk."""
    from fer_core.video import thumbnail as picture

    try:
        jpeg = picture(path, width=160)
    except RaptError:
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


@st.cache_data(max_entries=12, show_spinner="Reading the viewers' seconds")
def seconds(_study: Study, study_id: str, stamp: str, corrected: bool) -> pd.DataFrame:
    """Every second of the sessions that count; ``stamp`` changes when they do."""
    return study_seconds(house().store, _study.counted, MEASURES, corrected=corrected)


@st.cache_data(max_entries=48, show_spinner=False)
def audience(
    _study: Study,
    stamp: str,
    _whose: study_view.Audience,
    key: str,
    measure: str,
    corrected: bool,
    minimum: int,
) -> study_view.StudyView:
    """One audience of a study ready to draw; ``key`` names it and its study."""
    return study_view.view(
        seconds(_study, _study.study_id, stamp, corrected), _whose, measure, minimum=minimum
    )


@st.cache_data(max_entries=24, show_spinner="Comparing")
def compared(
    _study: Study,
    stamp: str,
    _groups: list[comparison.Group],
    key: str,
    measure: str,
    corrected: bool,
    minimum: int,
) -> comparison.Compared:
    """Groups of a study compared; ``key`` names the groups and their study."""
    return comparison.compared(
        _study,
        seconds(_study, _study.study_id, stamp, corrected),
        _groups,
        measure,
        minimum=minimum,
    )


@st.cache_data(max_entries=48, ttl=60, show_spinner=False)
def norm(_study: Study, study_id: str, stamp: str, measure: str) -> Norm:
    """Where a study stands among the others; they change without its stamp, so for a minute."""
    return study_norm(house().store, _study, measure)
