"""A row a viewer, a column a second, as one picture; a click opens the replay there.

Plotly draws 200 viewers of three minutes as tens of thousands of rectangles and wants a
megabyte of words to hover over them. Here the values travel as a byte each, with a colour
and a word for each of its 255 levels.
"""

from __future__ import annotations

import base64

from dashboard.audience.study.viewer_charts import HeatMap
from dashboard.shared.widgets.component import component
from fer_core.files import JsonObject


def viewer_map(drawn: HeatMap, *, alt: str, key: str) -> tuple[int, int] | None:
    """Show it. The answer is the row and the second that were just clicked."""
    mount = component(__file__, "viewer_map")
    data: JsonObject = {
        "cells": base64.b64encode(drawn.cells.tobytes()).decode(),
        "seconds": int(drawn.cells.shape[1]),
        "length": drawn.length_ms / 1000,
        "labels": drawn.labels,
        "colours": drawn.colours,
        "words": drawn.words,
        "blocks": drawn.blocks,
        "paper": drawn.paper,
        "row": drawn.row,
        "alt": alt,
    }
    picked = mount(key=key, data=data, on_picked_change=lambda: None).picked
    if not isinstance(picked, dict):
        return None
    row, second = picked.get("row"), picked.get("second")
    if not isinstance(row, int) or not isinstance(second, int):
        return None
    return (row, second) if 0 <= row < len(drawn.labels) else None
