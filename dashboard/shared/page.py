"""What every page has: its style, its heading, its errors in words."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

import streamlit as st

from dashboard.shared.assets import text
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.web.access.doorkeeper import OPEN_VARIABLE
from fer_core.errors import RaptError
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import EMOTION_COLOURS, Theme, theme_named
from fer_core.text import shorten

_HERE = Path(__file__).parent
MARK, ICON = _HERE / "mark.svg", _HERE / "icon.svg"


def style(lit: str = "") -> None:
    """The style sheet, with the palette's dots for the expressions' switches.

    lit: the page whose place in the side bar is lit too: the one that led to a page without one.
    """
    dots = "".join(
        f".st-key-emotions button:nth-of-type({place}){{--rapt-dot: {EMOTION_COLOURS[name]}}}"
        for place, name in enumerate(DISPLAY_ORDER, start=1)
    )
    tone = ".rapt-flag{color:#F5B45C!important}.rapt-bad{color:#FF9B93!important}" if dark() else ""
    place = f'[data-testid="stSidebarNavLink"][href$="/{lit}"]{{background:var(--rapt-lit)}}'
    st.html(f"<style>{text(__file__, 'style.css')}{dots}{tone}{place if lit else ''}</style>")


def dark() -> bool:
    return st.context.theme.type == "dark"


def current_theme() -> Theme:
    return theme_named(st.context.theme.type)


def heading(title: str, lede: str, *, tab: str = "") -> None:
    """The page's name, as Markdown, and the question that it answers; ``tab`` names its tab."""
    st.set_page_config(page_title=f"{tab or title} · Rapt")
    st.title(title, anchor=False)
    st.html(f'<p class="rapt-lede">{escape(lede)}</p>')


def subject_heading(name: str, facts: Iterable[str | None], *, most: int = 70) -> None:
    """The name that a person gave to what the page is about, and facts about it in one line."""
    told = " · ".join(fact for fact in facts if fact)
    heading(escape_markdown(shorten(name, most)), told, tab=shorten(name))


@contextmanager
def show_errors() -> Iterator[None]:
    """An error of ours is a sentence and a hint on the page, not a traceback."""
    try:
        yield
    except RaptError as error:
        st.error(error.message, icon=":material/error:")
        if error.hint:
            st.caption(error.hint)


def show_open() -> None:
    """A red bar on every page where ``rapt serve --insecure-open`` asks nobody who they are."""
    if os.environ.get(OPEN_VARIABLE) == "1":
        st.error(
            "Open to everyone: whoever reaches this address sees and changes everything here. "
            "Start without --insecure-open to ask for the start token.",
            icon=":material/lock_open:",
        )


def notice(text: str) -> None:
    """A line that survives the rerun or page change that follows it."""
    st.session_state["_notice"] = text


def show_notice() -> None:
    text = st.session_state.pop("_notice", None)
    if text:
        st.toast(text)
