"""What the study's pages keep between reruns, keyed by the study's stamp."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.audience.studies import data as studies
from dashboard.audience.study import data
from dashboard.shared.widgets import filters
from dashboard.shared.widgets.filters import Choice
from dashboard.state import app_state
from fer_core.analytics.compare import COMPARED
from fer_core.analytics.methods.synchrony import Synchrony
from fer_core.analytics.norms import Norm
from fer_core.labels import PROBABILITY_COLUMNS
from fer_core.studies.comparison import Compared, compare_side_by_side, tested_with
from fer_core.studies.groups import Group, usual_groups
from fer_core.studies.membership import Study
from fer_core.studies.norms import OfKind, of_kind, study_norm
from fer_core.studies.response import COUNTED_BY
from fer_core.studies.seconds import study_seconds


def study(study_id: str) -> Study | None:
    """A study, or None where there is none; read again only when the store has changed."""
    store = app_state().store
    return _study(study_id, store.stamp) if store.stamp else studies.load(store, study_id)


@st.cache_resource(max_entries=16, show_spinner=False)
def _study(study_id: str, stamp: str) -> Study | None:
    return studies.load(app_state().store, study_id)


@st.cache_resource(max_entries=16, show_spinner=False)
def choices(_study: Study, study_id: str, stamp: str) -> dict[str, tuple[data.Audience, ...]]:
    """Whose curves a study can show, by name; ``stamp`` changes when the study does."""
    return data.choices(_study)


def seconds(study: Study, choice: Choice) -> pd.DataFrame:
    """Every second of the sessions that count, in the measure chosen and those shown beside it.

    The table itself and not a copy: nobody changes it.
    """
    usual = (*COMPARED, COUNTED_BY, *PROBABILITY_COLUMNS)
    names = tuple(dict.fromkeys((*usual, choice.measure)))
    return _seconds(study, study.study_id, study.stamp, choice.corrected, names)


@st.cache_resource(max_entries=12, show_spinner="Reading the viewers' seconds")
def _seconds(
    _study: Study, study_id: str, stamp: str, corrected: bool, names: tuple[str, ...]
) -> pd.DataFrame:
    """``stamp`` changes when the seconds do."""
    return study_seconds(app_state().store, _study.counted, names, corrected=corrected)


@st.cache_resource(max_entries=48, show_spinner=False)
def audience(
    _study: Study, _whose: data.Audience, stamp: str, key: str, choice: Choice
) -> data.StudyView:
    """One audience of a study ready to draw; ``key`` names it and its study."""
    table = seconds(_study, choice)
    return data.view(
        table, _whose, choice.measure, minimum=choice.minimum, names=_study.viewer_names
    )


def audiences(study: Study, whose: Sequence[data.Audience], choice: Choice) -> list[data.StudyView]:
    """Several audiences of a study, ready to draw."""
    return [
        audience(study, one, study.stamp, f"{study.study_id} {one.name}", choice) for one in whose
    ]


@st.cache_resource(max_entries=48, show_spinner="Comparing")
def answer(_study: Study, study_id: str, stamp: str, choice: Choice) -> Compared:
    """The groups that a study is read by, compared as on the page Compare, without curves."""
    table = seconds(_study, choice)
    return compare_side_by_side(
        _study, table, usual_groups(_study),
        tested=tested_with(choice.measure), drawn=(), minimum=choice.minimum,
    )  # fmt: skip


@st.cache_resource(max_entries=48, show_spinner="Comparing")
def answer_of(_study: Study, _groups: list[Group], key: str, choice: Choice) -> Compared:
    """Groups of a study that a page chose, compared; ``key`` names them, their study and stamp."""
    return compare_side_by_side(
        _study, seconds(_study, choice), _groups,
        tested=tested_with(choice.measure), drawn=(), minimum=choice.minimum,
    )  # fmt: skip


def open_ahead(study_id: str, *, corrected: bool) -> None:
    """Work out what the page draws first of a study, as it does unless somebody chooses."""
    found = study(study_id)
    if found is not None and not found.counted.empty:
        _opened(found, study_id, found.stamp, filters.usual(found.measures, corrected=corrected))


@st.cache_resource(max_entries=16, show_spinner=False)
def _opened(_study: Study, study_id: str, stamp: str, choice: Choice) -> None:
    """Kept itself: there is no page for the spinners of what is kept, and inside there are none."""
    whose = next(iter(choices(_study, study_id, stamp).values()))
    if len(audiences(_study, whose, choice)) > 1:
        answer(_study, study_id, stamp, choice)


@st.cache_data(max_entries=48, show_spinner="Comparing the viewers' curves")
def synchrony(
    _study: Study, _whose: data.Audience, stamp: str, key: str, choice: Choice,
    measures: tuple[str, ...],
) -> dict[str, Synchrony]:  # fmt: skip
    """Whether an audience responds together; apart, so that the rest need not wait for it."""
    table = seconds(_study, choice)
    return data.synchrony_of(table, _whose, measures, minimum=choice.minimum)


def norm(study: Study, study_id: str, stamp: str, measure: str) -> Norm:
    """Where a study stands among the others; they change without its stamp, so for a minute."""
    scope = app_state().store.scope
    among = None
    if not study.sessions_left_aside:  # what all of its kind are asked for alike
        among = _of_kind(study.kind, study.simulated, measure, scope)
    return _norm(study, among, study_id, stamp, measure, scope)


@st.cache_resource(max_entries=48, ttl=60, show_spinner=False)
def _of_kind(kind: str, simulated: bool, measure: str, scope: str) -> OfKind:
    return of_kind(app_state().store, kind, simulated, measure)


@st.cache_data(max_entries=48, ttl=60, show_spinner=False)
def _norm(
    _study: Study, _among: OfKind | None, study_id: str, stamp: str, measure: str, scope: str
) -> Norm:
    return study_norm(app_state().store, _study, measure, _among)
