"""A row of a list that opens a page: name and facts at the left, figures at the right."""

from __future__ import annotations

import streamlit as st

from dashboard.navigation import page_of
from dashboard.shared.markdown import escape_markdown
from fer_core.text import shorten


def linked_row(
    page: str,
    subject_id: str,
    name: str,
    *,
    facts: str,
    figures: str,
    widths: tuple[int, int],
    most: int,
    picture: str = "",
) -> None:
    """Show it; the whole row opens the ``page`` of this subject.

    ``facts``, ``figures`` and ``picture`` are HTML, ``widths`` those of the two sides, ``most``
    is the number of characters of the name that are shown.
    """
    with st.container(key=f"row-{subject_id}", gap=None):
        left, right = st.columns(widths, vertical_alignment="center", gap="medium")
        with left, st.container(horizontal=True, wrap=False, vertical_alignment="center"):
            if picture:
                st.html(f'<div class="rapt-small">{picture}</div>', width="content")
            with st.container(gap=None):
                st.page_link(
                    page_of(page),
                    label=escape_markdown(shorten(name, most)),
                    query_params={"id": subject_id},
                )
                st.html(f'<div class="rapt-meta">{facts}</div>')
        right.html(figures)
