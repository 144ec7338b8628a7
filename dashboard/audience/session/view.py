"""A session's page: its curve, its numbers, its quality, what can be done with it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from dashboard.audience.session import charts
from dashboard.audience.session.actions import Extra, progress
from dashboard.audience.session.actions import actions as session_actions
from dashboard.audience.session.cached import session_said, session_view, shares_between
from dashboard.audience.session.data import SessionPage, SessionView, load, reason
from dashboard.audience.session.viewer_edits_view import viewers_popover
from dashboard.navigation import go
from dashboard.shared.charts.figure import figure, figure_json, zoomed
from dashboard.shared.charts.sparkline import share_strip
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import current_theme, show_errors, subject_heading
from dashboard.shared.queue import jobs
from dashboard.shared.queue.job_rows import job_rows
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.empty_state import not_here
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.analytics.session import FLAGGED_UNDER
from fer_core.labels import DISPLAY_ORDER
from fer_core.text import clock, count, percent, shorten, whole

EXPLAINED = (
    "engagement", "attention", "expressiveness", "valence", "emotion", "confidence", "second",
    "presence", "audience", "quality", "usable", "emotion_share", "peak",
)  # fmt: skip


def show(*, actions: Iterable[Extra], notes: Iterable[Extra]) -> None:
    """The session that the address names; other wings add ``actions`` and ``notes``."""
    session_id = st.query_params.get("id", "")
    page = load(app_state().store, session_id) if session_id else None
    if page is None:
        not_here("session", "sessions")
        return
    if page.session.info.get("is_picture"):
        go("photograph", id=session_id)
    _title(page)
    with st.container(horizontal=True):
        if st.button("Replay", icon=":material/play_circle:"):
            go("replay", session=page.session_id)
        if not page.under_way and st.button(
            "Recommend", icon=":material/recommend:", help="Titles that fit this session's look."
        ):
            go("recommend", session=page.session_id)
        viewers_popover(page.session_id)
        session_actions(page, actions, EXPLAINED)
    if page.under_way:
        progress(page)
    view = session_view(page.session_id, page.stamp)
    if view.empty:
        st.info(page.why_empty, icon=":material/info:")
    else:
        _numbers(page, view)
        _chart(page, view)
    _facts(page, view)
    for note in notes:
        note(page.session_id)


def _title(page: SessionPage) -> None:
    session = page.session
    facts = (
        f"{session.created.day} {session.created:%b %Y}",
        clock(1000 * session.duration_s) if session.duration_s else None,
        count(session.viewers, "viewer") if session.viewers else None,
        shorten(session.study or "", 40),
        shorten(session.stimulus or "", 40),
    )
    subject_heading(page.name, facts)


def _numbers(page: SessionPage, view: SessionView) -> None:
    """Four numbers, and one line where they should not be trusted."""
    session = page.session
    final = not page.analysing
    # The store's own quality where it is final: a list and a page never disagree.
    quality = session.quality if final and session.quality is not None else view.quality
    with st.container(horizontal=True, key="totals"):
        st.metric("Mean engagement", whole(view.mean), border=True)
        said = "–" if view.peak is None else f"{whole(view.peak[0])} at {clock(view.peak[1])}"
        st.metric("Peak", said, border=True)
        st.metric("Quality", percent(quality), border=True)
        st.metric("Frames lost", f"{session.frames_lost or 0:,}", border=True)
    if quality < FLAGGED_UNDER and not page.analysing:
        st.warning(
            f"A usable face was there {percent(quality)} of the time, under "
            f"{percent(FLAGGED_UNDER)}: read these numbers with care. Grey spans show where.",
            icon=":material/visibility_off:",
        )
    if session.lost_note:
        st.caption(f":material/broken_image: {escape_markdown(session.lost_note)}")


@st.fragment
def _chart(page: SessionPage, view: SessionView) -> None:
    """The lanes over time, and the shares of what they show now."""
    emotions, theme = _emotion_switches(), current_theme()
    drawing = figure_json(
        lambda: charts.figure(
            view.seconds,
            view.lanes,
            view.gaps,
            view.shares,
            duration_ms=view.duration_ms,
            emotions=emotions,
            theme=theme,
            names=view.names,
            eyes=view.eyes,
        ),
        "session", page.session_id, page.stamp, emotions, theme.name,
    )  # fmt: skip
    said = session_said(view, page.session_id, page.stamp, page.name)
    key = f"timeline-{page.session_id}"
    figure(drawing, alt=said, key=key, zooms=True)
    part, shares, where = zoomed(key), view.shares, ""
    if part is not None:
        shares = shares_between(page.session_id, page.stamp, *part)
        where = f", {clock(part[0])} to {clock(part[1])}"
    st.subheader(f"Share of time by expression{where}", anchor=False)
    if shares.sum() > 0:
        st.html(share_strip(shares))
    else:
        st.caption("No face could be used there.")


def _emotion_switches() -> tuple[str, ...]:
    """Which expressions are drawn; each switch wears its colour."""
    chosen = st.pills(
        "Expressions shown",
        list(DISPLAY_ORDER),
        selection_mode="multi",
        default=list(DISPLAY_ORDER),
        key="emotions",
        persist_state="session",
    )
    return tuple(name for name in DISPLAY_ORDER if name in (chosen or []))


def _facts(page: SessionPage, view: SessionView) -> None:
    """Quality, lost frames, and what made these numbers."""
    st.subheader("Quality and how it was made", anchor=False)
    session = page.session
    settings, info = session.settings, session.info
    seen = {
        "Frames analysed": f"{session.frames or 0:,}",
        "Frames lost": f"{session.frames_lost:,}" if session.frames_lost else "none",
        "Faces found": f"{session.faces or 0:,}",
        "Frames looked at": _rate(settings.get("fps")),
        "Picture": f"{info['width']} × {info['height']}" if info.get("width") else "–",
        "Analysis speed": f"{session.fps:.0f} frames/s" if session.fps else "–",
        "Model": (session.model or "–").split("@")[0],
        "Detector": str(settings.get("detector") or "–"),
    }
    items = "".join(f"<div><dt>{k}</dt><dd>{escape(v)}</dd></div>" for k, v in seen.items())
    st.html(f'<dl class="rapt-facts">{items}</dl>')
    if page.cut_short:
        _resume(page)
    if len(view.gaps):
        _gaps(view)


def _resume(page: SessionPage) -> None:
    """What ended early goes on from here; one that a command left has no job to show."""
    if page.job is not None:
        job_rows([page.job], pictures=False)
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(escape_markdown(page.session.error or "The analysis was stopped."))
        if may(Action.EDIT) and st.button("Resume"):
            with show_errors():
                jobs.resume_session(app_state().store, page.session_id)
                st.rerun()


def _gaps(view: SessionView) -> None:
    """Where nobody could be read, and why; the longest first where there are many."""
    table = view.gaps.assign(length=view.gaps["to_ms"] - view.gaps["from_ms"])
    longest = table.nlargest(8, "length").sort_values("from_ms")
    said = [
        f"- {clock(start)} to {clock(end)}: {reason(str(why))}"
        for start, end, why in zip(longest["from_ms"], longest["to_ms"], longest["why"])
    ]
    more = len(table) - len(longest)
    if more > 0:
        said.append(f"- and {count(more, 'shorter one')}")
    st.markdown("**Without a usable face**\n\n" + "\n".join(said))


def _rate(fps: float | None) -> str:
    return "every frame" if not fps else f"{fps:g} a second"
