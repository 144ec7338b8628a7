"""The app: page settings, the list of pages, and the page that was asked for."""

from __future__ import annotations

import streamlit as st

from dashboard.navigation import all_pages, page_called
from dashboard.shared.page import ICON, MARK, show_errors, show_notice, show_open, style
from dashboard.shared.visits import note_visit, show_account, whoever
from dashboard.shared.web.access import identity, visitor
from dashboard.state import app_state
from fer_core.access.permissions import require

identity.ask_scripts(visitor.of_script)
st.set_page_config(page_title="Rapt", page_icon=ICON, layout="wide")
st.logo(MARK, size="large")
page = st.navigation(all_pages(whoever()), expanded=True)
row = page_called(page.url_path)
style(lit=row.under)
show_open()
show_notice()
with show_errors():
    state, who = app_state(), identity.current()
    show_account(who)
    require(who, row.action)
    note_visit(state, who, row.name, row.shows)
    page.run()
