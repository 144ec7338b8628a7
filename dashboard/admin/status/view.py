"""The page Status: what an administrator looks at before asking anybody."""

from __future__ import annotations

from html import escape
from typing import Final

import streamlit as st

from dashboard.admin.status import data
from dashboard.shared.page import heading, show_errors
from dashboard.state import app_state
from fer_core.keeping.condition import FAIL, OK, WARN
from fer_core.text import percent, size

_SHOWN: Final = {
    OK: ("fine", ""),
    WARN: ("look at it", "rapt-flag"),
    FAIL: ("broken", "rapt-bad"),
}
_KINDS: Final = {"analyze": "Analysis", "train": "Training", "live": "Live session"}


def show() -> None:
    heading("Status", "How is this server doing: queue, memory, disk, rates, threads?")
    with show_errors():
        _status()
    st.caption(
        "`rapt doctor` looks at the installation as well. For programs: `/healthz` says whether "
        "the server's threads run, `/readyz` whether visitors should be sent to it."
    )


@st.fragment(run_every=3)
def _status() -> None:
    now = data.look(app_state().whole_store)
    with st.container(horizontal=True, key="totals"):
        st.metric("Running", f"{len(now.work)}", border=True)
        st.metric("Waiting jobs", f"{now.waiting}", border=True)
        st.metric("Failed jobs", f"{now.failed}", border=True)
        st.metric("Memory used", size(now.held), border=True)
        st.metric("Disk free", size(now.free), border=True, help=f"Of {size(now.disk)}.")
    st.subheader("Checks", anchor=False)
    st.html(_table("".join(map(_check, now.checks))))
    st.subheader("Running now", anchor=False)
    if now.work:
        st.html(_table("".join(map(_work, now.work))))
    else:
        st.caption("Nothing runs.")
    st.subheader("Threads", anchor=False)
    st.html(_table("".join(map(_thread, now.threads))))
    if now.told:
        st.subheader("Webhooks", anchor=False)
        st.html(_table("".join(map(_told, now.told))))


def _check(one: data.DoctorCheck) -> str:
    said, flag = _SHOWN[one.status]
    return (
        f'<tr><th>{escape(one.name)}</th><td><em class="{flag}">{said}</em></td>'
        f"<td>{escape(f'{one.message} {one.advice}'.strip())}</td></tr>"
    )


def _work(one: data.Work) -> str:
    rate = "" if one.rate is None or one.rate != one.rate else f"{one.rate:.1f} a second"
    share = "" if one.share is None else f"{percent(one.share)} done"
    memory = "in the server" if one.bytes is None else size(one.bytes)
    name = _KINDS.get(one.what, one.what.capitalize())
    return f"<tr><th>{escape(name)}</th><td>{rate}</td><td>{share}</td><td>{memory}</td></tr>"


def _thread(one: data.ThreadState) -> str:
    state = "at work" if one.alive else "ended"
    if one.failure:
        state = f"fails: {one.failure}"
    ended = f"started again {one.ended}×" if one.ended else ""
    return (
        f"<tr><th>{escape(one.name)}</th><td>{escape(state)}</td>"
        f"<td>last round {one.idle_s:.0f} s ago</td><td>{ended}</td></tr>"
    )


def _told(one: data.Told) -> str:
    flag = {"delivered": "", "waits": "rapt-flag"}.get(one.state, "rapt-bad")
    answer = f"answered {one.status}" if one.status is not None else ""
    return (
        f'<tr><th>{escape(one.event)}</th><td><em class="{flag}">{one.state}</em></td>'
        f"<td>{escape(one.address)}</td><td>{one.tries}× {answer} {escape(one.error)}</td></tr>"
    )


def _table(rows: str) -> str:
    return f'<div class="rapt-scroll"><table class="rapt-table rapt-prose">{rows}</table></div>'
