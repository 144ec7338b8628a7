"""Can it be made better?"""

from __future__ import annotations

import streamlit as st

from dashboard.lab.train import data as lab_train
from dashboard.lab.train.view import in_use, new_run, nothing_to_train_on, past, run_shown
from dashboard.shared.page import heading, show_errors
from dashboard.state import app_state

heading(
    "Can the model be made better?",
    "A new model stands beside the one in use before it replaces it, and you can go back.",
)
state = app_state()
with show_errors():
    in_use()
    runs = lab_train.runs(state.home, state.store)
    wanted = st.query_params.get("run")
    shown = next((run for run in runs if run.job_id == wanted), runs[0] if runs else None)
    if shown is not None:
        run_shown(shown)
    found = lab_train.choices(state.home, state.store)
    if found:
        new_run(found)
    elif shown is None:
        nothing_to_train_on()
    past(runs, None if shown is None else shown.job_id)
