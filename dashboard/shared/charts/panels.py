"""Charts over time: panels above each other that share a time axis, a zoom and a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from fer_core.analytics.scenes import Marker, Scene
from fer_core.palette import FONT, Theme, faded
from fer_core.reports.units import ValueAxis
from fer_core.sentences import Title

TITLE, GAP = 50, 20  # pixels above a panel and between panels
LINE, ONE_LINE = 18, 46  # pixels of a second line of a title, and characters that fit on one
MARGIN = {"t": 4, "b": 44, "l": 44, "r": 22}
SECOND = 1000  # ms

Axis = dict[str, Any]  # attributes of a Plotly axis


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel; the panels of a chart get the axes y, y2, y3 … in their order."""

    title: Title
    note: str  # how to read it, with the unit
    height: int  # pixels
    axis: Axis | ValueAxis
    beside: bool = False  # belongs to the panel above: no title of its own
    gap: int = 4  # pixels to that panel
    below_title: int = 0  # more pixels between its title and itself

    @property
    def heading(self) -> str:
        """The title, on two lines where a narrow screen would cut it before its reason."""
        long = len(self.title) > ONE_LINE
        return self.title.replace(": ", ":<br>", 1) if long else self.title

    @property
    def above(self) -> int:
        """Pixels above it."""
        second_line = LINE * ("<br>" in self.heading)
        return self.gap if self.beside else TITLE + second_line + self.below_title


def at(ms: float) -> pd.Timestamp:
    """A moment on the time axis, which is a date axis that begins in 1970."""
    return pd.to_datetime(int(ms), unit="ms")


def second_of(x: str) -> int:
    """The second under a clicked point of the time axis."""
    return int((pd.Timestamp(x) - pd.Timestamp(0)) // pd.Timedelta(seconds=1))


def moments(t_ms: pd.Series, duration_ms: int) -> pd.Series:
    """The middle of each second, on a date axis: its ticks follow a zoom as m:ss."""
    lasts = (duration_ms - t_ms).clip(lower=0, upper=SECOND)
    return pd.to_datetime(t_ms + lasts // 2, unit="ms")


def time_axis(duration_ms: int, theme: Theme) -> Axis:
    hours = duration_ms >= 3_600_000
    form = "%-H:%M:%S" if hours else "%-M:%S"
    start, end = at(0), at(max(duration_ms, SECOND))
    return {
        "type": "date",
        "range": [start, end],
        "tickformat": form,
        "hoverformat": form,
        "nticks": 9,
        "tickformatstops": [
            {"dtickrange": [None, SECOND - 1], "value": form + ".%1f"},
            {"dtickrange": [SECOND, None], "value": form},
        ],
        "minallowed": start,
        "maxallowed": end,
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "cursor",
        "spikethickness": 1,
        "spikedash": "solid",
        "spikecolor": theme.quiet,
        "tickfont": {"color": theme.quiet, "size": 12},
        "title": {
            "text": "Time (h:mm:ss)" if hours else "Time (m:ss)",
            "font": {"color": theme.quiet, "size": 12},
        },
    }


def base(theme: Theme) -> dict[str, Any]:
    """What every figure has in common: no paper of its own, the page's type."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "color": theme.text, "size": 13},
        "hoverlabel": {"bgcolor": theme.raised, "font": {"color": theme.text, "size": 12}},
        "showlegend": False,
    }


def lay_out(fig: go.Figure, panels: Sequence[Panel], theme: Theme, duration_ms: int) -> None:
    """Give each panel its own pixels below the one before it, and the figure its height."""
    inner = sum(p.height + p.above for p in panels)
    inner += GAP * sum(not p.beside for p in panels[1:])
    top = float(inner)
    axes: dict[str, Axis] = {}
    titles = []
    for i, panel in enumerate(panels):
        if not panel.beside:
            top -= GAP if i else 0
            titles.append(_title(panel, top / inner, theme))
        top -= panel.above
        bottom = top - panel.height
        axes[f"yaxis{i + 1 if i else ''}"] = {
            "domain": [max(bottom / inner, 0.0), min(top / inner, 1.0)],
            "anchor": "x",
            "fixedrange": True,
            "zeroline": False,
            "gridcolor": theme.grid,
            "tickfont": {"color": theme.quiet, "size": 12},
            **panel.axis,
        }
        top = bottom
    # all at once, in the place of what was there: merging takes Plotly six times as long
    fig.update_layout(
        base(theme)
        | axes
        | {
            "annotations": titles,
            "xaxis": time_axis(duration_ms, theme) | {"anchor": axis_of(len(panels) - 1)},
            "height": int(inner) + MARGIN["t"] + MARGIN["b"],
            "margin": MARGIN,
            "dragmode": "zoom",
            "uirevision": "keep",
            "meta": {"time": True},  # the time charts of a page share their zoom
        }
        | _under_the_cursor(theme),
        overwrite=True,
    )


def _under_the_cursor(theme: Theme) -> dict[str, Any]:
    """What Plotly shows at the cursor: one second of all panels, and its buttons."""
    return {
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "hoverdistance": -1,  # the nearest second, however few there are
        "modebar": {
            "bgcolor": "rgba(0,0,0,0)",
            "color": theme.quiet,
            "activecolor": theme.text,
        },
        "hoverlabel": {
            "bgcolor": theme.raised,
            "bordercolor": theme.quiet,
            "font": {"color": theme.text, "size": 12, "family": FONT},
        },
    }


def axis_of(place: int) -> str:
    """The name of the y axis of the panel at this place, counted from 0."""
    return f"y{place + 1}" if place else "y"


def _title(panel: Panel, y: float, theme: Theme) -> go.layout.Annotation:
    return go.layout.Annotation(
        text=f"<b>{panel.heading}</b><br>"
        f"<span style='font-size:12px;color:{theme.quiet}'>{panel.note}</span>",
        xref="paper",
        yref="paper",
        x=0,
        y=y,
        xanchor="left",
        yanchor="top",
        xshift=-MARGIN["l"] + 4,
        showarrow=False,
        align="left",
        font={"size": 14, "color": theme.text},
    )


def line(
    x: pd.Series, y: pd.Series, colour: str, *, name: str, hover: str | Sequence[str],
    width: float = 2, shape: str = "linear", **more: Any,
) -> go.Scatter:  # fmt: skip
    """A curve that breaks where nothing is known.

    ``hover`` follows its name: a Plotly template, or what is said of each point, so that a number
    is written as everywhere else (Plotly writes 62% and not 62 %). A known second between two
    unknown ones is a dot: a line cannot show it.
    """
    given = {} if isinstance(hover, str) else {"customdata": list(hover)}
    template = hover if isinstance(hover, str) else "%{customdata}"
    return go.Scatter(
        {
            "x": x,
            "y": y,
            **_dots(y, colour, width),
            "connectgaps": False,
            "line": {"color": colour, "width": width, "shape": shape},
            "name": name,
            "hovertemplate": f"{name} {template}<extra></extra>",
        }
        | given
        | more
    )


def clickable(colour: str) -> dict[str, Any]:
    """What makes a curve's points clickable: a line alone is not; the dot shows which it was."""
    return {
        "mode": "lines+markers",
        "marker": {"color": colour, "size": 10, "opacity": 0},
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 0}},
    }


def _dots(y: pd.Series, colour: str, width: float) -> dict[str, Any]:
    """The mode of a curve, with a dot for each known second that has no known neighbour."""
    known = np.isfinite(np.asarray(y, dtype=float))
    beside = np.concatenate([[False], known, [False]])
    alone = known & ~beside[:-2] & ~beside[2:]
    if not alone.any():
        return {"mode": "lines"}
    size = np.where(alone, 2 * width + 1, 0)
    marker = {"size": size, "color": colour, "opacity": 1, "line": {"width": 0}}
    return {"mode": "lines+markers", "marker": marker}


def solid_where(curve: go.Scatter, enough: pd.Series) -> list[go.Scatter]:
    """The curve thin and dashed, and solid over that where enough viewers carry it."""
    if enough.all():
        return [curve]
    solid = go.Scatter(
        x=curve.x, y=np.where(enough, curve.y, np.nan), mode="lines", line=curve.line,
        name="", hoverinfo="skip", yaxis=curve.yaxis,
    )  # fmt: skip
    return [solid, curve.update(line={"width": 1.25, "dash": "dash"})]


def band(
    x: pd.Series, low: pd.Series, high: pd.Series, colour: str, *, yaxis: str, opacity: float = 0.16
) -> list[go.Scatter]:
    """A range as areas, one for each run of known seconds: one area would bridge the gaps."""
    known = low.notna()
    return [
        go.Scatter(
            x=pd.concat([x[run.index], x[run.index][::-1]]),
            y=pd.concat([high[run.index], run[::-1]]),
            mode="lines",  # a short curve would get dots at its corners
            fill="toself",
            fillcolor=faded(colour, opacity),
            line={"width": 0},
            hoverinfo="skip",
            yaxis=yaxis,
        )
        for _, run in low[known].groupby((~known).cumsum()[known])
    ]


Place = str | tuple[float, float]  # a panel by its axis, or shares of the figure's height


def shade(from_ms: float, to_ms: float, colour: str, place: Place) -> go.layout.Shape:
    """A stretch of time in a panel, coloured behind its curves."""
    return _behind(place, from_ms, to_ms, type="rect", fillcolor=colour, line={"width": 0})


def mark(
    scenes: Sequence[Scene], markers: Sequence[Marker], theme: Theme, places: Sequence[Place]
) -> list[go.layout.Shape]:
    """A fine line where a scene begins or ends, a dotted one a marker, in these panels."""
    fine = {"color": faded(theme.quiet, 0.3), "width": 1}
    dotted = {"color": theme.quiet, "width": 1, "dash": "dot"}
    edges = sorted({ms for one in scenes for ms in (one.from_ms, one.to_ms)} - {0})
    return [
        _behind(place, ms, ms, type="line", line=pen)
        for place in places
        for pen, moments in ((fine, edges), (dotted, [one.t_ms for one in markers]))
        for ms in moments
    ]


def nobody(known: pd.Series, theme: Theme, places: Sequence[Place]) -> list[go.layout.Shape]:
    """The seconds without a usable face, veiled in these panels; ``known`` is whether each has
    one, from second 0."""
    away = ~known.to_numpy(bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], away, [False]])))
    return [
        shade(SECOND * start, SECOND * stop, theme.veil, place)
        for start, stop in edges.reshape(-1, 2)
        for place in places
    ]


def _behind(place: Place, from_ms: float, to_ms: float, **more: Any) -> go.layout.Shape:
    bottom, top = (0, 1) if isinstance(place, str) else place
    return go.layout.Shape(
        x0=at(from_ms),
        x1=at(to_ms),
        y0=bottom,
        y1=top,
        xref="x",
        yref=f"{place} domain" if isinstance(place, str) else "paper",
        layer="below",
        **more,
    )
