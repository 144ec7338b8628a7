"""The sentence over the live numbers: who is there, who attends, where engagement goes."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from fer_core.live import LiveHistory
from fer_core.live.trend import EVERY_MS
from fer_core.sentences import Finding, Template
from fer_core.text import count

#: Engagement's way is the slope of its smoothed curve over so many seconds. All of them must be
#: known: just after the start or a pause nothing is said of it.
WINDOW_S: Final = 10
POINTS: Final = 1000 * WINDOW_S // EVERY_MS
NOTICED: Final = 6.0  # points of engagement; a smaller change within the window is steady

PAUSED = Template("live.paused", "Paused: nothing is measured.")
NOBODY = Template("live.nobody", "Nobody is in view.")
ONE = Template("live.one", "One person, attending{more}.")
PEOPLE = Template("live.people", "{people}, {attending} attending{more}.")
UNREAD = Template("live.unread", "; no face can be read well enough")
WAY = Template("live.way", "; engagement is {way}")


def finding(
    history: LiveHistory, *, people: int, attending: int, engagement: float, paused: bool
) -> Finding:
    """The sentence; ``engagement`` is the number shown beside it, NaN where it is not known."""
    if paused:
        return PAUSED()
    if not people:
        return NOBODY()
    way = direction(history)
    more = UNREAD() if math.isnan(engagement) else WAY(way=way) if way else ""
    if people == attending == 1:
        return ONE(more=more)
    if people == attending:
        many = "both" if people == 2 else "all"
    else:
        many = str(attending) if attending else "nobody"
    return PEOPLE(people=count(people, "person", "people"), attending=many, more=more)


def direction(history: LiveHistory) -> str:
    """«rising», «falling» or «steady»; "" where the last ten seconds are not all known or swing."""
    last = history.engagement[-POINTS:]
    if len(last) < POINTS or np.isnan(last).any():
        return ""
    at = history.t_s[-POINTS:] - history.t_s[-POINTS:].mean()
    slope, middle = np.polyfit(at, last, 1)
    change = WINDOW_S * float(slope)
    if float(np.std(last - middle - slope * at)) > max(abs(change), NOTICED):
        return ""  # up and down more than along
    return "steady" if abs(change) < NOTICED else "rising" if change > 0 else "falling"
