"""What is damaged or has stopped in this home, said on a page."""

from __future__ import annotations

import streamlit as st

from dashboard.shared.markdown import escape_markdown
from dashboard.shared.web.access.identity import may
from dashboard.state import AppState
from fer_core.access.permissions import Action
from fer_core.problems import problems
from fer_core.text import count

SHOWN = 5


def show_problems(state: AppState) -> None:
    """A box that names what was set aside and which thread stands still, if anything."""
    found = problems(state.home)
    stopped = [one.name for one in state.store.threads() if not one.alive]
    if stopped:
        st.error(f"Not running: {', '.join(stopped)}. Restart the server; its log says why.")
    if found and may(Action.MANAGE):  # names of files are names of people
        lines = [f"- {escape_markdown(f'{one.path}: {one.why}')}" for one in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"- and {len(found) - SHOWN} more; `rapt doctor` names them")
        title = f"{count(len(found), 'damaged file')} set aside; everything else goes on."
        st.warning("\n".join([title, "", *lines]), icon=":material/warning:")
