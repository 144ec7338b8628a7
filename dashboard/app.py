"""The app: page settings, the list of pages, and the page that was asked for."""

from __future__ import annotations

import streamlit as st

from dashboard.navigation import all_pages
from dashboard.shared.page import ICON, MARK, show_errors, show_notice, show_open, style
from dashboard.state import app_state

st.set_page_config(page_title="Rapt", page_icon=ICON, layout="wide")
st.logo(MARK, size="large")
style()
page = st.navigation(all_pages())
show_open()
show_notice()
with show_errors():
    app_state()
    page.run()
