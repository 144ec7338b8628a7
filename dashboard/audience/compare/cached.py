"""What the compare page keeps between reruns, keyed by the study's stamp."""

from __future__ import annotations

import streamlit as st

from dashboard.audience.compare import data
from dashboard.audience.study.cached import seconds
from dashboard.shared.widgets.filters import Choice
from fer_core.studies.membership import Study


@st.cache_resource(max_entries=24, show_spinner="Comparing")
def compared(
    _study: Study, _groups: list[data.Group], stamp: str, key: str, choice: Choice
) -> data.CompareView:
    """Groups of a study compared; ``key`` names the groups and their study."""
    table = seconds(_study, choice)
    return data.compared(_study, table, _groups, choice.measure, minimum=choice.minimum)
