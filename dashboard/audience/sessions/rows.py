"""Sessions as rows: name and facts at the left, the small curve and two numbers beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

import streamlit as st

from dashboard.audience.sessions.cached import sparklines
from dashboard.audience.sessions.data import Row
from dashboard.shared.page import current_theme
from dashboard.shared.thumbnails import picture_of
from dashboard.shared.widgets.linked_row import linked_row
from fer_core.text import ago, clock, count, percent, shorten, whole

LIVE_NOW = '<b class="rapt-live">live</b>'


def session_rows(rows: Sequence[Row], *, pictures: bool = False, studies: bool = True) -> None:
    """One row a session; the whole row opens it.

    ``pictures``: with the recording's first one. ``studies``: with the name of its study.
    """
    curves = sparklines({row.session_id: row.stamp for row in rows}, current_theme().name)
    for row in rows:
        _row(row, curves[row.session_id], pictures=pictures, studies=studies)


def rows_to_pick(rows: Sequence[Row], picked: Collection[str], on_pick: str) -> None:
    """The same rows, each with a box to tick; the keys of the boxes begin with ``on_pick``."""
    curves = sparklines({row.session_id: row.stamp for row in rows}, current_theme().name)
    for row in rows:
        key = f"{on_pick}{row.session_id}"
        st.session_state.setdefault(key, row.session_id in picked)
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
            st.checkbox(f"Select {row.name}", key=key, label_visibility="collapsed")
            _row(row, curves[row.session_id], pictures=False, studies=True)


def _row(row: Row, curve: str, *, pictures: bool, studies: bool) -> None:
    linked_row(
        "session",
        row.session_id,
        row.name,
        facts=_facts(row, studies=studies),
        figures=_figures(row, curve),
        widths=(5, 6),
        most=44 if pictures else 60,
        picture=picture_of(row.path) if pictures else "",
    )


def _facts(row: Row, *, studies: bool) -> str:
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
        lost = f"{count(row.frames_lost, 'frame')} lost"
        facts.append(f'<span class="rapt-flag">{lost}</span>' if row.many_lost else lost)
    if row.kind == "demo":
        facts.append("sample")
    if row.study and studies:
        facts.append(escape(shorten(row.study, 30)))
    facts += [escape(shorten(f"#{one}", 24)) for one in row.tags[:3]]
    return " · ".join(facts)


def _figures(row: Row, spark: str) -> str:
    flag = ' class="rapt-flag"' if row.flagged else ""
    quality = f"<strong{flag}>{percent(row.quality)}</strong><small>quality</small>"
    return (
        f'<div class="rapt-figures"><div>{spark}</div>'
        f"<div><strong>{whole(row.engagement)}</strong><small>engagement</small></div>"
        f"<div>{quality}</div></div>"
    )
