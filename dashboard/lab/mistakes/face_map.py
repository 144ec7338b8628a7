"""The map of faces in the browser: it is drawn there, and the area drawn on it comes back."""

from __future__ import annotations

import base64
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.lab.models.labels import colour
from dashboard.shared.widgets.component import component
from fer_core.evaluation.face_map import MOST_CORNERS
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import A_COLOUR, WARNING
from fer_core.types import Float

#: Five steps from unsure to sure; they stay apart on light and dark paper.
STEPS: Final = (
    ("under 20 %", "#D55E00"), ("20 to 40 %", "#E69F00"), ("40 to 60 %", "#9AA3AF"),
    ("60 to 80 %", "#56B4E9"), ("over 80 %", "#0072B2"),
)  # fmt: skip
_HTML = """<div class="face-map"><div class="top"><div class="ways" role="group"
 aria-label="Colour by"></div><div class="key"></div></div>
<canvas tabindex="0" role="application" aria-label="Map of faces. Draw around some to open them; or
 move a ring with the arrows, size it with plus and minus, and press Enter"></canvas>
<p role="status">Draw around some faces to open them. By keyboard: arrows, plus, minus,
 Enter.</p></div>"""


def face_map(faces: pd.DataFrame, *, key: str) -> None:
    """Show the faces (columns x, y, truth, guess, confidence); ``drawn`` tells the area drawn."""
    points = faces[["x", "y"]].to_numpy(np.float64)
    names = {name: k for k, name in enumerate(DISPLAY_ORDER)}
    facts = np.column_stack(
        [
            faces["truth"].map(names).to_numpy(np.uint8),
            faces["guess"].map(names).to_numpy(np.uint8),
            np.clip(255 * faces["confidence"].to_numpy(np.float64), 0, 255).astype(np.uint8),
        ]
    )
    component(__file__, "face_map", html=_HTML)(
        key=key,
        data={
            "places": _text(np.round(points * 65535).astype("<u2")),
            "facts": _text(facts),
            "low": points.min(axis=0).tolist(),
            "high": points.max(axis=0).tolist(),
            "emotions": [{"name": name, "colour": colour(name)} for name in DISPLAY_ORDER],
            "steps": [{"name": name, "colour": shade} for name, shade in STEPS],
            "right": {"name": "read as labelled", "colour": A_COLOUR},
            "wrong": {"name": "read as something else", "colour": WARNING},
        },
        on_area_change=lambda: None,
    )


def drawn(key: str) -> Float | None:
    """The corners (m, 2) of the area that was just drawn, known before the map is made again."""
    state = st.session_state.get(key)
    return None if state is None else _area(state.get("area"))


def _text(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode()


def _area(sent: object) -> Float | None:
    """The corners; None where what the browser sends is no area."""
    if not isinstance(sent, list) or not 3 <= len(sent) <= MOST_CORNERS:
        return None
    try:
        corners = np.array(sent, np.float32)
    except (ValueError, TypeError):
        return None
    return corners if corners.shape == (len(sent), 2) and np.isfinite(corners).all() else None
