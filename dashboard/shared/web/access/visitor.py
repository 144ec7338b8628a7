"""Whose script a thread runs: the browser behind Streamlit's session."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard import state as server
from dashboard.shared.web.access import identity
from dashboard.shared.web.access.doorkeeper import doorkeeper
from fer_core.access.permissions import LOCAL, Identity, NotAllowed

MEDIA: Final = "/media/"
_REMEMBERED: Final = 1000
#: A script may go on for a moment after its browser has left.
_cookies: OrderedDict[str, Mapping[str, str]] = OrderedDict()


def of_script() -> Identity | None:
    """Who looks at the page whose script runs in this thread; None in any other thread.

    NotAllowed where nobody is logged in there any more.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return None
    if not runtime.exists():  # a page without a server
        return LOCAL
    state = server.app_state()
    keeper = doorkeeper(state)
    if not state.served:  # Streamlit alone, without our entrance and its page to log in
        if keeper.asks_to_log_in:
            raise NotAllowed("This home has accounts.", "Serve it with `rapt serve`.")
        return LOCAL
    who = of_session(context.session_id)
    if who is None:
        raise NotAllowed("You are not logged in.", "Reload the page to log in.")
    return who


def of_session(session_id: str) -> Identity | None:
    """Who looks at the page of one of Streamlit's sessions; None where nobody is logged in."""
    client = runtime.get_instance().get_client(session_id)
    if client is not None and client.client_context is not None:
        _cookies[session_id] = client.client_context.cookies
        while len(_cookies) > _REMEMBERED:
            _cookies.popitem(last=False)
    return doorkeeper(server.app_state()).identify(_cookies.get(session_id, {}))


def may_have(who: Identity, file_id: str) -> bool:
    """Whether a file that Streamlit holds for pages is on a page of this person.

    Streamlit gives a thumbnail or a finished download to whoever knows its address. The private
    name below is read here alone; a test holds it against the installed Streamlit.
    """
    held = runtime.get_instance().media_file_mgr._files_by_session_and_coord
    for session_id, files in list(held.items()):
        if file_id in list(files.values()):
            owner = of_session(session_id)
            if owner is not None and owner.user_id == who.user_id:
                return True
    return False


class OwnMedia:
    """ASGI middleware behind the entrance: ``/media/`` gives people what their own pages hold."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = identity.current() if scope["type"] == "http" else None
        if who is not None and who.has_account and scope["path"].startswith(MEDIA):
            file_id = scope["path"].removeprefix(MEDIA).partition(".")[0]
            if not may_have(who, file_id):
                await Response(status_code=404)(scope, receive, send)
                return
        await self.app(scope, receive, send)
