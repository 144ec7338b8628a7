"""The figures of reports and exports: an audience, its expressions, groups side by side.

Each takes the tables that ``analytics`` makes and returns an SVG. ``Sheet`` says how wide
it is, in which colours, and whether the figure wears its own title (as a file of its own)
or the document gives it one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from fer_core.analytics.compare import Comparison
from fer_core.analytics.scenes import Marker, Scene
from fer_core.analytics.seconds import Curves
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import EMOTION_COLOURS, MIXED_COLOUR, group_colours
from fer_core.reports import units
from fer_core.reports.figure_frame import (
    Array,
    Panel,
    Sheet,
    Words,
    framed,
    scene_strip,
    strip_height,
    time_axis,
)
from fer_core.reports.svg import fitted
from fer_core.text import count

NOTICED: Final = 0.05  # a share that never reaches this draws no line


def response(
    curve: pd.DataFrame,
    measure: str,
    words: Words,
    sheet: Sheet,
    *,
    length_ms: int,
    scenes: Sequence[Scene] = (),
    markers: Sequence[Marker] = (),
    viewers: int = 0,
) -> str:
    """An audience's mean with its band; below it how many viewers there were.

    What fewer than half of the ``viewers`` carry is drawn thin and dashed.
    """
    most = max(int(curve["n"].max()) if len(curve) else 0, 1)
    values = [curve[name].to_numpy(np.float64) for name in ("mean", "low", "high")]
    frame = framed(sheet, words, length_ms, panels=220, gaps=12 + strip_height(scenes, markers))
    scene_strip(frame, scenes, markers)
    theme = frame.theme
    main = frame.panel(190, units.axis(measure, *values))
    main.ground(scenes, markers)
    main.grid()
    colour = units.colour(measure, theme)
    main.band(curve, colour)
    main.carried_curve(curve, viewers, colour)
    many = frame.panel(30, {"range": [0, most], "tickvals": [], "ticktext": []}, gap=12)
    _counts(many, curve, most)
    time_axis(frame)
    return str(frame.drawing)


def expressions(
    groups: Mapping[str, Mapping[str, pd.DataFrame]],
    words: Words,
    sheet: Sheet,
    *,
    length_ms: int,
    scenes: Sequence[Scene] = (),
) -> str:
    """The share of the viewers showing each expression, a panel a group on one scale."""
    shown = expressions_shown(groups)
    top = max((_highest(shares[name]["share"]) for shares in groups.values() for name in shown),
              default=0.0)  # fmt: skip
    reach = next(step for step in (20, 50, 100) if top <= step or step == 100)
    axis: units.ValueAxis = {"range": [0, reach], "tickvals": [0, reach / 2, reach],
            "ticktext": ["0 %", f"{reach // 2} %", f"{reach} %"]}  # fmt: skip
    several = len(groups) > 1
    each, gap = (110, 24) if several else (150, 0)
    frame = framed(
        sheet,
        words,
        length_ms,
        panels=each * len(groups),
        gaps=gap * len(groups) + strip_height(scenes, ()),
    )
    scene_strip(frame, scenes, ())
    for name, shares in groups.items():
        panel = frame.panel(each, axis, gap=gap)
        panel.ground(scenes)
        panel.grid()
        if several:
            frame.drawing.text(frame.left, panel.top - 7, name, frame.theme.text, 12, weight="600")
        for emotion in shown:
            table = frame.thinned(shares[emotion])
            seconds, share = _steps(table["second"], table["share"])
            frame.drawing.line(frame.x(seconds), panel.y(share), EMOTION_COLOURS[emotion], 2.0)
    time_axis(frame)
    return str(frame.drawing)


def expressions_shown(groups: Mapping[str, Mapping[str, pd.DataFrame]]) -> list[str]:
    """Those of which at least one second shows a share worth a line."""
    return [
        name
        for name in DISPLAY_ORDER
        if any(_highest(shares[name]["share"]) >= 100 * NOTICED for shares in groups.values())
    ]


def comparison(
    curves: Mapping[str, pd.DataFrame],
    found: Comparison,
    measure: str,
    words: Words,
    sheet: Sheet,
    *,
    length_ms: int,
    viewers: Mapping[str, int],
    scenes: Sequence[Scene] = (),
) -> str:
    """Every group's mean with its band; below it the first minus the second of a pair.

    Spans in which the two differ are shaded in the colour of the higher one.
    """
    colour = group_colours(list(curves))
    over = found.over_time[found.over_time["measure"] == measure]
    known = [
        table[name].to_numpy(np.float64) for table in curves.values() for name in ("low", "high")
    ]
    gaps = [over[name].to_numpy(np.float64) for name in ("difference", "low", "high")]
    frame = framed(sheet, words, length_ms, panels=180 + 96, gaps=26 + strip_height(scenes, ()))
    scene_strip(frame, scenes, ())
    theme = frame.theme
    means = frame.panel(180, units.axis(measure, *known))
    below = frame.panel(96, units.difference_axis(measure, *gaps), gap=26)
    spans = [one for one in found.clusters if one.measure == measure and one.significant]
    for panel in (means, below):
        panel.ground(scenes)
        for one in spans:
            panel.span(one.from_ms, one.to_ms, colour[one.higher], 0.14)
        panel.grid(zero=panel is below)
    for name, table in curves.items():
        means.band(table, colour[name], 0.15)
    for name, table in curves.items():
        means.carried_curve(table, viewers[name], colour[name])
    said = fitted(f"{found.a} minus {found.b}", 12, frame.right - frame.left)
    frame.drawing.text(frame.left, below.top - 8, said, theme.text, 12, weight="600")
    below.band(over, theme.ink, 0.12)
    below.curve(over, "difference", theme.ink, 1.8)
    time_axis(frame)
    return str(frame.drawing)


def session(
    curve: pd.DataFrame,
    leading: Sequence[str | None],
    words: Words,
    sheet: Sheet,
    *,
    length_ms: int,
    measure: str = "engagement",
) -> str:
    """A session's curve, and the leading expression of each second as a ribbon below it."""
    values = [curve[name].to_numpy(np.float64) for name in ("mean", "low", "high")]
    frame = framed(sheet, words, length_ms, panels=190 + 22, gaps=12)
    main = frame.panel(190, units.axis(measure, *values))
    main.grid()
    colour = units.colour(measure, frame.theme)
    main.band(curve, colour)
    main.curve(curve, "mean", colour)
    ribbon = frame.panel(22, {"range": [0, 1], "tickvals": [], "ticktext": []}, gap=12)
    start = 0
    seconds = curve["second"].to_numpy()
    for at in range(1, len(leading) + 1):  # a rectangle a run, not a second
        if at == len(leading) or leading[at] != leading[start]:
            name = leading[start]
            if name is not None:
                ribbon.span(
                    1000.0 * seconds[start], 1000.0 * (seconds[at - 1] + 1),
                    EMOTION_COLOURS.get(name, MIXED_COLOUR), 0.55 if name == "neutral" else 1.0,
                )  # fmt: skip
            start = at
    time_axis(frame)
    return str(frame.drawing)


def _counts(panel: Panel, curve: pd.DataFrame, most: int) -> None:
    """How many viewers a second has: one shape, not a bar a second."""
    frame = panel.frame
    thin = frame.thinned(curve)
    seconds, n = _steps(thin["second"], thin["n"])
    base = np.full(len(seconds), panel.bottom)
    frame.drawing.area(frame.x(seconds), base, panel.y(n), frame.theme.quiet, 0.3)
    frame.drawing.text(
        frame.left - 8,
        (panel.top + panel.bottom) / 2 + 4,
        f"n {most}",
        frame.theme.quiet,
        11,
        "end",
    )


def _steps(seconds: pd.Series, values: pd.Series) -> tuple[Array, Array]:
    """A value that holds until the next one, as the corners of its steps (in ms)."""
    each = float(seconds.iloc[1] - seconds.iloc[0]) if len(seconds) > 1 else 1.0
    begin = (seconds.to_numpy(np.float64) - (each - 1) / 2) * 1000
    held = values.to_numpy(np.float64)
    first = np.flatnonzero(np.append(True, held[1:] != held[:-1]))  # equal neighbours are one
    last = np.append(first[1:], len(held)) - 1
    corners = np.stack([begin[first], begin[last] + 1000 * each], axis=1).ravel()
    return corners, np.repeat(held[first], 2)


def _highest(values: pd.Series) -> float:
    return float(values.max()) if values.notna().any() else 0.0


def sizes(lines: Mapping[str, Curves]) -> dict[str, str]:
    """How many viewers each group has, in words."""
    return {name: count(one.n, "viewer") for name, one in lines.items()}
