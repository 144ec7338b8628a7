"""The one palette. Emotion colours are the same on every page, in every report and theme.

They are Okabe and Ito's, which stay apart for colour-blind eyes; a theme only changes ink,
lines and paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

EMOTION_COLOURS: Final[dict[str, str]] = {
    "happy": "#E69F00",
    "surprise": "#56B4E9",
    "neutral": "#8C8C8C",
    "sad": "#0072B2",
    "fear": "#9467BD",
    "disgust": "#009E73",
    "angry": "#D55E00",
}
#: A second that no emotion leads: paler than any that does.
MIXED_COLOUR: Final = "#C9CED6"
A_COLOUR: Final = "#2563EB"
B_COLOUR: Final = "#DB2777"
#: A and B first; four more that stay apart from them and carry no emotion's colour.
GROUP_COLOURS: Final = (A_COLOUR, B_COLOUR, "#0F8F83", "#A16207", "#8B5CF6", "#64748B")
WARNING: Final = "#B45309"

FONT: Final = (
    "Inter, -apple-system, 'Segoe UI', Roboto, "
    "'Noto Sans', 'Liberation Sans', system-ui, sans-serif"
)


@dataclass(frozen=True, slots=True)
class Theme:
    """What a theme changes in a chart."""

    name: str
    ink: str  # engagement's line and titles
    text: str
    quiet: str  # axis labels, captions; 4.5:1 on the paper
    grid: str
    paper: str
    raised: str  # hover labels
    veil: str  # spans where quality fails
    heat: tuple[str, str, str]  # nothing, half, all: of a measure that has no colour of its own
    heat_middle: str  # neither, where a measure lies about 0


LIGHT: Final = Theme(
    name="light",
    ink="#111827",
    text="#111827",
    quiet="#566070",
    grid="#E9ECF0",
    paper="#FFFFFF",
    raised="#FFFFFF",
    veil="rgba(86, 96, 112, 0.13)",
    heat=("#E7EBFB", "#A5B1EE", "#1E1B6B"),
    heat_middle="#F3EBDA",
)
DARK: Final = Theme(
    name="dark",
    ink="#F3F4F6",
    text="#E8EAEE",
    quiet="#A3ABB8",
    grid="#232933",
    paper="#0F1217",
    raised="#1A1F27",
    veil="rgba(163, 171, 184, 0.16)",
    heat=("#1C2348", "#46529B", "#DDE2FF"),
    heat_middle="#322D22",
)


def group_colours(names: Sequence[str]) -> dict[str, str]:
    """A colour each, in the order in which groups are compared."""
    return dict(zip(names, GROUP_COLOURS))


def theme_named(name: str | None) -> Theme:
    """The colours for a theme's name; light where it is unknown."""
    return DARK if name == "dark" else LIGHT


def faded(colour: str, alpha: float) -> str:
    """A hex colour with an opacity, as CSS and Plotly read it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha:g})"


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two hex colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
