"""What can a model learn from?"""

from __future__ import annotations

import streamlit as st

from dashboard.lab.data import data as lab_data
from dashboard.lab.data.view import OWN, bring_in, choose, nothing_yet, one_set, own_set
from dashboard.shared.page import heading, show_errors
from dashboard.state import app_state

heading("What can a model learn from?", "Faces with labels: public ones and your own.")
store = app_state().store
sets = lab_data.known(store)
chosen = choose(sets, lab_data.labelled(store))
if chosen is None:
    bring_in()
    nothing_yet()
else:
    with show_errors():
        if chosen == OWN:
            own_set()
        else:
            one_set(next(one for one in sets if one.data_id == chosen))
    st.subheader("Add a data set", anchor=False)
    bring_in()
