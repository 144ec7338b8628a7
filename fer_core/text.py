"""Numbers as people read them, the same on pages, in reports and in the terminal."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from fer_core.errors import SettingsError


def clock(ms: float | None, missing: str = "–") -> str:
    """A position or length in milliseconds, cut to whole seconds: 0:21, 12:05, 1:02:09."""
    if ms is None or math.isnan(ms):
        return missing
    seconds = int(ms / 1000)
    hours, rest = divmod(abs(seconds), 3600)
    minutes, left = divmod(rest, 60)
    shown = f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"
    return f"−{shown}" if seconds < 0 else shown


def percent(share: float | None, missing: str = "–") -> str:
    """A share from 0 to 1: 62 %, «< 1 %», never 0 % for something that was seen."""
    if share is None or math.isnan(share):
        return missing
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{round(share * 100)} %"


def percents(shares: Mapping[str, float]) -> dict[str, str]:
    """Shares of one whole, rounded together, so that what is shown sums to 100 %.

    The largest remainders are rounded up. Shares that are not all of a whole are rounded apart.
    """
    found = {name: float(share) for name, share in shares.items()}
    if not abs(sum(found.values()) - 1) < 0.005:  # also where one is not known
        return {name: percent(share) for name, share in found.items()}
    whole = {name: math.floor(100 * share) for name, share in found.items()}
    left = 100 - sum(whole.values())
    for name in sorted(found, key=lambda one: whole[one] - 100 * found[one])[:left]:
        whole[name] += 1
    return {
        name: percent(share) if percent(share)[0] in "<>" else f"{whole[name]} %"
        for name, share in found.items()
    }


def fine_percent(share: float, digits: int = 1) -> str:
    """A share from 0 to 1 with decimals, where so many faces earn them: 71.5 %."""
    return f"{100 * share:.{digits}f} %"


def known(value: float | None) -> bool:
    """Whether there is a number: neither None nor NaN."""
    return value is not None and not math.isnan(value)


def wait(seconds: float | None) -> str:
    """What remains, to read at a glance: «about 2 min left»."""
    if seconds is None or math.isnan(seconds) or seconds < 0:
        return ""
    return "nearly done" if seconds < 1 else f"{about(seconds)} left"


def about(seconds: float) -> str:
    """How long something takes, as far as one can know beforehand: «12 s», «about 2 min»."""
    if seconds < 60:
        return f"{math.ceil(seconds)} s"
    if seconds < 3600:
        return f"about {round(seconds / 60)} min"
    return f"about {seconds / 3600:.1f} h"


def hours(ms: float | None) -> str:
    """A total of footage: 0 min, 45 s, 12 min, 3.4 h, 120 h."""
    if ms is None or math.isnan(ms) or ms <= 0:
        return "0 min"
    if ms < 60_000:
        return f"{round(ms / 1000)} s"
    if ms < 3_600_000:
        return f"{round(ms / 60_000)} min"
    value = ms / 3_600_000
    return f"{value:.1f} h" if value < 10 else f"{round(value):,} h"


def size(count: float) -> str:
    """Bytes in decimal units, as file managers show them."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit in ("B", "kB") else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError("the loop ends at GB")


def whole(value: float | None) -> str:
    """A number without decimals: 12,345."""
    return "–" if value is None or math.isnan(value) else f"{round(value):,}"


def signed(value: float, digits: int = 0) -> str:
    """With a true minus; what rounds to nothing has no sign."""
    text = f"{abs(value):.{digits}f}"
    if not text.strip("0."):
        return text
    return f"{'+' if value > 0 else '−'}{text}"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: «1 viewer», «12 viewers»."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ago(then: datetime, now: datetime | None = None) -> str:
    """When something happened: «just now», «5 min ago», «yesterday», «3 Mar 2026»."""
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    now = now or datetime.now(UTC)
    seconds = (now - then).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86_400:
        return f"{int(seconds // 3600)} h ago"
    if seconds < 2 * 86_400:
        return "yesterday"
    return f"{then.day} {then:%b %Y}"


def shorten(name: str, limit: int = 48) -> str:
    """A long name keeps its start and its end, where file names differ."""
    if len(name) <= limit:
        return name
    tail = min(16, limit // 3)
    return f"{name[: limit - tail - 1]}…{name[-tail:]}"


def parse_clock(text: str) -> int:
    """A moment that a person typed, in milliseconds: «12», «12.5», «0:12», «1:02:03».

    SettingsError where it is none.
    """
    found = re.fullmatch(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:[.,]\d+)?)\s*s?", text.strip())
    if found is None:
        raise SettingsError(f"{text!r} is not a time.", "Write 0:12, or seconds: 12.5.")
    hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in found.groups())
    if (found[1] or found[2]) and seconds >= 60:
        raise SettingsError(f"{text!r} has over 59 seconds.", "Write 1:15, not 0:75.")
    return round(1000 * (3600 * hours + 60 * minutes + seconds))


def whole_number(text: str) -> int | None:
    """A number from 0 on that somebody sent as digits; None for whatever else.

    ``str.isdigit`` also holds for «²», which ``int`` does not read.
    """
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


#: How a spreadsheet recognises a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def no_formula(text: str) -> str:
    """A text that no spreadsheet runs when it opens a CSV file."""
    return f"'{text}" if text.startswith(FORMULA) else text
