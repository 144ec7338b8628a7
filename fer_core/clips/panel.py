"""What stands under a film in a clip: the audience's curve, its expressions, the moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from fer_core.palette import EMOTION_COLOURS, LIGHT
from fer_core.reports import units
from fer_core.text import clock
from fer_core.types import Bytes

#: Where the curve begins and ends across a panel, as shares of its width.
LEFT, RIGHT = 0.07, 0.98
_RIBBON: Final = 0.16
_SCALE: Final = 2  # lines are drawn twice as large, then made smaller


@dataclass(frozen=True)
class Line:
    """An audience's curve: ``second, mean, low, high`` and its colour."""

    name: str
    curve: pd.DataFrame
    colour: str


class Panel:
    """The strip under one span of a film; ``at`` gives it with the cursor at a moment."""

    def __init__(
        self,
        size: tuple[int, int],
        span: tuple[int, int],
        measure: str,
        lines: Sequence[Line],
        shares: Mapping[str, pd.DataFrame],
        note: str,
    ) -> None:
        """size: (width, height) in pixels. span: its first and last ms. shares: by emotion, the
        share of viewers that shows it, drawn as a ribbon; note: what stands in the corner."""
        self.width, self.height = size
        self.span = span
        self._still = self._drawn(measure, lines, shares, note)

    def x(self, t_ms: float) -> float:
        """Where a moment stands, in pixels from the left."""
        share = (t_ms - self.span[0]) / max(1, self.span[1] - self.span[0])
        return self.width * (LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, share)))

    def at(self, t_ms: float) -> Bytes:
        """(height, width, 3): the panel with its cursor."""
        picture = self._still.copy()
        column = round(self.x(t_ms))
        thick = max(1, self.width // 640)
        colour = tuple(int(LIGHT.ink[i : i + 2], 16) for i in (1, 3, 5))
        picture[:, column : column + thick] = colour
        return picture

    def _drawn(
        self,
        measure: str,
        lines: Sequence[Line],
        shares: Mapping[str, pd.DataFrame],
        note: str,
    ) -> Bytes:
        wide, high = self.width * _SCALE, self.height * _SCALE
        image = Image.new("RGB", (wide, high), LIGHT.paper)
        draw = ImageDraw.Draw(image, "RGBA")
        small = _font(round(high * 0.105))
        axis = units.axis(measure, *(one.curve["mean"].to_numpy(float) for one in lines))
        top, bottom = 0.17 * high, high * (1 - _RIBBON - 0.15 if shares else 0.86)
        least, most = axis["range"]

        def y(value: float) -> float:
            return float(bottom - (bottom - top) * (value - least) / (most - least))

        for tick in axis["tickvals"]:
            draw.line([(LEFT * wide, y(tick)), (RIGHT * wide, y(tick))], LIGHT.grid, _SCALE)
        for one in lines:
            self._line(draw, one, y, max(2, round(high * 0.014)))
        for tick, said in zip(
            axis["tickvals"], axis.get("ticktext", [f"{one:g}" for one in axis["tickvals"]])
        ):
            draw.text((LEFT * wide - 6, y(tick)), said, LIGHT.quiet, small, "rm")
        self._words(draw, measure, lines, note, small)
        if shares:
            self._ribbon(draw, shares, high * (1 - _RIBBON - 0.11), high * (1 - 0.11))
        for at in _ticks(self.span):
            x = self.x(at) * _SCALE
            draw.text((x, high - 2), clock(at), LIGHT.quiet, small, "mb")
        return np.asarray(image.resize((self.width, self.height), Image.Resampling.LANCZOS))

    def _line(
        self, draw: ImageDraw.ImageDraw, one: Line, y: Callable[[float], float], thick: int
    ) -> None:
        """The band, then the mean. A second's value stands at its middle; gaps stay gaps."""
        rows = one.curve[(one.curve["second"] * 1000 + 500 >= self.span[0] - 1000)
                         & (one.curve["second"] * 1000 + 500 <= self.span[1] + 1000)]  # fmt: skip
        parts: list[list[tuple[float, float, float, float]]] = [[]]
        for second, mean, low, high in rows[["second", "mean", "low", "high"]].to_numpy(float):
            if not np.isfinite(mean):
                parts.append([])
                continue
            share = (1000 * second + 500 - self.span[0]) / max(1, self.span[1] - self.span[0])
            x = self.width * (LEFT + (RIGHT - LEFT) * share) * _SCALE
            ends = (low, high) if np.isfinite(low) and np.isfinite(high) else (mean, mean)
            parts[-1].append((x, y(mean), y(ends[0]), y(ends[1])))
        for part in parts:
            if len(part) > 1:
                band = [(x, lo) for x, _, lo, _ in part] + [(x, hi) for x, _, _, hi in part[::-1]]
                draw.polygon(band, one.colour + "2B")
                draw.line([(x, at) for x, at, _, _ in part], one.colour, thick, joint="curve")
        # what reaches beyond the span is cut off
        wide, high = self.width * _SCALE, self.height * _SCALE
        draw.rectangle((0, 0, LEFT * wide - 1, high), LIGHT.paper)
        draw.rectangle((RIGHT * wide + 1, 0, wide, high), LIGHT.paper)

    def _words(
        self, draw: ImageDraw.ImageDraw, measure: str, lines: Sequence[Line], note: str,
        font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    ) -> None:  # fmt: skip
        wide = self.width * _SCALE
        x = LEFT * wide
        for said, colour in ((units.name(measure), LIGHT.ink), *((o.name, o.colour) for o in lines
                                                                 if len(lines) > 1)):  # fmt: skip
            draw.text((x, 4), said, colour, font, "lt")
            x += draw.textlength(said, font) + 0.02 * wide
        draw.text((RIGHT * wide, 4), note, LIGHT.quiet, font, "rt")

    def _ribbon(
        self, draw: ImageDraw.ImageDraw, shares: Mapping[str, pd.DataFrame], top: float, end: float
    ) -> None:
        """A second is a column, filled by the shares of viewers that show each expression."""
        for second in range(self.span[0] // 1000, -(-self.span[1] // 1000)):
            left, right = (self.x(1000 * second) * _SCALE, self.x(1000 * (second + 1)) * _SCALE)
            at = end
            for name, table in shares.items():
                found = table.loc[table["second"] == second, "share"]
                share = float(found.iloc[0]) if len(found) else np.nan
                if np.isfinite(share) and share > 0 and right > left:
                    high = (end - top) * share / 100
                    draw.rectangle((left, at - high, right - 1, at), EMOTION_COLOURS[name])
                    at -= high
        draw.rectangle((LEFT * self.width * _SCALE, top, RIGHT * self.width * _SCALE, end),
                       outline=LIGHT.grid)  # fmt: skip


def caption(picture: Bytes, text: str) -> Bytes:
    """The picture with a line of words in its corner."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image, "RGBA")
    font = _font(max(12, image.height // 20))
    pad = max(4, image.height // 60)
    box = draw.textbbox((2 * pad, 2 * pad), text, font, "lt")
    draw.rectangle((pad, pad, box[2] + pad, box[3] + pad), (10, 12, 16, 190))
    draw.text((2 * pad, 2 * pad), text, "#FFFFFF", font, "lt")
    return np.asarray(image)


def _ticks(span: tuple[int, int]) -> list[int]:
    """Whole seconds, about eight of them."""
    length = max(1, (span[1] - span[0]) // 1000)
    step = next(one for one in (1, 2, 5, 10, 30, 60, 300, 3600) if length / one <= 8)
    first = -(-span[0] // (1000 * step)) * step
    return [1000 * at for at in range(first, span[1] // 1000 + 1, step)]


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(8, size))
