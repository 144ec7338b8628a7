"""What all figures of reports are drawn on: a sheet with a heading, panels and a time axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from fer_core.analytics.carried import carried
from fer_core.analytics.scenes import Marker, Scene
from fer_core.palette import LIGHT, Theme
from fer_core.reports.svg import Drawing, fitted, text_width
from fer_core.reports.units import ValueAxis
from fer_core.sentences import Title
from fer_core.text import clock
from fer_core.types import Array

WIDE: Final = 720
NARROW: Final = 350
LEFT, RIGHT = 46.0, 12.0
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
class Frame:
    """The drawing with its time axis."""

    drawing: Drawing
    theme: Theme
    length_ms: int
    left: float
    right: float
    top: float
    tall: float = 1.0
    panels: list[Panel] = field(default_factory=list)

    def x(self, ms: float | Array) -> Any:
        return self.left + np.asarray(ms, np.float64) / self.length_ms * (self.right - self.left)

    def thinned(self, table: pd.DataFrame) -> pd.DataFrame:
        """Means of a few neighbouring seconds each, where there are more than it has pixels."""
        together = math.ceil(len(table) / (self.right - self.left))
        if together <= 1:
            return table
        numbers = table.select_dtypes("number").reset_index(drop=True)
        return numbers.groupby(numbers.index // together).mean().reset_index(drop=True)

    def panel(self, height: float, axis: ValueAxis, gap: float = 0.0) -> Panel:
        self.top += gap
        made = Panel(self, self.top, self.top + height * self.tall, axis)
        self.top = made.bottom
        self.panels.append(made)
        return made


@dataclass
class Panel:
    """A stretch of the drawing with one value axis."""

    frame: Frame
    top: float
    bottom: float
    axis: ValueAxis

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


def framed(sheet: Sheet, words: Words, length_ms: int, *, panels: float, gaps: float) -> Frame:
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
    return Frame(
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


def strip_height(scenes: Sequence[Scene], markers: Sequence[Marker]) -> float:
    return (
        (18.0 if scenes else 0.0) + (18.0 if markers else 0.0) + (6.0 if scenes or markers else 0)
    )


def scene_strip(frame: Frame, scenes: Sequence[Scene], markers: Sequence[Marker]) -> None:
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


def time_axis(frame: Frame) -> None:
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
