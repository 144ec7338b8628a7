"""Numbers as words, on pages as in reports."""

from fer_core.reports.words import (
    ago,
    clock,
    count,
    hours,
    known,
    percent,
    shorten,
    size,
    wait,
    whole,
)

__all__ = [
    "ago",
    "clock",
    "count",
    "hours",
    "known",
    "percent",
    "shorten",
    "size",
    "wait",
    "whole",
]
