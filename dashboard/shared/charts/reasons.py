"""Why engagement differs in a stretch of a recording: its parts, attention and expression.

Engagement is attention times what a face shows, so the logarithm of its change is the sum of
the two parts' own. A reason is given only where one part carries most of the change.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.labels import DISPLAY_ORDER
from fer_core.sentences import Finding, Template

MOST = 2 / 3  # of the change; what carries less is not its reason
CLEAR = 0.1  # of 1; a part that changes by less is not spoken of
FLOOR = 0.01  # attention and engagement (of 1) under which a ratio says nothing more

TURNED = Template("session.why.turned", "{said}: {who} turned away")
FACING = Template("session.why.facing", "{said}: {who} turned to the screen")
CLOSED = Template("session.why.closed", "{said}: eyes are closed")
AWAY = Template("session.why.away", "{said}: the eyes look away")
HIDDEN = Template("session.why.hidden", "{said}: {who} often out of view")
MORE = Template("session.why.more", "{said}: more {name} expressions")
FEWER = Template("session.why.fewer", "{said}: fewer {name} expressions")


def because(said: Finding, known: pd.DataFrame, inside: NDArray[np.bool_]) -> Finding:
    """The sentence with its reason, or unchanged where none can be given.

    ``known`` has the readable seconds: ``engagement`` (0 to 100), ``attention`` and ``away``
    (0 to 1), the ``p_`` columns and ``n``, and of sessions with eyes ``eyes_closed`` and
    ``eyes_away`` (0 to 1); ``inside`` says which of them the sentence is about.
    """
    here, rest = known[inside], known[~inside]
    change = _ratio(here["engagement"] / 100, rest["engagement"] / 100)
    if change == 0:
        return said
    by_attention = _ratio(here["attention"], rest["attention"]) / change
    crowd = bool(known["n"].max() > 1)
    if by_attention >= MOST:
        return _by_attention(said, _difference(here, rest, "attention"), here, rest, crowd)
    if 1 - by_attention >= MOST:
        return _by_expression(said, here, rest, raised=change > 0)
    return said


def _by_attention(
    said: Finding, difference: float, here: pd.DataFrame, rest: pd.DataFrame, crowd: bool
) -> Finding:
    if abs(difference) < CLEAR:
        return said
    if difference > 0:
        return FACING(said=said, who="heads are" if crowd else "the head is")
    if _difference(here, rest, "away") >= abs(difference) / 2:
        return HIDDEN(said=said, who="faces are" if crowd else "the face is")
    for column, template in (("eyes_closed", CLOSED), ("eyes_away", AWAY)):
        if column in here and _difference(here, rest, column) >= abs(difference) / 2:
            return template(said=said)
    return TURNED(said=said, who="heads are" if crowd else "the head is")


def _by_expression(
    said: Finding, here: pd.DataFrame, rest: pd.DataFrame, *, raised: bool
) -> Finding:
    """Which expression, neutral apart, grew or shrank most with the engagement."""
    shown = [name for name in DISPLAY_ORDER if name != "neutral"]
    moved = {name: _difference(here, rest, f"p_{name}") for name in shown}
    name = (max if raised else min)(moved, key=lambda one: moved[one])
    if abs(moved[name]) < CLEAR:
        return said
    return (MORE if raised else FEWER)(said=said, name=name)


def _difference(here: pd.DataFrame, rest: pd.DataFrame, column: str) -> float:
    return float(here[column].mean() - rest[column].mean())


def _ratio(here: pd.Series, rest: pd.Series) -> float:
    """The logarithm of the ratio of two means."""
    return float(np.log(max(here.mean(), FLOOR) / max(rest.mean(), FLOOR)))
