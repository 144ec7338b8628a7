"""Numbers of viewers' eyes over a whole session: blink rate, closed and away, PERCLOS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from fer_core.analytics.methods.bands import mean_band
from fer_core.measures import find_measure

#: PERCLOS is of so many seconds, of which at least half are known.
OVER_S: Final = 60
#: What is told of eyes, in this order: the means of measures, and PERCLOS.
EYES: Final = ("blink", "eyes_closed", "perclos", "eyes_away")


def viewer_eyes(
    seconds: pd.DataFrame, *, by: Sequence[str] = ("session_id", "viewer")
) -> pd.DataFrame:
    """A row a viewer: blinks a minute, shares of time with eyes closed and away, and PERCLOS.

    PERCLOS is the largest share of any 60 s in which the eyes were closed; NaN where fewer than
    30 s of such a span are known.
    """
    viewers = seconds.groupby(list(by), sort=True, dropna=False)
    table = viewers[["blink", "eyes_closed", "eyes_away"]].mean()
    table["perclos"] = [_perclos(part) for _, part in viewers]
    return table[list(EYES)].reset_index()


def _perclos(viewer: pd.DataFrame) -> float:
    """From one viewer's seconds; several sessions of one respondent are no minute together."""
    highest = [
        _rolling(part.groupby("second")["eyes_closed"].mean())
        for _, part in viewer.groupby("session_id")
    ]
    known = [value for value in highest if not np.isnan(value)]
    return max(known, default=float("nan"))


def _rolling(closed: pd.Series) -> float:
    if closed.empty:
        return float("nan")
    every = pd.RangeIndex(closed.index.min(), closed.index.max() + 1)
    return float(closed.reindex(every).rolling(OVER_S, min_periods=OVER_S // 2).mean().max())


def audience_eyes(viewers: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """From ``viewer_eyes``: a row a number that is known, ``mean, low, high, n`` over viewers."""
    rows = {}
    for key in EYES:
        values = viewers[key].dropna().to_numpy(np.float64)
        if not len(values):
            continue
        rule = find_measure("eyes_closed" if key == "perclos" else key)
        band = mean_band(values[:, None], seed=seed, lowest=rule.lowest, highest=rule.highest)
        rows[key] = (band.mean[0], band.low[0], band.high[0], len(values))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "low", "high", "n"])
