"""The server: Streamlit's app plus the routes for uploads and recordings.

``streamlit run dashboard/server.py``, or ``rapt serve``.
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial

import streamlit as st
from anyio import to_thread
from starlette.middleware import Middleware
from streamlit import net_util
from streamlit.starlette import App

from dashboard.admin.api.routes import api_routes
from dashboard.audience.analyze import data as analyze
from dashboard.audience.replay.routes import media_routes
from dashboard.audience.setup import data as setup
from dashboard.audience.study.ahead import OpensAhead
from dashboard.camera.connection.network import IceServer
from dashboard.camera.course.routes import preview_routes
from dashboard.camera.live.data import live_service
from dashboard.camera.live.routes import live_routes
from dashboard.camera.live.run import Run
from dashboard.camera.respondents.server import RespondentServer
from dashboard.camera.sharing.routes import share_routes
from dashboard.lab.data import data as data_sets
from dashboard.lab.label.routes import label_routes
from dashboard.shared.web import clicks, json_log, websockets
from dashboard.shared.web.access import identity, visitor
from dashboard.shared.web.access.doorkeeper import Doorkeeper, doorkeeper
from dashboard.shared.web.access.entrance import Entrance, Entry
from dashboard.shared.web.access.login import LoginPages, login_routes
from dashboard.shared.web.access.oidc import Provider, ProviderLogin
from dashboard.shared.web.health import health_routes
from dashboard.shared.web.parent import follow_parent
from dashboard.shared.web.upload.routes import upload_routes
from dashboard.shared.web.upload.uploads import upload_service
from dashboard.state import AppState, app_state, close_app_state
from fer_core.errors import RaptError
from fer_core.home import PRIVATE, Home
from fer_core.keeping import log_lines
from fer_core.webhooks.watching import Webhooks

log = logging.getLogger("dashboard.server")  # Streamlit runs this file under another name
#: After the start; by then the server answers.
SOON_S = 1.0
respondents = RespondentServer(share_routes(app_state))
websockets.mend()
clicks.mend()
if log_lines.wanted():
    json_log.take_over()


def load_soon() -> None:
    """What pages and cameras need soon, and a start need not wait for."""
    for name in ("scipy.special", "scipy.optimize", "dashboard.camera.connection.peer"):
        importlib.import_module(name)


@asynccontextmanager
async def lifespan(_app: App) -> AsyncIterator[dict[str, object] | None]:
    """Open the store before the first visitor comes; queued work starts once the server answers."""
    os.umask(PRIVATE)
    follow_parent()
    if log_lines.wanted():
        json_log.take_over()  # again: the web server has made loggers of its own meanwhile
    try:
        state = await to_thread.run_sync(partial(app_state, jobs_at_once=False))
        await to_thread.run_sync(open_services, state)
        state.served = True
        log.info("The server is ready.")
    except RaptError as error:
        # The page says the same, and tries again at each visit.
        log.error("%s", error)
    respondents.open_listener()
    soon = threading.Timer(SOON_S, load_soon)
    soon.daemon = True
    soon.start()
    try:
        yield None
    finally:
        soon.cancel()
        log.info("The server is closing.")
        await to_thread.run_sync(respondents.close)
        await to_thread.run_sync(close_app_state)


def open_services(state: AppState) -> None:
    """What should not wait for the first visitor: uploads and live sessions left behind."""
    uploads = upload_service(state)
    uploads.receive("", analyze.take_in)
    uploads.receive(setup.FOR_FILM, setup.take_film)
    uploads.receive(data_sets.FOR_DATA, data_sets.take_in)
    uploads.sweep()
    live_service(state)
    state.service(tell_webhooks)


def tell_webhooks(state: AppState) -> Webhooks:
    """What tells other programs that something is done here, where an address is named."""
    return Webhooks(state.whole_store)


def connect(run: Run, sdp: str, servers: Sequence[IceServer]) -> str:
    """Answer a camera; WebRTC is loaded with the first one, when Streamlit runs."""
    from dashboard.camera.live import webrtc

    return webrtc.connect(run, sdp, servers)


def say_so(error: Exception) -> bool:
    """A mistake of ours, in words; Streamlit's own box offers to send it to others."""
    log.exception("A page failed.", exc_info=error)
    if isinstance(error, RaptError):
        st.error(f"{error.message} {error.hint}".strip())
    else:
        st.error(
            f"This part of the page could not be drawn ({type(error).__name__}). Reload the page; "
            "if it happens again, the server's log says where."
        )
    return True


# Streamlit asks a server on the internet for its outer address, to print it and to compare it with
# a page's origin. We do neither, and promise that nothing is asked (decision 173).
net_util.get_external_ip = lambda: None


def keeper() -> Doorkeeper:
    """Who knows the accounts of this home."""
    return doorkeeper(app_state())


@cache
def entry() -> Entry:
    """Who is let in, as this process's environment says."""
    return Entry.from_environment(Home.find(), keeper)


@cache
def provider() -> Provider | None:
    """Who vouches for people, where ``oidc.toml`` names somebody."""
    return Provider.of_home(Home.find())


def provider_button() -> tuple[str, str] | None:
    found = provider()
    return found.button() if found is not None else None


identity.ask_scripts(visitor.of_script)
login_pages = LoginPages(keeper, lambda host: host in entry().proxied, provider_button)
app = App(
    "app.py",
    secrets=(found.secrets(Home.find()) if (found := provider()) is not None else None),
    middleware=[
        Middleware(Entrance, entry=entry),
        Middleware(visitor.OwnMedia),
        Middleware(OpensAhead, state=app_state),
        Middleware(ProviderLogin, provider=provider, keeper=keeper, pages=lambda: login_pages),
    ],
    routes=[
        *login_routes(login_pages),
        *health_routes(app_state),
        *upload_routes(app_state),
        *media_routes(app_state),
        *label_routes(app_state),
        *api_routes(app_state),
        *live_routes(app_state, connect),
        *respondents.routes,
        *preview_routes(app_state),
        *respondents.inside,
    ],
    lifespan=lifespan,
    on_script_error=say_so,
)
