"""The page Privacy: what is kept of people, for how long, and how it goes."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Final

import streamlit as st

from dashboard.audience.privacy import data
from dashboard.shared.forgetting import forget_button
from dashboard.shared.page import heading, notice, show_errors
from dashboard.shared.widgets.download import download_button
from dashboard.state import app_state
from fer_core.files import safe_name
from fer_core.keeping import rules
from fer_core.keeping.forget import Plan, plan_respondent
from fer_core.keeping.retention import clock_is_behind
from fer_core.law.responsible import Responsible, responsible, set_responsible
from fer_core.storage import Store
from fer_core.storage.removal.receipts import Receipt
from fer_core.text import ago, count, size

_DAYS: Final = (None, 1, 7, 30, 90, 180, 365, 730)
_COPIES: Final = (0, 3, 7, 14, 30)
_KINDS: Final = {"recording": "Recording", "film": "Film", "faces": "Kept faces"}


def show() -> None:
    heading("Privacy", "What is kept about people, for how long, and how is it removed?")
    store = app_state().whole_store
    if clock_is_behind(store):
        st.warning(
            "This machine's clock is earlier than the store's last change. Until it is set, "
            "nothing is removed for its age and no backup is made.",
            icon=":material/schedule:",
        )
    _responsible(store)
    _retention(store)
    _backups(store)
    _one_respondent(store)
    _receipts(store)


def _responsible(store: Store) -> None:
    st.subheader("Who answers for it", anchor=False)
    who = responsible(store)
    with st.form("responsible", border=False):
        left, right = st.columns(2)
        name = left.text_input("Name", value=who.name, placeholder="You or your organisation")
        contact = right.text_input("Contact", value=who.contact, placeholder="privacy@example.org")
        officer = left.text_input("Data protection officer", value=who.officer)
        address = right.text_input(
            "Privacy text on the web", value=who.address, placeholder="https://example.org/privacy"
        )
        if st.form_submit_button("Save"):
            with show_errors():
                set_responsible(store, Responsible(name, contact, officer, address))
                notice("Saved.")
                st.rerun()
    st.caption("Printed on notices, consent sheets and records of each study (button «Law» there).")


def _retention(store: Store) -> None:
    st.subheader("How long it is kept", anchor=False)
    columns = st.columns(3)
    for column, kept in zip(columns, data.kept(store)):
        with column:
            options = sorted({*_DAYS, kept.days}, key=lambda days: days or 0)
            chosen = st.selectbox(
                kept.rule.label, options, index=options.index(kept.days), format_func=_days,
                key=kept.rule.name,
            )  # fmt: skip
            since = f", the oldest came {ago(kept.oldest)}" if kept.oldest else ""
            what = "session" if kept.rule is rules.FACES else "file"
            st.caption(f"{count(kept.things, what)}, {size(kept.bytes)}{since}")
            _choose(store, kept.rule, chosen, kept.days)
    st.toggle(
        rules.AFTER.label,
        value=rules.value_of(store, rules.AFTER),
        key=rules.AFTER.name,
        on_change=partial(_toggled, rules.AFTER),
        help="The default on the page Analyze; it can be changed there.",
    )
    st.caption(
        "What has been kept long enough is removed within minutes, with a receipt. All numbers "
        "stay. Files outside Rapt's own folder are never touched."
    )


def _days(days: int | None) -> str:
    return "Until it is deleted" if days is None else count(days, "day")


def _choose(store: Store, rule: rules.Rule, value: object, before: object) -> None:
    if value != before:
        with show_errors():
            rules.choose(store, rule, value)
            notice("Saved.")
            st.rerun()


def _toggled(rule: rules.Rule) -> None:
    rules.choose(app_state().whole_store, rule, bool(st.session_state[rule.name]))


def _backups(store: Store) -> None:
    st.subheader("Backups", anchor=False)
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    number = rules.value_of(store, rules.KEEP)
    options = sorted({*_COPIES, number})
    with left:
        chosen = st.selectbox(
            rules.KEEP.label, options, index=options.index(number), key=rules.KEEP.name,
            format_func=lambda n: f"Keep {n}" if n else "None",
        )  # fmt: skip
    _choose(store, rules.KEEP, chosen, number)
    with right:
        st.toggle(
            "With recordings, films, data sets and trainings",
            value=rules.value_of(store, rules.WHOLE),
            key=rules.WHOLE.name,
            on_change=partial(_toggled, rules.WHOLE),
        )
    _backup_rows()


@st.fragment(run_every=3)
def _backup_rows() -> None:
    store = app_state().whole_store
    if st.button("Back up now", icon=":material/save:", disabled=data.backup_under_way(store)):
        with show_errors():
            data.back_up_now(store)
            st.rerun(scope="fragment")
    if data.backup_under_way(store):
        st.caption("A backup is being written.")
    found = data.listed_backups(store)
    if not found:
        st.caption("There is no backup yet. The command «rapt restore FILE» puts one back.")
        return
    rows = "".join(
        f"<tr><th>{escape(one.name)}</th><td>{ago(one.made)}</td><td>{size(one.bytes)}</td>"
        f"<td>{'damaged' if one.sessions is None else count(one.sessions, 'session')}</td>"
        f"<td>{'whole' if one.whole else 'without recordings'}</td></tr>"
        for one in found[:14]
    )
    st.html(f'<div class="rapt-scroll"><table class="rapt-table">{rows}</table></div>')


def _one_respondent(store: Store) -> None:
    st.subheader("One respondent", anchor=False)
    labels = data.respondents(store)
    if not labels:
        st.caption("No session and no answer names a respondent.")
        return
    chosen = st.selectbox(
        "Respondent", labels, index=None, placeholder="Choose a label", key="respondent"
    )
    if not chosen:
        st.caption("Save everything about one person as a file, or delete it for good.")
        return
    with st.container(horizontal=True):
        download_button(
            "Everything as a file",
            data=partial(data.about_one, store, chosen),
            file_name=f"{safe_name(chosen)}.zip",
            mime="application/zip",
            of=("respondent", ""),
            icon=":material/download:",
        )
        forget_button(partial(_plan, respondent=chosen), key="respondent", then="privacy")


def _plan(store: Store, respondent: str) -> Plan:
    return plan_respondent(store, respondent)


def _receipts(store: Store) -> None:
    st.subheader("Receipts", anchor=False)
    found = data.receipts(store)
    forgotten = data.number_forgotten(store)
    st.caption(
        f"{count(len(found), 'removal')}; {count(forgotten, 'entry', 'entries')} on the list of "
        "what was forgotten for good, which every restore follows."
    )
    if found:
        rows = "".join(map(_receipt, found[:50]))
        st.html(f'<div class="rapt-scroll"><table class="rapt-table">{rows}</table></div>')


def _receipt(one: Receipt) -> str:
    what = _KINDS.get(one.kind, f"{one.kind.capitalize()} for good")
    ids = f"{one.ids[0]}{f' and {len(one.ids) - 1} more' if len(one.ids) > 1 else ''}"
    return (
        f"<tr><th>{escape(what)}</th><td>{escape(ids)}</td><td>{size(one.bytes)}</td>"
        f"<td>{escape(one.rule)}</td><td>{one.removed:%d %b %Y %H:%M}</td></tr>"
    )
