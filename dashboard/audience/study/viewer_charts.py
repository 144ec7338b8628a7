"""The viewers behind an audience: a row each, and whether they respond together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from dashboard.audience.study.data import StudyView
from dashboard.shared.charts.ribbon import mixed
from fer_core.analytics.methods.synchrony import Synchrony
from fer_core.measures import BY_KEY, find_measure
from fer_core.palette import EMOTION_COLOURS, Theme
from fer_core.reports import units
from fer_core.reports.findings import together as synchrony_finding
from fer_core.text import signed

__all__ = ["HeatMap", "heat_key", "heat_map", "synchrony_bars", "synchrony_finding"]

ROW, TALLEST, LOWEST = 13, 600, 3
#: A value travels as one of so many levels; the byte after the last says «not known».
LEVELS, UNKNOWN = 255, 255


@dataclass(frozen=True)
class HeatMap:
    """``cells``: a row a viewer, a column a second, each a level; a colour and a word a level.

    ``blocks``: the audiences that the rows belong to, from the top: name, colour, rows.
    """

    cells: NDArray[np.uint8]
    labels: list[str]
    colours: list[str]
    words: list[str]
    blocks: list[tuple[str, str, int]]
    paper: str
    row: int  # pixels a viewer
    length_ms: int


def heat_map(views: Sequence[StudyView], colours: Mapping[str, str], theme: Theme) -> HeatMap:
    """One row a viewer, audience by audience, in the order given within each.

    ``colours``: of the audiences, where there are several.
    """
    measure = views[0].measure
    rule = find_measure(measure)
    high = rule.reach
    low = -high if rule.about_zero else rule.lowest
    seconds = max(one.lanes.shape[1] for one in views)
    lanes = np.concatenate([_padded(one.lanes, seconds) for one in views])
    levels = np.clip(np.round((lanes - low) / (high - low) * (LEVELS - 1)), 0, LEVELS - 1)
    cells = np.where(np.isnan(lanes), UNKNOWN, levels).astype(np.uint8)
    values = np.linspace(low, high, LEVELS)
    return HeatMap(
        cells,
        [label for one in views for label in one.labels],
        _colours(measure, theme),
        [units.say(measure, float(one)) for one in values],
        [(one.name, colours[one.name], len(one.labels)) for one in views if len(views) > 1],
        theme.paper,
        min(ROW, max(LOWEST, TALLEST // max(len(lanes), 1))),
        max(one.length_ms for one in views),
    )


def _padded(lanes: NDArray[np.float64], seconds: int) -> NDArray[np.float64]:
    """As wide as the longest film: what comes after the end is not known."""
    return np.pad(lanes, ((0, 0), (0, seconds - lanes.shape[1])), constant_values=np.nan)


def _colours(measure: str, theme: Theme) -> list[str]:
    """From nothing, which is pale and not white, to all of it."""
    own = units.colour(measure, theme)
    stops = list(theme.heat)
    if BY_KEY[measure].about_zero:
        stops = [EMOTION_COLOURS["sad"], theme.heat_middle, EMOTION_COLOURS["happy"]]
    elif own != theme.ink:
        stops = [mixed(own, theme.paper, share) for share in (0.12, 0.5, 1.0)]
    half = (LEVELS - 1) / 2
    return [
        mixed(stops[1], stops[0], at / half)
        if at <= half
        else mixed(stops[2], stops[1], at / half - 1)
        for at in range(LEVELS)
    ]


def heat_key(drawn: HeatMap) -> str:
    """What the map's colours mean, as HTML: from the lowest to the highest, and not known."""
    ends = ", ".join(drawn.colours[at] for at in (0, LEVELS // 2, LEVELS - 1))
    return (
        '<div class="rapt-key rapt-heat-key">'
        f'<span>{drawn.words[0]}<i style="background:linear-gradient(90deg, {ends})"></i>'
        f"{drawn.words[-1]}</span>"
        '<span><i class="rapt-hatch"></i>no usable face</span></div>'
    )


def synchrony_bars(found: Mapping[str, Synchrony]) -> str:
    """Synchrony as HTML, by title: what was found as a dot over the bar of what chance gives."""
    shown = {name: one for name, one in found.items() if not one.reason}
    if not shown:
        return ""
    top = min(1.0, max(0.5, *(max(one.value, one.high) for one in shown.values())) + 0.05)
    bottom = min(-0.2, *(min(one.value, one.low) - 0.05 for one in shown.values()))

    def at(value: float) -> str:
        return f"{100 * (value - bottom) / (top - bottom):.2f}%"

    rows = "".join(
        f'<div role="listitem"><b>{escape(name)}</b>'
        f'<div class="rapt-tie" aria-hidden="true"><i style="left:{at(0.0)}"></i>'
        f'<span style="left:{at(one.low)};width:{_share(one.high - one.low, top - bottom)}"></span>'
        f'<em style="left:{at(one.value)}"></em></div>'
        f"<span><strong>{signed(one.value, 2)}</strong> <small>by chance "
        f"{signed(one.low, 2)} to {signed(one.high, 2)}</small></span></div>"
        for name, one in shown.items()
    )
    said = "Correlation with the other viewers"
    return f'<div class="rapt-ties" role="list" aria-label="{said}">{rows}</div>'


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f}%"
