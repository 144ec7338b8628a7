"""Several groups of viewers in one panel: a mean and a band each, and where two of them differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard.shared.charts import panels
from fer_core.analytics.carried import carried
from fer_core.analytics.compare import Found
from fer_core.palette import faded
from fer_core.reports import units
from fer_core.text import count, known


def means(
    curves: Mapping[str, pd.DataFrame],
    viewers: Mapping[str, int],
    colour: Mapping[str, str],
    measure: str,
    *,
    length_ms: int,
    named: Mapping[str, str] | None = None,
) -> list[go.Scatter]:
    """Every group's band, and over all of them every group's mean.

    The longest mean can be clicked in each of its seconds: a dot a second for every group would
    be most of the drawing.

    Args:
        curves: a table a group of ``second, mean, low, high, n``.
        viewers: how many each group has; what under half of them carry is thin and dashed.
        named: what each curve is called under the cursor; None: as the group.
    """
    longest = max(curves, key=lambda name: len(curves[name]))
    at = {name: panels.moments(one["second"] * 1000, length_ms) for name, one in curves.items()}
    bands = [
        run
        for name, one in curves.items()
        for run in panels.band(at[name], one["low"], one["high"], colour[name], yaxis="y")
    ]
    lines = [
        trace
        for name, one in curves.items()
        for trace in panels.solid_where(
            panels.line(
                at[name],
                one["mean"],
                colour[name],
                name=(named or {}).get(name, name),
                hover=said(one, measure),
                width=2.5,
                yaxis="y",
                **(panels.clickable(colour[name]) if name == longest else {}),
            ),
            one["mean"].isna() | carried(one["n"].to_numpy(), viewers[name]),
        )
    ]
    return [*bands, *lines]


def said(curve: pd.DataFrame, measure: str) -> list[str]:
    """What is said of each second under the cursor: its mean, range and viewers."""
    return [
        f"<b>{units.say(measure, mean)}</b>"
        + (f" · {units.say(measure, low)} to {units.say(measure, high)}" if known(low) else "")
        + f" · {count(int(n), 'viewer')}"
        for mean, low, high, n in zip(curve["mean"], curve["low"], curve["high"], curve["n"])
    ]


def differing(
    clusters: Sequence[Found], measure: str, colour: Mapping[str, str], axes: Sequence[str]
) -> list[go.layout.Shape]:
    """Where the two differ, shaded in these panels in the colour of the higher one."""
    return [
        panels.shade(one.from_ms, one.to_ms, faded(colour[one.higher], 0.14), axis)
        for one in clusters
        if one.measure == measure and one.significant
        for axis in axes
    ]
