"""The connection page: what this browser can do with this server, and the servers in between."""

from __future__ import annotations

import streamlit as st

from dashboard.camera.connection import network
from dashboard.camera.connection.network import Network
from dashboard.camera.connection.routes import TOKEN
from dashboard.shared.page import heading, notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.component import component
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.storage import Store


def show() -> None:
    heading(
        "Connection",
        "Does a camera reach this server? "
        "What the live page and respondents need, tried from this browser.",
    )
    state = app_state()
    servers = network.for_browser(network.ice_servers(state.store))
    # It begins at once with what needs no permission.
    component(__file__, "connection")(
        key="connection",
        data={"url": "/connection-check", "token": state.guard.sign(TOKEN), **servers},
    )
    if may(Action.MANAGE):  # they hold a secret
        _servers(state.store)


def _servers(store: Store) -> None:
    known = network.load(store)
    st.subheader("Servers in between", anchor=False)
    st.caption(
        "Empty by default: nobody on the internet is asked for anything. People in other networks "
        "usually need a TURN server, best one of your own; docs/networking.md says how."
    )
    with st.form("network", border=False):
        left, right = st.columns(2)
        stun = left.text_input(
            "STUN", value=known.stun_url, placeholder="stun:turn.example.org:3478"
        )
        turn = right.text_input(
            "TURN", value=known.turn_url, placeholder="turn:turn.example.org:3478"
        )
        one, two, three = st.columns(3)
        user = one.text_input("TURN user", value=known.turn_user)
        credential = two.text_input(
            "TURN credential", value=known.turn_credential, type="password",
            help="Every browser that connects is given it.",
        )  # fmt: skip
        secret = three.text_input(
            "or shared secret", value=known.turn_secret, type="password",
            help="As in coturn's use-auth-secret: each browser gets a login that ends after six "
            "hours.",
        )  # fmt: skip
        public = st.text_input(
            "Address that respondents' links begin with",
            value=known.public_url,
            placeholder="https://study.example.org",
            help="Where a proxy serves the port of --respondents. Empty: found from this page.",
        )
        if st.form_submit_button("Save", type="primary"):
            with show_errors():
                network.save(store, Network(stun, turn, user, credential, secret, public))
                notice("Saved. The check above uses it.")
                st.rerun()
