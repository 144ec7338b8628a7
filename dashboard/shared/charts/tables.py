"""Tables of scenes, markers and comparisons as HTML, and the headings of charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from fer_core.analytics.compare import SIGNIFICANT
from fer_core.analytics.scenes import Marker, Scene, scene_parts
from fer_core.analytics.statistics import STATISTICS
from fer_core.reports import units
from fer_core.sentences import Finding, Title
from fer_core.studies.response import Response
from fer_core.text import clock, shorten, signed, whole

HOW_DIFFERENCES = (
    "Effect: Cohen's d, in standard deviations. p is corrected over all scenes and measures "
    "(Benjamini-Hochberg)."
)
#: Cohen's names for the size of an effect, from this d on.
EFFECT_SIZES = ((0.8, "large"), (0.5, "medium"), (0.2, "small"), (0.0, "very small"))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], label: str) -> str:
    """Cells are HTML already; the first column is text, the others numbers."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(
        "<tr>"
        + f'<th scope="row">{row[0]}</th>'
        + "".join(f"<td>{cell}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="rapt-scroll" tabindex="0" role="region" aria-label="{escape(label)}">'
        f'<table class="rapt-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        "</div>"
    )


def scenes(found: pd.DataFrame, measure: str) -> str:
    """A row a scene: its mean with its range, lift, hook, peak and end.

    Hook and end only of scenes that are longer: of others they repeat the mean.
    """

    def say(value: Any) -> str:
        return units.say(measure, float(value))

    parts = scene_parts(found)
    rows = []
    for row in _rows(found):
        peak = "–" if not np.isfinite(row.peak_s) else (
            f"{say(row.peak)} <small>at {clock(1000 * row.peak_s)}</small>"
        )  # fmt: skip
        lasts = row.to_ms - row.from_ms
        rows.append(
            [
                _scene(row),
                _mean(measure, row.mean, row.low, row.high),
                units.say_lift(measure, float(row.mean), float(row.lift)),
                peak,
                *(say(getattr(row, name)) if lasts > ms else "" for name, ms in parts.items()),
                whole(row.n),
            ]
        )
    titles = (name.capitalize() for name in parts)
    heads = ("Scene", "Mean, 95 %", "Lift", "Peak", *titles, "Viewers")
    return table(heads, rows, f"{units.name(measure)} by scene")


def scene_means(found: Mapping[str, pd.DataFrame], measure: str) -> str:
    """A row a scene that several audiences watched: the mean of each, with its range."""
    first = next(iter(found.values()))
    rows = [
        [
            _scene(row),
            *(_mean(measure, one["mean"], one["low"], one["high"]) for one in of_scene),
        ]
        for row, *of_scene in zip(_rows(first), *(t.to_dict("records") for t in found.values()))
    ]
    heads = ("Scene", *(shorten(name, 24) for name in found))
    return table(heads, rows, f"{units.name(measure)} by scene and audience")


def _mean(measure: str, mean: float, low: float, high: float) -> str:
    """A scene's mean with its range, where that is known."""
    said = f"<b>{units.say(measure, float(mean))}</b>"
    if not np.isfinite(low):
        return said
    ends = (units.say(measure, float(one)) for one in (low, high))
    return f"{said} <small>{' to '.join(ends)}</small>"


def statistics(found: Mapping[str, Response], colours: Mapping[str, str]) -> str:
    """A row an audience: its headline numbers."""
    rows = [
        [
            f'<i style="background:{colours[name]}"></i>{escape(name)}',
            *(
                f"{units.say_statistic(one, response.measure, response.numbers[one.key])} "
                f"<small>{units.say_second(response.numbers[one.key])}</small>"
                for one in STATISTICS
            ),
            whole(response.viewers),
        ]
        for name, response in found.items()
    ]
    measure = next(iter(found.values())).measure
    heads = (units.name(measure), *(one.title for one in STATISTICS), "Viewers")
    return table(heads, rows, f"{units.name(measure)} by audience")


def _rows(table: pd.DataFrame) -> Iterable[Any]:
    """The table's rows, each with its columns as attributes."""
    return table.itertuples(index=False)


def _scene(row: Any) -> str:
    return f"{escape(row.scene)} <small>{clock(row.from_ms)} to {clock(row.to_ms)}</small>"


def markers(found: pd.DataFrame) -> str:
    """How near a peak is to each marker."""
    rows = [
        [
            f"{escape(str(row.marker))} <small>{clock(row.t_ms)}</small>",
            _apart(row.before_s),
            _apart(row.after_s),
        ]
        for row in _rows(found)
    ]
    return table(("Marker", "Nearest peak before", "Nearest peak after"), rows, "Markers")


def _apart(seconds: float) -> str:
    if not np.isfinite(seconds):
        return "none"
    return "at once" if seconds == 0 else f"{seconds:.0f} s"


def differences(found: pd.DataFrame, a: str, b: str, measure: str) -> str:
    """Scene by scene: both means, the difference with its range, its size, its p."""
    rows = []
    for row in _rows(found[found["measure"] == measure]):
        p = float(row.p_corrected)
        clear = np.isfinite(p) and p < SIGNIFICANT
        low, high = (units.say_fine_change(measure, float(one)) for one in (row.low, row.high))
        mean_a, mean_b = float(row.mean_a), float(row.mean_b)
        between = f" <small>{low} to {high}</small>" if np.isfinite(row.low) else ""
        rows.append(
            [
                _scene(row),
                units.say_fine(measure, mean_a),
                units.say_fine(measure, mean_b),
                f"<b>{units.say_difference(measure, mean_a, mean_b)}</b>{between}",
                _effect(float(row.effect)),
                f'<span class="rapt-clear">{p_value(p)}</span>' if clear else p_value(p),
                f"{row.n_a} and {row.n_b}",
            ]
        )
    short = len(a) + len(b) < 24
    apart = f"{a} − {b}, 95 %" if short else "Difference, 95 %"
    heads = ("Scene", shorten(a, 24), shorten(b, 24), apart, "Effect", "p, corrected", "Viewers")
    return table(heads, rows, f"{units.name(measure)} of {a} and {b} by scene")


def _effect(value: float) -> str:
    """The size in words beside the number: few know what 0.8 is."""
    if not np.isfinite(value):
        return "–"
    word = next(word for least, word in EFFECT_SIZES if abs(value) >= least)
    return f"{signed(value, 1)} <small>{word}</small>"


def p_value(p: float) -> str:
    """A probability of chance as HTML, with the digits that matter."""
    if not np.isfinite(p):
        return "too few viewers"
    return "&lt; 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def scene_strip(scenes: Sequence[Scene], marks: Sequence[Marker], length_ms: int) -> str:
    """The film's scenes by name, as wide as they last; markers as ticks below the names."""
    if not scenes or length_ms <= 0:
        return ""
    cells = "".join(
        f'<span style="left:{100 * one.from_ms / length_ms:.3f}%;'
        f'width:{100 * (min(one.to_ms, length_ms) - one.from_ms) / length_ms:.3f}%" '
        f'title="{escape(one.name)}, {clock(one.from_ms)} to {clock(one.to_ms)}">'
        f"{escape(one.name)}</span>"
        for one in scenes
        if one.from_ms < length_ms
    )
    said = ", ".join(f"{one.name} at {clock(one.t_ms)}" for one in marks)
    note = f"<small>Dotted lines: {escape(said)}</small>" if said else ""
    return f'<div class="rapt-scenes" aria-hidden="true"><div>{cells}</div></div>{note}'


def sentences(*said: Finding, tone: str = "") -> str:
    """A page's answer: one finding or several, each a paragraph."""
    lines = "".join(f"<p>{escape(one)}</p>" for one in said)
    return f'<div class="rapt-sentence{tone}" role="status">{lines}</div>'


def finding(title: Title, note: str) -> str:
    """A chart's heading in the page's own type: what it shows, and how to read it."""
    return f'<div class="rapt-finding"><b>{escape(title)}</b><span>{escape(note)}</span></div>'


def key(colours: dict[str, str], notes: dict[str, str]) -> str:
    """Which colour is whom, with how many."""
    parts = "".join(
        f'<span><i style="background:{colour}"></i>{escape(name)}'
        f"<small> {escape(notes.get(name, ''))}</small></span>"
        for name, colour in colours.items()
    )
    return f'<div class="rapt-key">{parts}</div>'
