"""The statistics of an audience's response: numbers of one measure's curve, a row each.

The study's page, its report, the report's JSON and the workbook iterate STATISTICS. To add one,
write its function in a file of this package and add its row here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core.analytics import shape
from fer_core.analytics.seconds import Curves
from fer_core.measures import Definition

Array = NDArray[np.float64]


class Number(NamedTuple):
    """A statistic's value, NaN where not known, and the second it belongs to, if any."""

    value: float
    second: int | None = None


class Unit(StrEnum):
    MEASURE = "measure"  # the measure's own
    SHARE = "share"  # 0 to 1, written as per cent
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Statistic:
    """One number of an audience's curve.

    of: from the mean over viewers (seconds,), NaN where it is not shown, and the viewers' curves.
    timed: whether it belongs to a second.
    """

    key: str
    title: str
    of: Callable[[Array, Curves], float | Number]
    definition: Definition | None = None
    unit: Unit = Unit.MEASURE
    timed: bool = False


def _peak(line: Array, curves: Curves) -> Number:
    top = shape.peak(line, curves.seconds)
    return Number(float("nan")) if top is None else Number(top.value, top.second)


#: In the order in which pages show them.
STATISTICS: Final[tuple[Statistic, ...]] = (
    Statistic("mean", "Mean", lambda line, curves: shape.mean_known(line)),
    Statistic(
        "hook",
        "Hook, first 8 s",
        lambda line, curves: shape.hook(line, curves.seconds),
        Definition(
            "hook", "Hook", 1, "", "Mean of the first 8 seconds.", "Whether the start takes hold."
        ),
    ),
    Statistic(
        "peak",
        "Peak",
        _peak,
        Definition(
            "peak",
            "Peak",
            1,
            "",
            "The highest smoothed second, and when it was.",
            "The strongest moment; with few viewers or a flat curve its place is chance.",
        ),
        timed=True,
    ),
    Statistic(
        "end",
        "End, last 5 s",
        lambda line, curves: shape.end(line, curves.seconds),
        Definition(
            "end",
            "End",
            1,
            "",
            "Mean of the last 5 seconds.",
            "What the audience leaves with; often where the brand is.",
        ),
    ),
)
#: The keys of those that are defined beside the measures.
DEFINED: Final = tuple(one.key for one in STATISTICS if one.definition is not None)


def numbers(line: Array, curves: Curves) -> dict[str, Number]:
    """Every statistic of one curve by its key."""
    found = {one.key: one.of(line, curves) for one in STATISTICS}
    return {key: one if isinstance(one, Number) else Number(one) for key, one in found.items()}


def as_columns(found: Mapping[str, Number]) -> dict[str, float | int | None]:
    """The numbers under flat names for a table or JSON: ``peak`` and ``peak_s``; None: unknown."""
    columns: dict[str, float | int | None] = {}
    for one in STATISTICS:
        number = found[one.key]
        columns[one.key] = None if np.isnan(number.value) else number.value
        if one.timed:
            columns[f"{one.key}_s"] = number.second
    return columns
