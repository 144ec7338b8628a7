"""What is this model worth?"""

from __future__ import annotations

import streamlit as st

from dashboard.lab.models import data as lab_models
from dashboard.lab.models.model_view import actions, show, title
from dashboard.lab.models.parts import lab_style
from dashboard.navigation import page_of
from dashboard.shared.page import heading
from dashboard.state import app_state

lab_style()
state = app_state()
name = st.query_params.get("id", "")
found = lab_models.open_model(state.home, state.store, name) if name else None
if found is not None:
    title(found)
    actions(found)
    show(found)
else:
    heading("This model is not here", "It may have been removed, or the link is not complete.")
    st.page_link(page_of("models"), label="All models", icon=":material/arrow_back:")
