"""How do I get my videos in?"""

from __future__ import annotations

import streamlit as st

from dashboard import cache
from dashboard.audience.analyze.view import analysis_options, path_popover, settings_popover
from dashboard.shared import jobs as work
from dashboard.shared.job_rows import job_rows
from dashboard.shared.page import heading
from dashboard.shared.web.dropzone import dropzone
from fer_core.text import size


@st.fragment(run_every=1)
def queue() -> None:
    """The state is the store's: a refresh or another page changes nothing."""
    store = cache.house().store
    waiting, over = work.board(store)
    if waiting:
        st.subheader(f"Queue: {len(waiting)}", anchor=False)
        job_rows(waiting)
    if over:
        st.subheader("Finished", anchor=False)
        job_rows(over)
    if not waiting and not over:
        st.caption("Recordings that are being analysed appear here. Nothing leaves this machine.")


heading("How do I get my videos in?", "Drop recordings of faces: each becomes a session.")
house = cache.house()
options = analysis_options(house)
dropzone(
    token=house.guard.token,
    limit=house.upload_limit(),
    hint=f"Videos and pictures, up to {size(house.upload_limit())} each; they stay on this machine",
    options=options,
)
with st.container(horizontal=True):
    path_popover(house, options)
    settings_popover(house)
if not house.looks_after_jobs:
    st.info(
        "Another Rapt program holds this store. It takes what is added here; unless it is a "
        "dashboard, the queue starts when it ends.",
        icon=":material/info:",
    )
queue()
