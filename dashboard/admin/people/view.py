"""The People page: who may log in and as what, and what was seen, exported and deleted."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dashboard.admin.people import data
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import heading, notice, show_errors
from dashboard.shared.web.access.identity import current
from dashboard.shared.web.upload.uploads import upload_service
from dashboard.shared.widgets.confirm import confirmed
from dashboard.state import app_state
from fer_core.access.audit import Deed
from fer_core.access.passwords import SHORTEST
from fer_core.access.permissions import Role
from fer_core.storage.accounts import ChangeUser, EndLogin, EndLogins, RemoveUser, User
from fer_core.storage.commands import Command
from fer_core.text import ago, count

ROLES: Final[dict[Role, str]] = {
    Role.VIEWER: "Viewer: sees sessions and studies",
    Role.ANALYST: "Analyst: uploads, edits and exports too",
    Role.ADMIN: "Admin: people and settings too, and deletes for good",
}


def show() -> None:
    heading("People", "Who may log in, with which role, and who saw, exported or deleted what?")
    views = {"Accounts": _accounts, "Limits": _limits, "Log": _log}
    view = st.segmented_control(
        "View", list(views), default="Accounts", key="view", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    views[view]()


def _accounts() -> None:
    found = data.people(app_state().store)
    if not found:
        st.info(
            "No accounts yet: anyone with the start token can see and change everything. Once "
            "there is an account, everyone has to log in, including you. Make the "
            "first one an admin's.",
            icon=":material/key:",
        )
    for person in found:
        _row(person)
    _add(first=not found)


def _row(person: data.Person) -> None:
    user = person.user
    with st.container(key=f"row-{user.user_id}"):
        left, right = st.columns([4, 1], vertical_alignment="center")
        with left:
            st.markdown(f"**{escape_markdown(user.name)}**")
            facts = [user.role.value, "provider" if user.provider else "", person.state]
            facts.append(count(len(person.logins), "browser") if person.logins else "logged out")
            st.caption(" · ".join(fact for fact in facts if fact))
        popover = right.popover("Change", key=f"change-{user.user_id}", width="stretch")
        with popover, st.container(width=340):
            _change(person)


def _change(person: data.Person) -> None:
    user = person.user
    role = st.selectbox(
        "Role", list(ROLES), index=list(ROLES).index(user.role), format_func=lambda one: ROLES[one],
        key=f"role-{user.user_id}",
    )  # fmt: skip
    if role is not user.role and st.button("Save the role", key=f"save-{user.user_id}"):
        _give(ChangeUser(user_id=user.user_id, role=role), f"{user.name} is {role} now.")
    if not user.provider:
        _password(user)
    for login in person.logins:
        st.caption(f"{login.browser or 'A browser'}, since {ago(login.began)}")
        if st.button("End this login", key=f"end-{login.login_id}", width="stretch"):
            _give(EndLogin(login_id=login.login_id), "Logged out.")
    if len(person.logins) > 1 and st.button("End all logins", key=f"all-{user.user_id}"):
        _give(EndLogins(user_id=user.user_id), f"{user.name} is logged out everywhere.")
    if user.user_id == current().user_id:
        return
    off = user.disabled is None
    label = "Block" if off else "Unblock"
    if st.button(label, key=f"off-{user.user_id}", width="stretch"):
        _give(ChangeUser(user_id=user.user_id, disabled=off), f"{user.name} is {label.lower()}ed.")
    if st.button("Remove", key=f"remove-{user.user_id}", type="tertiary"):
        _confirm_remove(user)


def _password(user: User) -> None:
    with st.form(f"password-{user.user_id}", border=False):
        text = st.text_input(f"New password, {SHORTEST} characters or more", type="password")
        if st.form_submit_button("Set the password"):
            with show_errors():
                data.set_password(app_state().store, user, text)
                notice(f"{user.name} has a new password and is logged out.")
                st.rerun()


@st.dialog("Remove this account?")
def _confirm_remove(user: User) -> None:
    what = (
        f"**{escape_markdown(user.name)}** can no longer log in. What they did stays in the log, "
        "under the account's id."
    )
    if confirmed(what, yes="Remove account"):
        _give(RemoveUser(user_id=user.user_id), f"{user.name} is removed.")


def _give(command: Command[Any], told: str) -> None:
    with show_errors():
        app_state().store.run(command)
        notice(told)
        st.rerun()


def _add(*, first: bool) -> None:
    with st.expander("Add an account", expanded=first), st.form("add", clear_on_submit=False):
        name = st.text_input("Name or address", max_chars=200)
        roles = [Role.ADMIN] if first else list(ROLES)
        role = st.selectbox("Role", roles, format_func=lambda one: ROLES[one])
        text = st.text_input(f"Password, {SHORTEST} characters or more", type="password")
        if st.form_submit_button("Add", type="primary"):
            with show_errors():
                data.add(app_state().store, name, role, text)
                notice(f"{name} may log in.")
                st.rerun()


def _limits() -> None:
    state = app_state()
    now = data.quotas(state.store)
    with st.form("quotas", border=False):
        columns = st.columns(3)
        file, person, total = (
            column.number_input(
                f"{label}, GB", 0.1, 1e6, value, format="%.1f", key=f"quota-{label}"
            )
            for column, label, value in zip(
                columns,
                ("One file", "One person's uploads", "All uploads"),
                (now.file, now.person, now.total),
            )
        )
        if st.form_submit_button("Save", type="primary"):
            with show_errors():
                data.set_quotas(state.store, data.Quotas(file, person, total))
                notice("Saved.")
                st.rerun()
    for name, size in data.taken(upload_service(state), state.store).items():
        st.caption(f"{escape_markdown(name)}: {size:.1f} of {now.person:.0f} GB")


def _log() -> None:
    state = app_state()
    names = {one.user.user_id: one.user.name for one in data.people(state.store)}
    left, right = st.columns(2)
    who = left.selectbox(
        "Who", ["", *names], format_func=lambda one: names.get(one, "Everybody"), key="log-who"
    )
    deeds = ["", *(one.value for one in Deed)]
    deed = right.selectbox(
        "What", deeds, format_func=lambda one: one.capitalize() or "Everything", key="log-deed"
    )
    found = data.log_table(state.store, state.audit, who=who, deed=deed)
    if found.empty:
        st.info("The log has no such entries.", icon=":material/history:")
    else:
        st.dataframe(found, hide_index=True, width="stretch")
    with st.form("keep", border=False):
        days = st.number_input(
            "Days that entries are kept", 1, 3650, data.keep_days(state.store), key="keep-days"
        )
        if st.form_submit_button("Save"):
            with show_errors():
                data.set_keep_days(state.store, state.audit, int(days))
                notice("Saved.")
                st.rerun()
