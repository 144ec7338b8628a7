"""What a study says where only some of its sessions know of eyes, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.jobs import queue
from fer_core.studies.membership import Study, earlier_for_all
from fer_core.text import count


def versions_note(study: Study) -> None:
    """Version 1 for all, said; and the older sessions analysed again where their film is here."""
    said = earlier_for_all(study)
    if not said:
        return
    st.warning(said, icon=":material/visibility_off:")
    older = study.without_eyes
    there = [
        str(session_id)
        for session_id, path in zip(older["session_id"], older["path"])
        if isinstance(path, str) and Path(path).is_file()
    ]
    if not there or not may(Action.EDIT):
        return
    if st.button(
        f"Analyse {count(len(there), 'session')} again",
        icon=":material/refresh:",
        help="By the same model and settings, so that all have version 2. The new sessions take "
        "the older ones' places in this study; merges and names given by hand are not taken over.",
    ):
        with show_errors():
            for session_id in there:
                queue.analyse_with_eyes(app_state().store, session_id)
            notice(f"{count(len(there), 'recording')} in the queue.")
            st.rerun()
