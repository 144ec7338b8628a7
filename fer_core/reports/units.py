"""How each measure is written and drawn: its name, its scale, its numbers as words."""

from __future__ import annotations

from typing import Any

import numpy as np

from fer_core.analytics.definitions import DEFINITIONS
from fer_core.palette import EMOTION_COLOURS, Look
from fer_core.text import known, percent, whole

_SHARES = ("attention", "expressiveness")


def name(measure: str) -> str:
    return DEFINITIONS[measure].name


def colour(measure: str, look: Look) -> str:
    """An emotion's own colour; ink for everything else."""
    return EMOTION_COLOURS.get(measure.removeprefix("p_"), look.ink)


def as_share(measure: str) -> bool:
    return measure in _SHARES or measure.startswith("p_")


def say(measure: str, value: float | None) -> str:
    """A value with no more digits than are earned: 62, 62 %, +0.21."""
    if value is None or not known(value):
        return "–"
    if measure == "engagement":
        return whole(value)
    if as_share(measure):
        return percent(value)
    return signed(value, 2) if measure == "valence" else f"{value:.2f}"


def say_change(measure: str, value: float | None) -> str:
    """A difference, with its sign: +7, −12 pts, +0.13."""
    if value is None or not known(value):
        return "–"
    if measure == "engagement":
        return signed(value)
    return f"{signed(100 * value)} pts" if as_share(measure) else signed(value, 2)


def signed(value: float, digits: int = 0) -> str:
    """With a true minus; what rounds to nothing has no sign."""
    text = f"{abs(value):.{digits}f}"
    if not text.strip("0."):
        return text
    return f"{'+' if value > 0 else '−'}{text}"


def note(measure: str) -> str:
    """The unit, as an axis says it."""
    if measure == "engagement":
        return "Points of 100"
    if measure == "valence":
        return "Pleasant above 0, unpleasant below"
    if measure == "attention":
        return "Facing the screen, in %"
    if as_share(measure):
        return "Probability, in %" if measure.startswith("p_") else "In %"
    return "0 to 1, experimental" if measure == "activation" else "0 to 1"


def hover(measure: str) -> str:
    """Plotly's number format within %{y}."""
    if measure == "engagement":
        return ":.0f"
    return ":.0%" if as_share(measure) else ":+.2f" if measure == "valence" else ":.2f"


def axis(measure: str, *values: np.ndarray) -> dict[str, Any]:
    """The whole scale where a reader knows it; else as far as the data reach."""
    if measure == "engagement":
        return {"range": [0, 100], "tickvals": [0, 50, 100]}
    if measure in _SHARES:
        return _percents(1.0)
    reach = max((float(np.nanmax(np.abs(v))) for v in values if np.isfinite(v).any()), default=0.5)
    if measure == "valence":
        top = 0.5 if reach <= 0.5 else 1.0
        return {"range": [-top, top], "tickvals": [-top, 0, top],
                "ticktext": [f"−{top:g}", "0", f"+{top:g}"]}  # fmt: skip
    top = next(step for step in (0.1, 0.25, 0.5, 1.0) if reach <= step or step == 1.0)
    if as_share(measure):
        return _percents(top)
    return {"range": [0, top], "tickvals": [0, top / 2, top]}


def difference_axis(measure: str, *values: np.ndarray) -> dict[str, Any]:
    """A scale about zero, the same both ways."""
    reach = max((float(np.nanmax(np.abs(v))) for v in values if np.isfinite(v).any()), default=0.0)
    unit = 100.0 if measure == "engagement" else 1.0
    steps = (0.05, 0.1, 0.2, 0.4, 0.6, 1.0, 2.0)
    top = unit * next(step for step in steps if reach <= step * unit or step == steps[-1])
    ticks = [-top, 0.0, top]
    if as_share(measure):
        text = [f"{100 * t:+.0f}" for t in ticks]
    else:
        text = [f"{t:+.0f}" if measure == "engagement" else f"{t:+g}" for t in ticks]
    text[1] = "0"
    return {"range": [-1.1 * top, 1.1 * top], "tickvals": ticks,
            "ticktext": [t.replace("-", "−") for t in text]}  # fmt: skip


def _percents(top: float) -> dict[str, Any]:
    ticks = [0.0, top / 2, top]
    return {"range": [0, top], "tickvals": ticks, "ticktext": [f"{100 * t:g} %" for t in ticks]}
