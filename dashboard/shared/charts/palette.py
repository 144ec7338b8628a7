"""The one palette, which pages share with reports."""

from fer_core.reports.palette import (
    A_COLOUR,
    B_COLOUR,
    DARK,
    EMOTION_COLOURS,
    FONT,
    LIGHT,
    WARNING,
    Look,
    contrast,
    faded,
    look,
)

__all__ = [
    "A_COLOUR",
    "B_COLOUR",
    "DARK",
    "EMOTION_COLOURS",
    "FONT",
    "LIGHT",
    "WARNING",
    "Look",
    "contrast",
    "faded",
    "look",
]
