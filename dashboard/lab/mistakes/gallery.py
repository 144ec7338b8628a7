"""The gallery of faces: one sheet of pictures, keys to label, and the face that is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard.lab.mistakes.data import Ask
from dashboard.lab.models.labels import colour
from dashboard.shared.widgets.component import component
from fer_core.files import JsonObject
from fer_core.labels import DISPLAY_ORDER
from fer_core.text import percent

KEYS: tuple[tuple[str, str], ...] = (
    *((str(place), name) for place, name in enumerate(DISPLAY_ORDER, start=1)),
    ("x", "not_a_face"),
    ("u", "unusable"),
    ("z", "undo"),
)
WORDS = {"not_a_face": "not a face", "unusable": "not usable", "skip": "skipped", "undo": "undo"}

_HTML = """<div class="gallery"><div class="keys" aria-label="Label the marked face"></div>
<div role="listbox"
 aria-label="Faces. Arrows move, 1 to 7 label, X not a face, U not usable, Z takes back"></div>
<p role="status"></p></div>"""


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
    # beside a doubtful label stands how doubtful it is, beside any other face how sure its guess
    doubts = [f"doubt {doubt:.2f}" for doubt in faces["doubt"]] if "doubt" in faces else None
    shown = [
        _face(str(item), str(truth), str(guess), percent(float(confidence)))
        for item, truth, guess, confidence in zip(
            faces["item"], faces["truth"], faces["guess"], faces["confidence"]
        )
    ]
    for face, doubt in zip(shown, doubts or ()):
        face["words"] = f"{face['words']}, {doubt}"
        face["sure"] = doubt
    items = {face["item"] for face in shown}
    mount = component(__file__, "gallery", html=_HTML)
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


def asked(key: str) -> list[Ask]:
    """What the gallery asks in this run; what is no ask is left out."""
    state = st.session_state.get(key)
    sent = None if state is None else state.get("asks")
    return [
        Ask(one["id"], str(one.get("item")), str(one.get("say")), one.get("do") == "undo")
        for one in (sent if isinstance(sent, list) else ())
        if isinstance(one, dict) and isinstance(one.get("id"), str)
    ]


def _face(item: str, truth: str, guess: str, sure: str) -> JsonObject:
    wrong = truth != guess
    said = f"labelled {truth}" if wrong else "as labelled"
    return {
        "item": item,
        "truth": truth,
        "guess": guess,
        "sure": sure,
        "wrong": wrong,
        "colour": colour(guess),
        "words": f"Read as {guess}, probability {sure}, {said}",
    }
