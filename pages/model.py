"""What is this model worth?"""

from __future__ import annotations

import streamlit as st

from dashboard import cache
from dashboard.components.lab_model_page import actions, show, title
from dashboard.components.lab_parts import lab_style
from dashboard.components.page import heading
from dashboard.components.places import place
from dashboard.services import lab_models

lab_style()
house = cache.house()
name = st.query_params.get("id", "")
found = lab_models.open_model(house.home, house.store, name) if name else None
if found is not None:
    title(found)
    actions(found)
    show(found)
else:
    heading("This model is not here", "It may have been removed, or the link is not complete.")
    st.page_link(place("models"), label="All models", icon=":material/arrow_back:")
