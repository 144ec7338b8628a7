"""Whose page a script draws, and whose files Streamlit gives out."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from streamlit import runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from dashboard.shared.web.access import visitor
from dashboard.shared.web.access.doorkeeper import doorkeeper
from fer_core.access.permissions import LOCAL, NotAllowed
from tests.dashboard.access.world import ADMIN, ANALYST, OTHER, VIEWER, World
from tests.dashboard.asgi import ask


class Browser:
    """A client of Streamlit's with the cookies of a person."""

    def __init__(self, cookie: str) -> None:
        self.client_context: Any = self
        self.cookies = {name: one.value for name, one in SimpleCookie(cookie).items()}


class Runtime:
    """What is asked of Streamlit's runtime; the manager of files is its own."""

    def __init__(self, clients: dict[str, Browser]) -> None:
        self.clients = clients
        self.media_file_mgr = MediaFileManager(MemoryMediaFileStorage("/media"))

    def get_client(self, session_id: str) -> Browser | None:
        return self.clients.get(session_id)


@pytest.fixture
def streamlit(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    made = Runtime({one: Browser(world.cookie(one)) for one in (VIEWER, ANALYST, OTHER)})
    monkeypatch.setattr("dashboard.state.app_state", lambda: world.state)
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: made)
    monkeypatch.setattr(world.state, "served", True)
    visitor._cookies.clear()
    yield made
    visitor._cookies.clear()


def looking(monkeypatch: pytest.MonkeyPatch, session_id: str) -> None:
    context = type("Context", (), {"session_id": session_id})
    monkeypatch.setattr(visitor, "get_script_run_ctx", lambda **_: context)


def test_a_script_runs_for_whoever_its_browser_is_logged_in_as(
    world: World, streamlit: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert visitor.of_script() is None, "no script in this thread"
    looking(monkeypatch, OTHER)
    who = visitor.of_script()
    assert who is not None
    assert (who.user_id, who.hidden) == (world.users[OTHER], frozenset({world.study}))
    del streamlit.clients[OTHER]
    assert visitor.of_script() == who, "it goes on for a moment after the browser has left"
    looking(monkeypatch, "nobody's")
    with pytest.raises(NotAllowed, match="not logged in"):
        visitor.of_script()


def test_streamlit_without_our_entrance_serves_no_home_with_accounts(
    world: World, streamlit: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking(monkeypatch, ADMIN)
    monkeypatch.setattr(world.state, "served", False)
    with pytest.raises(NotAllowed, match="has accounts"):
        visitor.of_script()
    monkeypatch.setattr("dashboard.state.app_state", lambda: world.plain)
    assert not doorkeeper(world.plain).asks_to_log_in
    assert visitor.of_script() is LOCAL


def test_a_picture_or_download_is_for_whose_page_it_is_on(
    world: World, streamlit: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = streamlit.media_file_mgr
    from streamlit.runtime import media_file_manager

    monkeypatch.setattr(media_file_manager, "_get_session_id", lambda: ANALYST)
    url = manager.add(b"rows of a study", "text/csv", "1.2", "rows.csv")

    async def give(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"given"})

    app = world.entrance([], middleware=None)
    app.app = visitor.OwnMedia(give)
    given = {one: ask(app, url, cookie=world.cookie(one)).status for one in (VIEWER, OTHER, ADMIN)}
    assert given == {VIEWER: 404, OTHER: 404, ADMIN: 404}
    assert ask(app, url, cookie=world.cookie(ANALYST)).body == b"given"
    assert ask(app, url).status == 303
    assert ask(app, "/static/x.js", cookie=world.cookie(OTHER)).body == b"given"
