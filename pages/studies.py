"""Which study?"""

from __future__ import annotations

import streamlit as st

from dashboard.audience.studies import data as studies
from dashboard.audience.studies.view import make_demo, new_study, no_studies, study_rows
from dashboard.shared.page import heading
from dashboard.state import app_state

heading("Which study?", "Recordings of many viewers, brought together.")
rows = studies.rows(app_state().store)
if rows:
    with st.container(horizontal=True):
        new_study()
        wanted = not any(row.simulated for row in rows) and st.button(
            "Make the demo study", icon=":material/smart_toy:"
        )
    if wanted:
        make_demo()
    study_rows(rows)
else:
    no_studies()
