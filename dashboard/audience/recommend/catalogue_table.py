"""The catalogue as a CSV table: taken in with every fault named, and given out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard.audience.recommend import cached, data
from dashboard.shared.page import notice, show_errors
from dashboard.shared.widgets.download import download_button
from dashboard.state import app_state
from fer_core.files import sha256_of
from fer_core.recommend.catalogue import COLUMNS, Reading, write_catalogue
from fer_core.storage.recommend.catalogue import NewItem, SaveItems
from fer_core.text import count

SHOWN = 200


def download(items: Sequence[NewItem]) -> None:
    """A button for what was found, as a table that can be imported again."""
    if items:
        download_button(
            "Download the table", data=partial(_table, items), file_name="catalogue.csv",
            mime="text/csv", of=("catalogue", ""), icon=":material/download:",
        )  # fmt: skip


def _table(items: Sequence[NewItem]) -> bytes:
    return write_catalogue(items).encode()


@st.dialog("Import a table", width="large")
def import_table() -> None:
    """``table_form`` over the page."""
    table_form()


def table_form() -> None:
    """A CSV file, what is in it, and what is wrong with it, before anything is kept."""
    st.caption(
        f"A CSV file (UTF-8) with the columns {', '.join(COLUMNS)}. Creator, year, sentence and "
        "id may be left out. A row of an id that is there already replaces it."
    )
    given = st.file_uploader("CSV file", type=["csv", "txt", "tsv"], key="catalogue-table")
    if given is None:
        return
    with show_errors():
        content = given.getvalue()
        found = cached.table(content, sha256_of(content))
        _told(found)
        label = f"Add {count(len(found.items), 'title')}"
        if st.button(label, type="primary", disabled=not found.items):
            with st.spinner("Adding"):
                app_state().store.run(SaveItems(items=found.items), timeout_s=120)
            notice(f"{count(len(found.items), 'title')} added or replaced.")
            st.rerun()


def _told(found: Reading) -> None:
    there = cached.catalogue().index
    changed = sum(one.item_id in there for one in found.items)
    said = f"{count(len(found.items), 'sound row')}: {len(found.items) - changed:,} new"
    st.markdown(f"{said}, {changed:,} that replace what is there.")
    marked = data.marked_as_text(found.items)
    if marked:
        st.caption(
            f"{count(marked, 'title')} with a formula or HTML in a text: kept as the text that "
            "it is, never computed or drawn."
        )
    if not found.refused:
        return
    st.warning(
        f"{count(found.refused, 'row')} left out. Mend the file and import it again, or go on "
        "without them.",
        icon=":material/rule:",
    )
    rows = [
        {"Line": one.line, "Column": one.column or "–", "What is wrong": one.message}
        for one in found.problems[:SHOWN]
    ]
    st.dataframe(rows, hide_index=True, height=min(38 * (len(rows) + 1), 320))
    if len(found.problems) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(found.problems):,} faults.")
