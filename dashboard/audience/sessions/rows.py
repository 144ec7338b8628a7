"""Sessions as rows: name and facts at the left, the small curve and two numbers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dashboard.audience.sessions.cached import sparklines
from dashboard.audience.sessions.data import Row
from dashboard.shared.linked_row import linked_row
from dashboard.shared.page import current_theme
from fer_core.text import ago, clock, count, percent, shorten, whole

LIVE_NOW = '<b class="rapt-live">live</b>'


def session_rows(rows: Sequence[Row]) -> None:
    """One row a session; the whole row opens it."""
    curves = sparklines({row.session_id: row.stamp for row in rows}, current_theme().name)
    for row in rows:
        linked_row(
            "session",
            row.session_id,
            row.name,
            facts=_facts(row),
            figures=_figures(row, curves[row.session_id]),
            widths=(5, 6),
            most=60,
        )


def _facts(row: Row) -> str:
    if row.status == "failed":
        return f'<span class="rapt-bad">Failed: {escape(row.error or "no reason given")}</span>'
    facts = [ago(row.created)]
    if row.status == "running":
        facts = [LIVE_NOW if row.kind == "live" else "being analysed"]
    if row.status == "cancelled":
        facts.append("stopped before its end")
    if row.duration_ms:
        facts.append(clock(row.duration_ms))
    if row.viewers:
        facts.append(count(row.viewers, "viewer"))
    if row.frames_lost:
        facts.append(f'<span class="rapt-flag">{count(row.frames_lost, "frame")} lost</span>')
    if row.kind == "demo":
        facts.append("sample")
    if row.study:
        facts.append(escape(shorten(row.study, 30)))
    return " · ".join(facts)


def _figures(row: Row, spark: str) -> str:
    flag = ' class="rapt-flag"' if row.flagged else ""
    quality = f"<strong{flag}>{percent(row.quality)}</strong><small>quality</small>"
    return (
        f'<div class="rapt-figures"><div>{spark}</div>'
        f"<div><strong>{whole(row.engagement)}</strong><small>engagement</small></div>"
        f"<div>{quality}</div></div>"
    )
