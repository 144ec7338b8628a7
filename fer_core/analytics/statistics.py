"""The headline numbers of an audience's response: numbers of one measure's curve, a row each.

``numbers`` is the only place that works them out: lists, cards, sentences, tables, reports,
workbooks and the command line ask it. They iterate STATISTICS; to add one, write its function in
a file of this package and add its row here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core.analytics import shape
from fer_core.analytics.carried import OWN_VIEW, shown
from fer_core.analytics.seconds import Curves
from fer_core.measures import Definition
from fer_core.types import Array


class Number(NamedTuple):
    """A statistic's value, NaN where not known, and the second it belongs to, if any.

    n: the viewers it rests on. hidden: it is known, and not shown, for they are fewer than the
    smallest group; value and second are then as of what is not known.
    """

    value: float
    second: int | None = None
    n: int = 0
    hidden: bool = False


class Unit(StrEnum):
    MEASURE = "measure"  # the measure's own
    SHARE = "share"  # 0 to 1, written as per cent
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Statistic:
    """One number of an audience's curve.

    of: from the drawn curve (seconds,), NaN where it is not carried, and the viewers' curves.
    timed: whether it belongs to a second. within: which of the seconds it is of; None: all.
    """

    key: str
    title: str
    of: Callable[[Array, Curves], float | Number]
    definition: Definition | None = None
    unit: Unit = Unit.MEASURE
    timed: bool = False
    within: Callable[[shape.Seconds], NDArray[np.bool_]] | None = None


def _mean(line: Array, curves: Curves) -> float:
    return shape.mean_known(line)


def _peak(line: Array, curves: Curves) -> Number:
    top = shape.peak(line, curves.seconds)
    return Number(float("nan")) if top is None else Number(top.value, top.second)


#: In the order in which pages show them.
STATISTICS: Final[tuple[Statistic, ...]] = (
    Statistic(
        "mean",
        "Mean",
        _mean,
        Definition(
            "mean",
            "Mean",
            2,
            "",
            "Mean of the curve's seconds; of five viewers and more, of those seconds that at "
            "least half of the viewers have.",
            "The level of the whole. Seconds that few viewers have do not count.",
        ),
    ),
    Statistic(
        "hook",
        "Hook, first 8 s",
        _mean,
        Definition(
            "hook",
            "Hook",
            2,
            "",
            "The mean, of the first 8 seconds.",
            "How strongly the film starts.",
        ),
        within=shape.in_hook,
    ),
    Statistic(
        "peak",
        "Peak",
        _peak,
        Definition(
            "peak",
            "Peak",
            2,
            "",
            "The highest second of the curve as it is drawn, and when it was; of five viewers "
            "and more, of those seconds that at least half of the viewers have.",
            "The strongest moment; with few viewers or a flat curve its place is chance.",
        ),
        timed=True,
    ),
    Statistic(
        "end",
        "End, last 5 s",
        _mean,
        Definition(
            "end",
            "End",
            2,
            "",
            "The mean, of the last 5 seconds.",
            "What the audience leaves with; often where the brand is.",
        ),
        within=shape.in_end,
    ),
)
#: The keys of those that are defined beside the measures.
DEFINED: Final = tuple(one.key for one in STATISTICS if one.definition is not None)


def numbers(curves: Curves, *, minimum: int = OWN_VIEW) -> dict[str, Number]:
    """Every statistic of one curve by its key.

    ``minimum``, the smallest group, hides and changes no value.
    """
    found = {}
    for one in STATISTICS:
        inside = curves.carried
        if one.within is not None:
            inside = inside & one.within(curves.seconds)
        made = one.of(np.where(inside, curves.mean, np.nan), curves)
        number = made if isinstance(made, Number) else Number(made)
        used = inside if number.second is None else curves.seconds == number.second
        found[one.key] = _shown(number._replace(n=curves.in_seconds(used)), minimum)
    return found


def _shown(number: Number, minimum: int) -> Number:
    if np.isnan(number.value) or shown(np.array(number.n), minimum):
        return number
    return Number(float("nan"), n=number.n, hidden=True)


def as_columns(found: Mapping[str, Number]) -> dict[str, float | int | None]:
    """The numbers under flat names for a table or JSON: ``peak`` and ``peak_s``; None: unknown."""
    columns: dict[str, float | int | None] = {}
    for one in STATISTICS:
        number = found[one.key]
        columns[one.key] = None if np.isnan(number.value) else number.value
        if one.timed:
            columns[f"{one.key}_s"] = number.second
    return columns
