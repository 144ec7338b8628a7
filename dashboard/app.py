"""The app: page settings, the list of pages, and the page that was asked for."""

from __future__ import annotations

import streamlit as st

from dashboard import cache
from dashboard.navigation import places
from dashboard.shared.page import ICON, MARK, in_words, show_notice, style

st.set_page_config(page_title="Rapt", page_icon=ICON, layout="wide")
st.logo(MARK, size="large")
style()
page = st.navigation(places())
show_notice()
with in_words():
    cache.house()
    page.run()
