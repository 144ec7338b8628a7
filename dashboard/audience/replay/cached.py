"""What the replay page keeps between reruns, keyed by the session's stamp."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.audience.replay import media
from dashboard.audience.replay.data import Film, Replay, load, of_viewer
from dashboard.state import app_state


@st.cache_data(max_entries=24, show_spinner=False)
def load_replay(
    session_id: str, stamp: str, recording: Path | None, stimulus: Film | None
) -> Replay | None:
    """A session ready to be replayed; ``stamp`` changes when the session does.

    Read again while the film plays, a spinner of its own would stand in the player's place, and
    the player begin anew after it.
    """
    state = app_state()
    return load(
        state.store,
        session_id,
        recording=recording,
        clip_url=media.clip_url(state.guard, session_id),
        stimulus=stimulus,
    )


@st.cache_data(max_entries=48, show_spinner=False)
def load_viewer(
    session_id: str, stamp: str, viewer: int, duration_ms: int
) -> tuple[pd.DataFrame, tuple[tuple[int, int], ...]]:
    """One viewer's seconds and gaps; ``stamp`` changes when the session does."""
    return of_viewer(app_state().store, session_id, viewer, duration_ms)
