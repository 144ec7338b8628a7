"""What the compare page keeps between reruns, keyed by the study's stamp."""

from __future__ import annotations

import streamlit as st

from dashboard.audience.compare import data as comparison
from dashboard.audience.study.cached import seconds
from fer_core.studies.membership import Study


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
