"""How an audience of a study responded in one measure: gathered once, for page and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_core.analytics.scenes import audience_line, marker_table, scene_table
from fer_core.analytics.seconds import Curves, audience, curves, emotion_share
from fer_core.analytics.shape import Peak
from fer_core.analytics.statistics import Number, numbers
from fer_core.labels import DISPLAY_ORDER
from fer_core.studies.audiences import Audience, last_second

VIEWER = ("session_id", "viewer")


@dataclass(frozen=True)
class Response:
    """One measure of one audience.

    lines: the viewers' curves. curve: second, mean, low, high, n; NaN below the smallest group.
    scenes, marks: as ``analytics.scenes`` makes them. numbers: the statistics by key.
    enough: whether there are as many viewers as the smallest group.
    """

    measure: str
    lines: Curves
    curve: pd.DataFrame
    scenes: pd.DataFrame
    marks: pd.DataFrame
    numbers: Mapping[str, Number]
    enough: bool

    @property
    def viewers(self) -> int:
        return self.lines.n

    @property
    def peak(self) -> Peak | None:
        top = self.numbers["peak"]
        return None if top.second is None else Peak(top.second, top.value)


def respond(seconds: pd.DataFrame, one: Audience, measure: str, *, minimum: int = 1) -> Response:
    """From an audience's seconds (``audiences.within``) to how it responded.

    Numbers of fewer viewers than ``minimum`` are NaN.
    """
    lines = curves(seconds, measure, by=VIEWER, first=0, last=last_second(one.length_ms))
    curve = audience(lines, minimum=minimum)
    enough = lines.n >= max(minimum, 1)
    line = np.where(curve["mean"].isna() | (not enough), np.nan, audience_line(lines))
    return Response(
        measure,
        lines,
        curve,
        scene_table(lines, one.scenes, minimum=minimum),
        marker_table([lines] if enough else [], one.markers),
        numbers(line, lines),
        enough,
    )


def emotion_shares(
    seconds: pd.DataFrame, last: int, *, by: Sequence[str] = VIEWER, minimum: int = 1
) -> dict[str, pd.DataFrame]:
    """Viewers showing each emotion, in per cent, for the seconds 0 to ``last``."""
    grid = pd.RangeIndex(last + 1, name="second")
    found = {
        name: emotion_share(seconds, name, minimum=minimum, by=by).set_index("second")
        for name in DISPLAY_ORDER
    }
    return {name: table.reindex(grid).reset_index() for name, table in found.items()}
