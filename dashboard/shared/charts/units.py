"""How each measure is written and drawn, on pages as in reports."""

from fer_core.reports.units import (
    as_share,
    axis,
    colour,
    difference_axis,
    hover,
    name,
    note,
    say,
    say_change,
    signed,
)

__all__ = [
    "as_share",
    "axis",
    "colour",
    "difference_axis",
    "hover",
    "name",
    "note",
    "say",
    "say_change",
    "signed",
]
