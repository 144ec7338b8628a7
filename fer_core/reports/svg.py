"""A drawing as SVG: lines, areas, bars and words, with what a screen reader says of it.

Written by hand so that a figure is the same in the page (whose style sheet gives it the
colours of light or dark), in the PDF (vectors, text that can be selected) and as a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

import numpy as np

from fer_core.types import Array

Anchor = Literal["start", "middle", "end"]
Weight = Literal["normal", "600"]

#: The first that is there is taken: the PDF brings its own, a page uses what it has.
FAMILY = (
    "'Source Sans Pro', 'Source Sans 3', Inter, -apple-system, 'Segoe UI', Roboto, "
    "'Noto Sans', 'Liberation Sans', sans-serif"
)
_WIDE, _NARROW = "mwMW@%&", "iljtfrI.,:;|!()[]' "


def text_width(text: str, size: float) -> float:
    """About how wide a text is; enough to say whether a label fits."""
    ems = sum(0.86 if c in _WIDE else 0.31 if c in _NARROW else 0.53 for c in text)
    return ems * size


def fitted(text: str, size: float, room: float) -> str:
    """The text, shortened to the room; '' where not even three letters fit."""
    if text_width(text, size) <= room:
        return text
    for length in range(len(text) - 1, 2, -1):
        cut = text[:length].rstrip() + "…"
        if text_width(cut, size) <= room:
            return cut
    return ""


class Drawing:
    """What is drawn so far; ``str()`` of it is the SVG."""

    def __init__(
        self, width: float, height: float, title: str, about: str, paper: str = ""
    ) -> None:
        self.width, self.height = width, height
        self._title, self._about = title, about
        self._parts: list[str] = []
        if paper:
            self.rect(0, 0, width, height, paper)

    def line(
        self, x: Sequence[float] | Array, y: Sequence[float] | Array, colour: str,
        width: float = 1.0, dash: str = "", opacity: float = 1.0,
    ) -> None:  # fmt: skip
        """A line through the points; it breaks where one is not known."""
        path = "".join(_through(run) for run in _runs(x, y))
        if path:
            more = f' stroke-dasharray="{dash}"' if dash else ""
            more += f' stroke-opacity="{opacity:g}"' if opacity < 1 else ""
            self._parts.append(
                f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
                f'stroke-linejoin="round" stroke-linecap="round"{more}/>'
            )

    def area(
        self, x: Sequence[float] | Array, low: Array, high: Array, colour: str, opacity: float
    ) -> None:
        """Between two lines; it breaks where they do."""
        path = ""
        across = np.asarray(x, np.float64)
        for run in _runs(across, np.asarray(low) + np.asarray(high), indices=True):
            at = [int(i) for i, _ in run]
            there = [(float(across[i]), float(high[i])) for i in at]
            back = [(float(across[i]), float(low[i])) for i in reversed(at)]
            path += _through([*there, *back]) + "Z"
        if path:
            self._parts.append(f'<path d="{path}" fill="{colour}" fill-opacity="{opacity:g}"/>')

    def rect(
        self, x: float, y: float, width: float, height: float, colour: str, opacity: float = 1.0
    ) -> None:
        if width > 0 and height > 0:
            more = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
            self._parts.append(
                f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" '
                f'fill="{colour}"{more}/>'
            )

    def dot(self, x: float, y: float, radius: float, colour: str) -> None:
        self._parts.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{radius:g}" fill="{colour}"/>')

    def text(
        self, x: float, y: float, text: str, colour: str, size: float = 11.0,
        anchor: Anchor = "start", weight: Weight = "normal",
    ) -> None:  # fmt: skip
        """A line of words whose baseline starts, is centred or ends at the point."""
        if not text:
            return
        more = f' text-anchor="{anchor}"' if anchor != "start" else ""
        more += f' font-weight="{weight}"' if weight != "normal" else ""
        self._parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size:g}" fill="{colour}"{more}>'
            f"{escape(text)}</text>"
        )

    def __str__(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'width="{self.width:g}" height="{self.height:g}" role="img" '
            f'font-family="{FAMILY}">'
            f"<title>{escape(self._title)}</title><desc>{escape(self._about)}</desc>"
            f"{''.join(self._parts)}</svg>"
        )


def _runs(
    x: Sequence[float] | Array, y: Sequence[float] | Array, *, indices: bool = False
) -> Iterable[list[tuple[float, float]]]:
    """The stretches in which every point is known."""
    run: list[tuple[float, float]] = []
    for at, (one, other) in enumerate(zip(x, y)):
        if np.isfinite(other):
            run.append((float(at) if indices else float(one), float(other)))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _through(run: Sequence[tuple[float, float]]) -> str:
    first, *rest = run
    if not rest:  # one point alone: a round cap makes a dot of it
        return f"M{_n(first[0])} {_n(first[1])}h0"
    return f"M{_n(first[0])} {_n(first[1])}L" + " ".join(f"{_n(x)} {_n(y)}" for x, y in rest)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
