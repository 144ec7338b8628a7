"""How an audience of a study responded in one measure: gathered once, for page and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from fer_core.analytics.carried import OWN_VIEW
from fer_core.analytics.scenes import marker_table, scene_table
from fer_core.analytics.seconds import Curves, audience, curves, curves_of, hide_few, share_showing
from fer_core.analytics.shape import Peak, extremes
from fer_core.analytics.statistics import Number, numbers
from fer_core.labels import DISPLAY_ORDER
from fer_core.studies.audiences import Audience, last_second

VIEWER = ("session_id", "viewer")
#: Who is a viewer of an audience: whoever has a known second of this measure. Others are
#: unknown where a viewer looks away.
COUNTED_BY: Final = "engagement"


@dataclass(frozen=True)
class Response:
    """One measure of one audience.

    lines: the viewers' curves, with the seconds that are ``carried``. whole: the audience's
    second, mean, low, high, n; curve: the same, NaN below the smallest group, as it is drawn.
    scenes, marks: as ``analytics.scenes`` makes them. numbers: the statistics by key.
    minimum: the smallest group, which hides and changes no value.
    """

    measure: str
    lines: Curves
    whole: pd.DataFrame
    curve: pd.DataFrame
    scenes: pd.DataFrame
    marks: pd.DataFrame
    numbers: Mapping[str, Number]
    minimum: int

    @property
    def viewers(self) -> int:
        return self.lines.n

    @property
    def enough(self) -> bool:
        """Whether there are as many viewers as the smallest group."""
        return self.lines.n >= max(self.minimum, 1)

    @property
    def hidden_numbers(self) -> int:
        """How many of the statistics are known and not shown."""
        return sum(one.hidden for one in self.numbers.values())

    @property
    def hidden_seconds(self) -> int:
        """How many seconds somebody has, and fewer than the smallest group."""
        return int((self.whole["mean"].notna() & self.curve["mean"].isna()).sum())

    @property
    def peak(self) -> Peak | None:
        top = self.numbers["peak"]
        return None if top.second is None else Peak(top.second, top.value)

    def extremes(self, most: int = 3) -> tuple[list[Peak], list[Peak]]:
        """The highest and the lowest seconds that carry headline numbers and are shown; the
        highest is the peak."""
        shown = self.lines.carried & self.curve["mean"].notna().to_numpy()
        line = np.where(shown, self.curve["mean"].to_numpy(np.float64), np.nan)
        return extremes(line, self.lines.seconds, most=most)


def respond(
    seconds: pd.DataFrame, one: Audience, measure: str, *, minimum: int = OWN_VIEW
) -> Response:
    """From an audience's seconds (``audiences.within``) to how it responded.

    Numbers of fewer viewers than ``minimum`` are NaN.
    """
    lines = curves(seconds, measure, by=VIEWER, first=0, last=last_second(one.length_ms))
    whole = audience(lines)
    return Response(
        measure,
        lines,
        whole,
        hide_few(whole, minimum),
        scene_table(lines, one.scenes, minimum=minimum),
        marker_table([lines] if lines.n >= max(minimum, 1) else [], one.markers),
        numbers(lines, minimum=minimum),
        minimum,
    )


def counted_viewers(seconds: pd.DataFrame, one: Audience) -> int:
    """How many viewers an audience has, from its seconds (``audiences.within``)."""
    return curves(
        seconds, COUNTED_BY, by=VIEWER, first=0, last=last_second(one.length_ms)
    ).n  # fmt: skip


def unclear_share(shares: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Viewers whose face could be read and showed no expression clearly: ``second, share, n``.

    The rest of ``emotion_shares``, of which a viewer counts for one at the most.
    """
    tables = list(shares.values())
    shown = np.sum([one["share"].to_numpy(np.float64) for one in tables], axis=0)
    return tables[0][["second", "n"]].assign(share=np.maximum(100 - shown, 0.0))


def emotion_shares(
    seconds: pd.DataFrame, last: int, *, by: Sequence[str] = VIEWER, minimum: int = OWN_VIEW
) -> dict[str, pd.DataFrame]:
    """Viewers showing each emotion, in per cent, for the seconds 0 to ``last``."""
    keys = {name: f"p_{name}" for name in DISPLAY_ORDER}
    lines = curves_of(seconds, list(keys.values()), by=by, first=0, last=last)
    return {name: share_showing(lines[key], minimum=minimum) for name, key in keys.items()}
