"""Can I trust it?"""

from __future__ import annotations

import streamlit as st

from dashboard import cache
from dashboard.components.lab_models_page import VIEWS, cards, compare
from dashboard.components.lab_parts import lab_style
from dashboard.components.page import heading
from dashboard.services import lab_models

lab_style()
heading("Can I trust it?", "Every model that is here: what it is worth, and on which faces.")
rows = lab_models.rows(cache.house().home)
view = st.segmented_control(
    "View", VIEWS, default=VIEWS[0], key="view", bind="query-params", required=True,
    label_visibility="collapsed",
)  # fmt: skip
if view == "Compare":
    compare([row.name for row in rows if not row.problem])
else:
    cards(rows)
