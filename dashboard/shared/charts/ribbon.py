"""Leading expressions as a coloured strip: hue says which, strength says how sure.

A Plotly heatmap has one number a cell, so the number carries both: each emotion owns a few
neighbouring levels, from pale to full.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from fer_core.labels import DISPLAY_ORDER
from fer_core.measures import MIXED
from fer_core.palette import EMOTION_COLOURS, MIXED_COLOUR, Theme

STEPS = 5
PALEST, FULL = 0.35, 1.0
NEUTRAL_FULL = 0.55  # neutral is most of most recordings: it stays in the background
UNUSABLE = len(DISPLAY_ORDER) * STEPS  # one more level: a face that could not be read
MIXED_LEVEL = UNUSABLE + 1  # and one for seconds that no expression leads
_LEVELS = MIXED_LEVEL + 1


def mixed(colour: str, paper: str, share: float) -> str:
    """A colour laid on the paper at an opacity, as one solid hex colour."""
    parts = []
    for i in (1, 3, 5):
        over, under = int(colour[i : i + 2], 16), int(paper[i : i + 2], 16)
        parts.append(round(under + (over - under) * share))
    return "#" + "".join(f"{part:02x}" for part in parts)


def levels(emotion: pd.Series, strength: pd.Series) -> np.ndarray:
    """A level for each cell; NaN where no expression is known."""
    order = {name: i for i, name in enumerate(DISPLAY_ORDER)}
    index = emotion.map(order).to_numpy(dtype=float)
    share = np.clip(strength.to_numpy(dtype=float, na_value=0.0), 0.0, 1.0)
    # With seven emotions a leader has at least 1/7; the scale uses what lies above.
    above = np.clip((share - 1 / 7) / (1 - 1 / 7), 0.0, 0.999)
    return np.where(emotion == MIXED, MIXED_LEVEL, index * STEPS + np.floor(above * STEPS))


def colour_scale(theme: Theme) -> list[tuple[float, str]]:
    colours = []
    for name in DISPLAY_ORDER:
        full = NEUTRAL_FULL if name == "neutral" else FULL
        for step in range(STEPS):
            share = PALEST + (full - PALEST) * step / (STEPS - 1)
            colours.append(mixed(EMOTION_COLOURS[name], theme.paper, share))
    colours.append(mixed(theme.quiet, theme.paper, 0.12))
    colours.append(mixed(MIXED_COLOUR, theme.paper, 0.75))
    scale: list[tuple[float, str]] = []
    for i, colour in enumerate(colours):
        scale += [(i / _LEVELS, colour), ((i + 1) / _LEVELS, colour)]
    return scale


def strip(
    x: Any, y: list[str], z: np.ndarray, text: np.ndarray | None, theme: Theme, yaxis: str
) -> go.Heatmap:
    return go.Heatmap(
        x=x,
        y=y,
        z=z,
        text=text,
        hovertemplate="%{y}: %{text}<extra></extra>" if text is not None else None,
        hoverinfo="skip" if text is None else None,
        colorscale=colour_scale(theme),
        zmin=-0.5,
        zmax=_LEVELS - 0.5,
        showscale=False,
        ygap=3 if len(y) > 1 else 0,
        yaxis=yaxis,
        name="",
    )
