"""What is kept between reruns: the only ``cache_resource`` and ``cache_data``.

Everything is keyed by what it depends on, so nothing has to be cleared by hand: a session
that changed has another stamp.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.audience.compare import data as comparison
from dashboard.audience.replay import data as replays
from dashboard.audience.session import data as session_view
from dashboard.audience.sessions import data as sessions
from dashboard.audience.studies import data as studies
from dashboard.audience.study import data as study_view
from dashboard.lab.inside import data as lab_inside
from dashboard.lab.inside.inspections import Looks
from dashboard.lab.mistakes import data as lab_mistakes
from dashboard.shared.charts.sparkline import sparkline
from dashboard.state import House, open_house
from fer_core.analytics.norms import Norm
from fer_core.analytics.synchrony import Synchrony
from fer_core.errors import RaptError
from fer_core.measures import MEASURES
from fer_core.palette import look
from fer_core.studies.membership import Study
from fer_core.studies.norms import study_norm
from fer_core.studies.seconds import study_seconds

MOST_SPARKS = 2000


@st.cache_resource(show_spinner=False)
def house() -> House:
    """The process's house; the server has opened it already."""
    return open_house()


@st.cache_resource(show_spinner=False, on_release=lambda looks: looks.close())
def looks() -> Looks:
    """Looks into networks; their process starts with the first one."""
    return Looks()


@st.cache_data(max_entries=64, show_spinner=False)
def face_sheet(data: str, stamp: str, items: tuple[str, ...]) -> str:
    """Faces of a data set as one picture; ``stamp`` changes when the data set does."""
    return lab_mistakes.sheet(lab_mistakes.pictures(house().home, data, items))


@st.cache_data(max_entries=24, show_spinner="Looking for faces")
def faces_of(_content: bytes, digest: str, name: str) -> list[lab_inside.Face]:
    """The faces of a photograph, in memory alone."""
    return lab_inside.from_photograph(house().home, _content, name)


@st.cache_data(max_entries=24, show_spinner="Looking for faces")
def faces_at(session_id: str, path: str, t_ms: int) -> list[lab_inside.Face]:
    """The faces in a recording at a moment, in memory alone."""
    now = house()
    return lab_inside.from_recording(now.home, now.store, session_id, path, t_ms)


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


@st.cache_resource(show_spinner=False)
def _sparks() -> OrderedDict[tuple[str, str, str], str]:
    return OrderedDict()


def sparks(stamps: Mapping[str, str], theme: str) -> dict[str, str]:
    """The small curves of a page of sessions; '' where nothing is known yet.

    Kept one by one, but read together: a query for each would be most of the page's time.
    """
    kept = _sparks()
    found = {one: kept.get((one, stamp, theme)) for one, stamp in stamps.items()}
    missing = [one for one, drawn in found.items() if drawn is None]
    curves = sessions.small_curves(house().store, missing)
    for one in missing:
        found[one] = sparkline(curves[one], look(theme)) if one in curves else ""
        kept[one, stamps[one], theme] = str(found[one])
    while len(kept) > MOST_SPARKS:
        kept.popitem(last=False)
    return {one: drawn or "" for one, drawn in found.items()}


@st.cache_data(max_entries=400, show_spinner=False)
def thumbnail(path: str, changed: float) -> str:
    """A recording's first picture as a data link; '' where there is none. Never on disk."""
    from fer_core.video import thumbnail as picture

    try:
        jpeg = picture(path, width=160)
    except RaptError:
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def study(study_id: str) -> Study | None:
    """A study, or None where there is none; read again only when the store has changed."""
    stamp = house().store.stamp
    return _study(study_id, stamp) if stamp else studies.load(house().store, study_id)


@st.cache_resource(max_entries=16, show_spinner=False)
def _study(study_id: str, stamp: str) -> Study | None:
    return studies.load(house().store, study_id)


@st.cache_resource(max_entries=16, show_spinner=False)
def audiences(_study: Study, study_id: str, stamp: str) -> dict[str, study_view.Audience]:
    """Whose curves a study can show, by name; ``stamp`` changes when the study does."""
    return {one.name: one for one in study_view.audiences(_study)}


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


@st.cache_data(max_entries=48, show_spinner="Shifting curves against each other")
def ties(
    _study: Study,
    stamp: str,
    _whose: study_view.Audience,
    key: str,
    measure: str,
    corrected: bool,
    minimum: int,
) -> dict[str, Synchrony]:
    """Whether an audience responds together; apart, so that the rest need not wait for it."""
    return study_view.ties(
        seconds(_study, _study.study_id, stamp, corrected), _whose, measure, minimum=minimum
    )


@st.cache_data(max_entries=200, show_spinner=False)
def drawing(_figure: Callable[[], go.Figure], *key: Hashable) -> str:
    """A figure as the browser takes it; ``key`` is all that it depends on."""
    return str(_figure().to_json())


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
