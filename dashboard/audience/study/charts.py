"""Audiences over time: mean and band, how many viewers, and a lane an expression.

``curve`` and each of ``shares`` have a row a second from 0: ``second``, the value, ``low,
high, n``; NaN where it is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.audience.study.data import StudyView
from dashboard.shared.charts import groups, panels
from dashboard.shared.charts.panels import Panel
from fer_core.analytics.compare import Found
from fer_core.analytics.scenes import Marker, Scene
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import EMOTION_COLOURS, Theme, faded, group_colours
from fer_core.reports import units
from fer_core.reports.findings import alt_text
from fer_core.reports.findings import response as finding
from fer_core.reports.findings import shares as shares_finding
from fer_core.sentences import Label
from fer_core.studies.response import unclear_share
from fer_core.text import percent

__all__ = ["alt_text", "figure", "finding", "unseen_expressions"]

#: A share in per cent below which an expression gets no lane: seven flat lanes say nothing.
NOTICED: Final = 5
NEUTRAL, UNCLEAR = "neutral", "no clear expression"
#: Pixels of a lane; what is no expression has a low one, on a scale of its own.
LANE, LOW_LANE = 42, 26
#: Pixels between lanes, in which their names stand.
LANE_GAP: Final = 17
#: The place of the first lane among the panels: after the means and the number of viewers.
FIRST_LANE: Final = 2


def figure(
    views: Sequence[StudyView],
    *,
    clusters: Sequence[Found] = (),
    scenes: Sequence[Scene],
    markers: Sequence[Marker],
    theme: Theme,
) -> go.Figure:
    """Each audience's mean with its band, how many it has, and the share of its viewers showing
    each expression.

    Of one audience the lanes are filled in the expressions' colours; several are lines in theirs.
    ``clusters``: where two audiences differ.
    """
    length_ms = max(one.length_ms for one in views)
    measure = views[0].measure
    colour = colours(views, theme)
    lanes = _lanes(views)
    fig = go.Figure()
    panels.lay_out(fig, _panels(views, lanes, measure), theme, length_ms)
    curves = {one.name: one.curve for one in views}
    x = {name: panels.moments(one["second"] * 1000, length_ms) for name, one in curves.items()}
    named = {name: units.name(measure) if len(views) == 1 else name for name in curves}
    fig.add_traces(
        [
            *groups.means(
                curves,
                {one.name: one.viewers for one in views},
                colour,
                measure,
                length_ms=length_ms,
                named=named,
            ),
            *(_counts(one, x[one.name], colour[one.name]) for one in views),
            *_lines(views, lanes, x, colour, theme),
        ]
    )
    places: list[panels.Place] = ["y"]
    if lanes:
        places.append((0.0, fig.layout[f"yaxis{FIRST_LANE + 1}"].domain[1]))
    fig.update_layout(
        shapes=[
            *panels.mark(scenes, markers, theme, places),
            *panels.nobody(_seen(views), theme, places),
            *groups.differing(clusters, measure, colour, ("y",)),
        ],
        annotations=[*fig.layout.annotations, *_names(lanes, theme)],
        overwrite=True,
    )
    return fig


def colours(views: Sequence[StudyView], theme: Theme) -> dict[str, str]:
    """The measure's own colour of one audience; of several, one each."""
    if len(views) == 1:
        return {views[0].name: units.colour(views[0].measure, theme)}
    return group_colours([one.name for one in views])


def unseen_expressions(views: Sequence[StudyView]) -> str:
    """Which expressions have no lane, and why; "" where each has one."""
    drawn = _lanes(views)
    rest = [name for name in DISPLAY_ORDER if name not in drawn]
    return f"Under {NOTICED} % in every second: {', '.join(rest)}." if rest else ""


def _seen(views: Sequence[StudyView]) -> pd.Series:
    """Whether anybody has a usable face, by second; who looks away is known, and has none."""
    readable = [one.shares[NEUTRAL].set_index("second")["n"] for one in views]
    return pd.concat(readable).groupby(level=0).max() > 0


Shares = Mapping[str, pd.DataFrame]


def _lanes(views: Sequence[StudyView]) -> dict[str, list[pd.DataFrame]]:
    """What has a lane: its shares, one table an audience."""
    found = {name: [one.shares[name] for one in views] for name in DISPLAY_ORDER}
    found[UNCLEAR] = [unclear_share(one.shares) for one in views]
    return {name: tables for name, tables in found.items() if _top(tables) >= NOTICED}


def _panels(
    views: Sequence[StudyView], lanes: Mapping[str, list[pd.DataFrame]], measure: str
) -> list[Panel]:
    """The means, the number of viewers, and the lanes."""
    most = max(1, *(int(one.curve["n"].max()) for one in views))
    values = [one.curve[name].to_numpy() for one in views for name in ("mean", "low", "high")]
    top = max((_top(tables) for name, tables in lanes.items() if _expressive(name)), default=0.0)
    reach = next(step for step in (20, 50, 100) if top <= step or step == 100)
    title = shares_finding(views[0].shares) if len(views) == 1 else Label("Expressions")
    return [
        Panel(Label(""), "", 250, units.axis(measure, *values), beside=True),
        Panel(
            Label(""), "", 30,
            {"range": [0, most * 1.15], "tickvals": [most], "ticktext": [f"n {most}"],
             "showgrid": False},
            beside=True,
            gap=12,
        ),
        *(
            Panel(
                title if place == 0 else Label(""),
                "% of the viewers whose face could be read" if place == 0 else "",
                LANE if _expressive(name) else LOW_LANE,
                _lane_axis(reach if _expressive(name) else 100),
                beside=place > 0,
                gap=LANE_GAP,
                below_title=LANE_GAP - 6,
            )
            for place, name in enumerate(lanes)
        ),
    ]  # fmt: skip


def _lane_axis(top: int) -> dict[str, Any]:
    return {"range": [0, top * 1.04], "tickvals": [0, top], "ticktext": ["", f"{top} %"]}


def _expressive(name: str) -> bool:
    return name not in (NEUTRAL, UNCLEAR)


def _counts(view: StudyView, x: pd.Series, colour: str) -> go.Scatter:
    """How many viewers each second has, as a thin step line."""
    return go.Scatter(
        x=x, y=view.curve["n"], mode="lines",
        line={"color": colour, "width": 1.25, "shape": "hvh"}, name="", hoverinfo="skip",
        yaxis="y2",
    )  # fmt: skip


def _lines(
    views: Sequence[StudyView],
    lanes: Mapping[str, list[pd.DataFrame]],
    x: Mapping[str, pd.Series],
    colour: Mapping[str, str],
    theme: Theme,
) -> list[go.Scatter]:
    """The shares: an area in the expression's colour of one audience, lines of several."""
    return [
        panels.line(
            x[view.name],
            table["share"],
            EMOTION_COLOURS.get(lane, theme.ink) if len(views) == 1 else colour[view.name],
            name=lane if len(views) == 1 else f"{lane}, {view.name}",
            hover=[f"<b>{percent(share / 100)}</b>" for share in table["share"]],
            width=1.5,
            shape="hvh",
            yaxis=panels.axis_of(FIRST_LANE + place),
            **(_area(lane, theme) if len(views) == 1 else {}),
        )
        for place, (lane, tables) in enumerate(lanes.items())
        for view, table in zip(views, tables)
    ]


def _area(lane: str, theme: Theme) -> dict[str, Any]:
    """Filled down to 0; no clear expression is dotted, for it has no colour."""
    if lane == UNCLEAR:
        dots = {"shape": ".", "fgcolor": faded(theme.ink, 0.5), "bgcolor": faded(theme.ink, 0.0),
                "size": 5, "solidity": 0.25}  # fmt: skip
        return {"fill": "tozeroy", "fillpattern": dots}
    return {"fill": "tozeroy", "fillcolor": faded(EMOTION_COLOURS[lane], 0.4)}


def _names(lanes: Iterable[str], theme: Theme) -> list[go.layout.Annotation]:
    """Each lane's name above it."""
    return [
        go.layout.Annotation(
            text=name.capitalize(),
            xref="paper",
            yref=f"{panels.axis_of(FIRST_LANE + place)} domain",
            x=0,
            y=1,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            borderpad=0,
            font={"size": 12, "color": theme.text},
        )
        for place, name in enumerate(lanes)
    ]


def _top(tables: Sequence[pd.DataFrame]) -> float:
    """The highest share of any second and audience; 0 where none is known."""
    values = np.concatenate([one["share"].to_numpy(np.float64) for one in tables])
    return float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
