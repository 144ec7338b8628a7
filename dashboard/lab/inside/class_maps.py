"""Where in the face a network found what speaks for each emotion (Grad-CAM), without waiting."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import streamlit as st

from dashboard.lab.inside import data as inside
from dashboard.lab.inside.inspections import inspection_service
from dashboard.lab.inside.pictures import class_map_pictures
from dashboard.lab.models import html
from dashboard.shared.charts import tables
from dashboard.state import app_state
from fer_core.evaluation.explain import Explanation
from fer_core.evaluation.explain_process import ExplainProcess
from fer_core.sentences import Label
from fer_core.types import Bytes

T = TypeVar("T")


def class_maps(
    model: str, crop: Bytes, key: str, output: str, emotions: tuple[str, ...]
) -> Explanation | None:
    """Where in the face the network found what speaks for each of these; None: not yet."""
    state = app_state()
    weights = inside.weights(state.home, state.store, model)
    seen = inspected(
        ("seen", weights, key, output),
        lambda process: inside.see(state.home, state.store, process, model, crop, output),
    )
    if seen is None:
        return None
    pictures = class_map_pictures(seen, crop, emotions)
    tiles = "".join(
        f"<figure>{html.picture(one.link, one.said)}<figcaption>{one.said}</figcaption></figure>"
        for one in pictures
    )
    st.html(
        tables.finding(
            Label("Where it found the expression"),
            "Grad-CAM: bright where the network's last maps point to the expression; each "
            "picture has its own brightest place"
            if seen.stages
            else "Bright where a change of the pixel would change the answer most",
        )
    )
    st.html(f'<div class="lab-cams">{tiles}</div>')
    return seen


def inspected(key: tuple[str, ...], work: Callable[[ExplainProcess], T]) -> T | None:
    """What an inspection found; None while it runs. The page is drawn again at its end."""
    inspections = inspection_service(app_state())
    future = inspections.ask(key, work)
    if inspections.soon(future):
        return future.result()
    _waits(future)
    return None


@st.fragment(run_every=1)
def _waits(future: Future[Any]) -> None:
    if future.done():
        st.rerun()
    st.html('<div class="rapt-bar"><i class="unknown"></i></div>')
    st.caption("Looking inside. The first time takes some seconds.")
