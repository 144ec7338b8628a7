"""How each measure is written and drawn: its name, its scale, its numbers as words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NotRequired, TypedDict

import numpy as np

from fer_core.analytics.statistics import Number, Statistic, Unit
from fer_core.measures import BY_KEY, Scale
from fer_core.palette import EMOTION_COLOURS, Theme
from fer_core.text import clock, count, known, percent, signed, whole

#: What stands where a number is known and rests on fewer viewers than the smallest group.
HIDDEN: Final = "hidden"


def name(measure: str) -> str:
    """Its title."""
    return BY_KEY[measure].name


def colour(measure: str, theme: Theme) -> str:
    """An emotion's own colour; ink for everything else."""
    return EMOTION_COLOURS.get(measure.removeprefix("p_"), theme.ink)


def as_share(measure: str) -> bool:
    """Whether it is written in per cent."""
    return BY_KEY[measure].scale is Scale.PERCENT


def say(measure: str, value: float | None) -> str:
    """A value with no more digits than are earned: 62, 62 %, +0.21."""
    if value is None or not known(value):
        return "–"
    match BY_KEY[measure].scale:
        case Scale.POINTS:
            return whole(value)
        case Scale.PERCENT:
            return percent(value)
        case Scale.SIGNED:
            return signed(value, 2)
        case Scale.FRACTION:
            return f"{value:.2f}"
        case Scale.DEGREES:
            return f"{signed(value)}°"
        case Scale.RATE:
            return f"{value:.1f}"


def say_statistic(statistic: Statistic, measure: str, number: Number) -> str:
    """A statistic of a measure's curve, in the unit that it has; or that it is hidden."""
    if number.hidden:
        return HIDDEN
    if statistic.unit is Unit.MEASURE:
        return say(measure, number.value)
    if statistic.unit is Unit.SHARE:
        return percent(number.value)
    return f"{number.value:.2f}" if known(number.value) else "–"


def hiding(minimum: int, seconds: int, hidden: int) -> str:
    """What the smallest group hides of a curve's ``seconds`` and its numbers; "" where nothing."""
    if not seconds and not hidden:
        return ""
    few = f"fewer than {count(minimum, 'viewer')}"
    what = [f"{count(seconds, 'second')} of {few} not drawn"] if seconds else []
    what += [f"numbers of {few} «{HIDDEN}»"] if hidden else []
    return f"Smallest group shown: {minimum}; {', '.join(what)}. No other number changes by it."


def say_second(number: Number) -> str:
    """The second that a statistic belongs to: «at 0:26»; "" where it has none."""
    return "" if number.second is None else f"at {clock(1000 * number.second)}"


def shown_value(measure: str, value: float, digits: int = 0) -> float:
    """The value as ``say`` and ``say_fine`` write it, so that sums and differences of what is
    read come out: 62.4 is 62 points, 0.624 is 62 %."""
    value = round(value, 9)  # what is 60.5 but for its last bits is 60.5
    match BY_KEY[measure].scale:
        case Scale.POINTS:
            return round(value, digits)
        case Scale.PERCENT:
            return round(100 * value, digits) / 100
        case Scale.DEGREES:
            return round(value, digits)
        case Scale.RATE:
            return round(value, 1)
        case _:
            return round(value, 2)


def say_fine(measure: str, value: float) -> str:
    """A value with one decimal more, where differences are read: 62.4, 62.4 %, +0.21."""
    if not known(value):
        return "–"
    match BY_KEY[measure].scale:
        case Scale.POINTS:
            return f"{value:.1f}"
        case Scale.PERCENT:
            return f"{100 * value:.1f} %"
        case Scale.DEGREES:
            return f"{signed(value, 1)}°"
        case _:
            return say(measure, value)


def say_difference(measure: str, a: float, b: float) -> str:
    """What ``say_fine`` writes of a, minus what it writes of b: +7.1, −12.0 pts, +0.13."""
    return say_fine_change(measure, shown_value(measure, a, 1) - shown_value(measure, b, 1))


def say_fine_change(measure: str, value: float) -> str:
    """A difference to the same decimals."""
    if not known(value):
        return "–"
    match BY_KEY[measure].scale:
        case Scale.POINTS:
            return signed(value, 1)
        case Scale.PERCENT:
            return f"{signed(100 * value, 1)} pts"
        case Scale.DEGREES:
            return f"{signed(value, 1)}°"
        case Scale.RATE:
            return signed(value, 1)
        case _:
            return signed(value, 2)


def say_lift(measure: str, mean: float, lift: float) -> str:
    """A scene's lift as what is written of its mean minus what is written of the whole's."""
    if not known(lift):
        return "–"
    whole_mean = mean - lift
    return say_change(measure, shown_value(measure, mean) - shown_value(measure, whole_mean))


def say_change(measure: str, value: float | None) -> str:
    """A difference, with its sign: +7, −12 pts, +0.13."""
    if value is None or not known(value):
        return "–"
    match BY_KEY[measure].scale:
        case Scale.POINTS:
            return signed(value)
        case Scale.PERCENT:
            return f"{signed(100 * value)} pts"
        case Scale.DEGREES:
            return f"{signed(value)}°"
        case Scale.RATE:
            return signed(value, 1)
        case _:
            return signed(value, 2)


def note(measure: str) -> str:
    """The unit, as an axis says it."""
    return BY_KEY[measure].axis_title


#: Where an axis may end, of measures that are not drawn over their whole range.
_ENDS: Final = {
    Scale.SIGNED: (0.5, 1.0),
    Scale.DEGREES: (10.0, 20.0, 30.0, 45.0, 90.0),
    Scale.RATE: (10.0, 20.0, 30.0, 60.0, 100.0, 150.0, 200.0, 300.0),
}


class ValueAxis(TypedDict):
    """A value axis: its ends, and what stands at which values."""

    range: list[float]
    tickvals: list[float]
    ticktext: NotRequired[list[str]]


def axis(measure: str, *values: np.ndarray) -> ValueAxis:
    """The whole scale where a reader knows it; else as far as the data reach."""
    one = BY_KEY[measure]
    top = one.highest
    if not one.whole_axis:
        reach = _reach(values, 0.5)
        steps = _ENDS.get(one.scale, (0.1, 0.25, 0.5, 1.0))
        top = next(step for step in steps if reach <= step or step == steps[-1])
    if one.about_zero:
        return {"range": [-top, top], "tickvals": [-top, 0, top],
                "ticktext": [f"−{top:g}", "0", f"+{top:g}"]}  # fmt: skip
    ticks = [0, top / 2, top]
    found: ValueAxis = {"range": [0, top], "tickvals": ticks}
    if one.scale is Scale.PERCENT:
        found["ticktext"] = [f"{100 * t:g} %" for t in ticks]
    return found


def _reach(values: Sequence[np.ndarray], unknown: float) -> float:
    """The largest value, whatever its sign."""
    return max((float(np.nanmax(np.abs(v))) for v in values if np.isfinite(v).any()),
               default=unknown)  # fmt: skip


def difference_axis(measure: str, *values: np.ndarray) -> ValueAxis:
    """A scale about zero, the same both ways."""
    reach = _reach(values, 0.0)
    unit = BY_KEY[measure].reach
    steps = (0.05, 0.1, 0.2, 0.4, 0.6, 1.0, 2.0)
    top = unit * next(step for step in steps if reach <= step * unit or step == steps[-1])
    ticks = [-top, 0.0, top]
    if as_share(measure):
        text = [f"{100 * t:+.0f}" for t in ticks]
    else:
        text = [f"{t:+.0f}" if unit > 1 else f"{t:+g}" for t in ticks]
    text[1] = "0"
    return {"range": [-1.1 * top, 1.1 * top], "tickvals": ticks,
            "ticktext": [t.replace("-", "−") for t in text]}  # fmt: skip
