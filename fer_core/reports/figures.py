"""The figures of reports and exports: an audience, its expressions, groups side by side.

Each takes the tables that ``analytics`` makes and returns an SVG. ``Sheet`` says how wide
it is, in which colours, and whether the figure wears its own title (as a file of its own)
or the document gives it one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.analytics.carried import carried
from fer_core.analytics.compare import Comparison
from fer_core.analytics.scenes import Marker, Scene
from fer_core.analytics.seconds import Curves
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import EMOTION_COLOURS, LIGHT, MIXED_COLOUR, Theme, group_colours
from fer_core.reports import units
from fer_core.reports.svg import Drawing, fitted, text_width
from fer_core.sentences import Title
from fer_core.text import clock, count

Array = NDArray[np.float64]

WIDE: Final = 720
NARROW: Final = 350
LEFT, RIGHT = 46.0, 12.0
NOTICED: Final = 0.05  # a share that never reaches this draws no line
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


@dataclass(frozen=True, slots=True)
class Words:
    """What stands with a figure: what it shows, how to read it, who is which colour."""

    title: Title
    note: str
    about: str
    key: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a figure is drawn. ``titled``: it carries its title, note and key itself."""

    width: int = WIDE
    theme: Theme = LIGHT
    titled: bool = False
    mark: str = ""  # «SIMULATED», where that is so
    tall: float = 1.0  # how high its panels are, against the usual


@dataclass
class _Frame:
    """The drawing with its time axis."""

    drawing: Drawing
    theme: Theme
    length_ms: int
    left: float
    right: float
    top: float
    tall: float = 1.0
    panels: list[_Panel] = field(default_factory=list)

    def x(self, ms: float | Array) -> Any:
        return self.left + np.asarray(ms, np.float64) / self.length_ms * (self.right - self.left)

    def thinned(self, table: pd.DataFrame) -> pd.DataFrame:
        """Means of a few neighbouring seconds each, where there are more than it has pixels."""
        together = math.ceil(len(table) / (self.right - self.left))
        if together <= 1:
            return table
        numbers = table.select_dtypes("number").reset_index(drop=True)
        return numbers.groupby(numbers.index // together).mean().reset_index(drop=True)

    def panel(self, height: float, axis: Mapping[str, Any], gap: float = 0.0) -> _Panel:
        self.top += gap
        made = _Panel(self, self.top, self.top + height * self.tall, axis)
        self.top = made.bottom
        self.panels.append(made)
        return made


@dataclass
class _Panel:
    """A stretch of the drawing with one value axis."""

    frame: _Frame
    top: float
    bottom: float
    axis: Mapping[str, Any]

    def y(self, value: float | Array) -> Any:
        low, high = self.axis["range"]
        share = (np.asarray(value, np.float64) - low) / (high - low)
        return self.bottom - share * (self.bottom - self.top)

    def grid(self, *, zero: bool = False) -> None:
        frame, theme = self.frame, self.frame.theme
        ticks = self.axis["tickvals"]
        for value, said in zip(ticks, self.axis.get("ticktext", [f"{t:g}" for t in ticks])):
            y = float(self.y(value))
            strong = zero and value == 0
            colour = theme.quiet if strong else theme.grid
            frame.drawing.line((frame.left, frame.right), (y, y), colour, 1.0)
            frame.drawing.text(frame.left - 8, y + 3.6, said, theme.quiet, 11, "end")

    def curve(
        self, table: pd.DataFrame, name: str, colour: str, width: float = 2.2, dash: str = ""
    ) -> None:
        table = self.frame.thinned(table)
        at = self.frame.x(table["second"].to_numpy() * 1000.0 + 500)
        self.frame.drawing.line(at, self.y(table[name].to_numpy(np.float64)), colour, width, dash)

    def carried_curve(self, table: pd.DataFrame, viewers: int, colour: str) -> None:
        """The mean; thin and dashed where under half of the viewers carry it."""
        few = table["mean"].notna() & ~carried(table["n"].to_numpy(), viewers)
        if few.any():
            self.curve(table, "mean", colour, 1.2, "4 3")
        self.curve(table.assign(mean=table["mean"].mask(few)), "mean", colour)

    def band(self, table: pd.DataFrame, colour: str, opacity: float = 0.16) -> None:
        table = self.frame.thinned(table)
        at = self.frame.x(table["second"].to_numpy() * 1000.0 + 500)
        low, high = (self.y(table[one].to_numpy(np.float64)) for one in ("low", "high"))
        self.frame.drawing.area(at, low, high, colour, opacity)

    def span(self, from_ms: float, to_ms: float, colour: str, opacity: float) -> None:
        start, stop = (
            float(self.frame.x(min(ms, self.frame.length_ms))) for ms in (from_ms, to_ms)
        )
        self.frame.drawing.rect(
            start, self.top, stop - start, self.bottom - self.top, colour, opacity
        )

    def ground(self, scenes: Sequence[Scene], markers: Sequence[Marker] = ()) -> None:
        """Every other scene on a pale ground, a dotted line a marker."""
        theme = self.frame.theme
        for one in scenes[1::2]:
            self.span(one.from_ms, one.to_ms, theme.quiet, 0.07)
        for mark in markers:
            if 0 < mark.t_ms < self.frame.length_ms:
                x = float(self.frame.x(mark.t_ms))
                self.frame.drawing.line((x, x), (self.top, self.bottom), theme.quiet, 1, "1 4")


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
    frame = _frame(sheet, words, length_ms, panels=220, gaps=12 + _strip_height(scenes, markers))
    _scene_strip(frame, scenes, markers)
    theme = frame.theme
    main = frame.panel(190, units.axis(measure, *values))
    main.ground(scenes, markers)
    main.grid()
    colour = units.colour(measure, theme)
    main.band(curve, colour)
    main.carried_curve(curve, viewers, colour)
    many = frame.panel(30, {"range": [0, most], "tickvals": [], "ticktext": []}, gap=12)
    _counts(many, curve, most)
    _time_axis(frame)
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
    axis = {"range": [0, reach], "tickvals": [0, reach / 2, reach],
            "ticktext": ["0 %", f"{reach // 2} %", f"{reach} %"]}  # fmt: skip
    several = len(groups) > 1
    each, gap = (110, 24) if several else (150, 0)
    frame = _frame(
        sheet,
        words,
        length_ms,
        panels=each * len(groups),
        gaps=gap * len(groups) + _strip_height(scenes, ()),
    )
    _scene_strip(frame, scenes, ())
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
    _time_axis(frame)
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
    frame = _frame(sheet, words, length_ms, panels=180 + 96, gaps=26 + _strip_height(scenes, ()))
    _scene_strip(frame, scenes, ())
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
    _time_axis(frame)
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
    frame = _frame(sheet, words, length_ms, panels=190 + 22, gaps=12)
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
    _time_axis(frame)
    return str(frame.drawing)


def _frame(sheet: Sheet, words: Words, length_ms: int, *, panels: float, gaps: float) -> _Frame:
    """A drawing high enough for its panels, its time axis and, if it has one, its heading."""
    narrow = sheet.width < 500
    left = 38.0 if narrow else LEFT
    heading = _heading_lines(sheet, words) if sheet.titled else []
    above = 20.0 + 19 * len(heading) + (24 if words.key else 0) if heading else 8.0
    height = above + panels * sheet.tall + gaps + 26
    drawing = Drawing(
        sheet.width, height, words.title, words.about, sheet.theme.paper if sheet.titled else ""
    )
    for at, (text, size, quiet) in enumerate(heading):
        colour = sheet.theme.quiet if quiet else sheet.theme.text
        drawing.text(14, 26 + 19 * at, text, colour, size, weight="normal" if quiet else "600")
    if heading:
        _key(drawing, words.key, 14, 26 + 19 * len(heading) + 4, sheet)
        if sheet.mark:
            drawing.text(sheet.width - 12, 26, sheet.mark, "#B45309", 12, "end", "600")
    return _Frame(
        drawing, sheet.theme, max(length_ms, 1000), left, sheet.width - RIGHT, above, sheet.tall
    )


def _heading_lines(sheet: Sheet, words: Words) -> list[tuple[str, float, bool]]:
    room = sheet.width - 28 - (text_width(sheet.mark, 12) + 16 if sheet.mark else 0)
    lines = [(one, 15.0, False) for one in _wrapped(words.title, 15, room)]
    return [*lines, *((one, 12.0, True) for one in _wrapped(words.note, 12, sheet.width - 28))]


def _wrapped(text: str, size: float, room: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _key(
    drawing: Drawing, key: Sequence[tuple[str, str]], x: float, y: float, sheet: Sheet
) -> None:
    for name, colour in key:
        said = fitted(name, 12, sheet.width / 3)
        drawing.rect(x, y - 8, 10, 10, colour)
        drawing.text(x + 15, y + 1, said, sheet.theme.text, 12)
        x += 15 + text_width(said, 12) + 18


def _strip_height(scenes: Sequence[Scene], markers: Sequence[Marker]) -> float:
    return (
        (18.0 if scenes else 0.0) + (18.0 if markers else 0.0) + (6.0 if scenes or markers else 0)
    )


def _scene_strip(frame: _Frame, scenes: Sequence[Scene], markers: Sequence[Marker]) -> None:
    """The scenes' names over their stretches; markers by name over their lines."""
    theme, drawing = frame.theme, frame.drawing
    if scenes:
        for one in scenes:
            if one.from_ms >= frame.length_ms:
                continue
            start = float(frame.x(one.from_ms))
            stop = float(frame.x(min(one.to_ms, frame.length_ms)))
            said = fitted(one.name, 11, stop - start - 6)
            drawing.text((start + stop) / 2, frame.top + 11, said, theme.quiet, 11, "middle")
            drawing.line((stop, stop), (frame.top, frame.top + 15), theme.grid, 1)
        frame.top += 18
    if markers:
        end = frame.left - 1e9
        for mark in markers:
            x = float(frame.x(mark.t_ms))
            said = fitted(mark.name, 10.5, 120)
            half = text_width(said, 10.5) / 2
            at = min(max(x, frame.left + half), frame.right - half)
            if mark.t_ms > frame.length_ms or at - half < end + 8:
                continue  # names do not run into each other; the table names every marker
            drawing.text(at, frame.top + 11, said, theme.quiet, 10.5, "middle")
            end = at + half
        frame.top += 18
    if scenes or markers:
        frame.top += 6


def _counts(panel: _Panel, curve: pd.DataFrame, most: int) -> None:
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


def _time_axis(frame: _Frame) -> None:
    """Minutes and seconds, as many as there is room for."""
    theme, drawing = frame.theme, frame.drawing
    y = frame.top
    drawing.line((frame.left, frame.right), (y, y), theme.grid, 1)
    length_s = frame.length_ms / 1000
    most = (frame.right - frame.left) / 56
    step = next((s for s in _STEPS_S if length_s / s <= most), 3600 * int(length_s / 3600 / 4 + 1))
    for second in range(0, int(length_s) + 1, step):
        x = float(frame.x(1000.0 * second))
        drawing.line((x, x), (y, y + 4), theme.quiet, 1)
        edge = x > frame.right - 8
        drawing.text(x, y + 17, clock(1000 * second), theme.quiet, 11, "end" if edge else "middle")


def _highest(values: pd.Series) -> float:
    return float(values.max()) if values.notna().any() else 0.0


def sizes(lines: Mapping[str, Curves]) -> dict[str, str]:
    """How many viewers each group has, in words."""
    return {name: count(one.n, "viewer") for name, one in lines.items()}
