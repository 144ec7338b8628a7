"""Can I trust it?"""

from __future__ import annotations

import streamlit as st

from dashboard.lab.models import data as lab_models
from dashboard.lab.models.parts import lab_style
from dashboard.lab.models.view import VIEWS, cards, compare
from dashboard.shared.page import heading
from dashboard.state import app_state

lab_style()
heading("Can I trust it?", "Every model that is here: what it is worth, and on which faces.")
rows = lab_models.rows(app_state().home)
view = st.segmented_control(
    "View", VIEWS, default=VIEWS[0], key="view", bind="query-params", required=True,
    label_visibility="collapsed",
)  # fmt: skip
if view == "Compare":
    compare([row.name for row in rows if not row.problem])
else:
    cards(rows)
