"""The gallery of faces: one sheet of pictures, keys to label, and the face that is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.charts.lab_figures import colour
from dashboard.charts.wording import percent
from dashboard.components.files import text
from fer_core.labels import DISPLAY_ORDER

KEYS: tuple[tuple[str, str], ...] = (
    *((str(place), name) for place, name in enumerate(DISPLAY_ORDER, start=1)),
    ("x", "not_a_face"),
    ("u", "unusable"),
    ("z", "undo"),
)
WORDS = {"not_a_face": "not a face", "unusable": "not usable", "skip": "skipped", "undo": "undo"}

_HTML = """<div class="gallery"><div class="keys" aria-label="Label the marked face"></div>
<div role="listbox" aria-label="Faces; arrows move, 1 to 7 label, X not a face, U not usable, Z undo"></div>
<p role="status"></p></div>"""  # noqa: E501

_CSS = """
.keys { display: flex; flex-wrap: wrap; gap: 0.35rem; margin-bottom: 0.75rem; }
.keys button { font: inherit; font-size: 0.85rem; color: inherit; cursor: pointer;
  background: transparent; border-radius: 0.4rem; padding: 0.2rem 0.55rem 0.2rem 0.3rem;
  border: 1px solid color-mix(in srgb, currentColor 22%, transparent); }
.keys button:hover { background: color-mix(in srgb, currentColor 7%, transparent); }
kbd { font: inherit; font-size: 0.75rem; font-weight: 600; padding: 0 0.35rem; margin-right: 0.35rem;
  border-radius: 0.25rem; background: color-mix(in srgb, currentColor 12%, transparent); }
[role=listbox] { display: grid; gap: 0.6rem; grid-template-columns: repeat(auto-fill, minmax(84px, 1fr)); }
.tile { cursor: pointer; border-radius: 0.45rem; padding: 4px; min-width: 0; outline: none; }
.tile[aria-selected=true] { box-shadow: 0 0 0 2px #3B74F0; }
.tile:focus-visible { box-shadow: 0 0 0 3px #3B74F0; }
.face { position: relative; aspect-ratio: 1; border-radius: 0.35rem; background-color: #8884; }
.said { position: absolute; left: 4px; right: 4px; bottom: 4px; font-size: 0.75rem; font-weight: 600;
  line-height: 1.35rem; text-align: center; border-radius: 0.25rem; background: #111827; color: #fff; }
.said[hidden] { display: none; }
.tile.done .line, .tile.done .truth { opacity: 0.6; }
.line { display: flex; align-items: baseline; gap: 0.3rem; font-size: 0.8rem; margin-top: 0.25rem;
  white-space: nowrap; }
.line i { flex: none; width: 0.55rem; height: 0.55rem; border-radius: 0.15rem; }
.line b { font-weight: 600; overflow: hidden; text-overflow: ellipsis; }
.line span { margin-left: auto; font-variant-numeric: tabular-nums; opacity: 0.75; }
.truth { font-size: 0.75rem; opacity: 0.72; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
[role=status] { min-height: 1.3rem; margin: 0.5rem 0 0; font-size: 0.85rem; opacity: 0.75; }
@media (max-width: 640px) { .keys kbd { margin-right: 0.25rem; } }
"""


def gallery(
    faces: pd.DataFrame,
    *,
    sheet: str,
    columns: int,
    source: str,
    selected: str | None,
    labels: dict[str, str],
    done: Sequence[str],
    key: str,
    on_asks: Callable[[], None],
) -> str | None:
    """Show it; the face that is looked at. What it asks lies in the session state."""
    shown = [_face(row) for row in faces.to_dict("records")]
    items = {face["item"] for face in shown}
    mount = st.components.v2.component(
        "rapt_gallery", html=_HTML, css=_CSS, js=text("lab_gallery.js")
    )
    result = mount(
        key=key,
        data={
            "faces": shown,
            "sheet": sheet,
            "columns": columns,
            "rows": -(-len(shown) // columns),
            "source": source,
            "selected": selected,
            "labels": {item: said for item, said in labels.items() if item in items},
            "words": WORDS,
            "done": list(done),
            "keys": [list(pair) for pair in KEYS],
        },
        on_asks_change=on_asks,
        on_selected_change=lambda: None,
    )
    looked_at = result.selected
    return looked_at if isinstance(looked_at, str) and looked_at in items else None


def asked(key: str) -> Any:
    """What the gallery asks in this run."""
    state = st.session_state.get(key)
    return None if state is None else state.get("asks")


def _face(row: dict[str, Any]) -> dict[str, Any]:
    sure = percent(float(row["confidence"]))
    wrong = row["truth"] != row["guess"]
    said = f"labelled {row['truth']}" if wrong else "as labelled"
    return {
        "item": row["item"],
        "truth": row["truth"],
        "guess": row["guess"],
        "sure": sure,
        "wrong": wrong,
        "colour": colour(str(row["guess"])),
        "words": f"Read as {row['guess']}, sure to {sure}, {said}",
    }
