"""Who gets what: every route, port, page and command × everybody, by asking the real checks.

``python -m tests.dashboard.access.matrix`` writes docs/access.md; a test holds it fresh.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from unittest.mock import MagicMock

import pyarrow as pa
from starlette.routing import BaseRoute, Mount, WebSocketRoute
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes

import dashboard.server
from dashboard.audience.replay.routes import media_routes
from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.respondents.address import Address
from dashboard.camera.respondents.listener import RespondentListener
from dashboard.navigation import PAGES
from dashboard.shared.web.access.identity import acting
from fer_core.access.audit import AuditLog
from fer_core.access.permissions import NotAllowed, allowed
from fer_core.storage.accounts.guarded import GuardedStore
from fer_core.storage.codec import field_types
from fer_core.storage.commands import command_names, find_command
from fer_core.storage.reading import Query
from tests.dashboard.access.world import (
    LOCAL_USER,
    PEOPLE,
    TOKEN,
    World,
    echoes,
    made,
)
from tests.dashboard.asgi import HOST, ask, knock

PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "access.md"
YES, NO, GONE, LOGIN = "yes", "–", "404", "log in"
OURS: Final = f"http://{HOST}"
_PARAMETER = re.compile(r"\{[^}]*\}")

Cells = dict[str, str]


def routes() -> list[tuple[str, str]]:
    """Method and path of everything that the dashboard's port answers, from its own routes."""
    theirs = create_streamlit_routes(MagicMock())
    return _requests([*theirs, *dashboard.server.app._user_routes])


def _requests(found: Iterable[BaseRoute]) -> list[tuple[str, str]]:
    there: list[tuple[str, str]] = []
    for one in found:
        if isinstance(one, WebSocketRoute):
            there.append(("WS", one.path))
        elif isinstance(one, Mount):
            there.append(("GET", f"{one.path}/{{rest:path}}"))
        else:
            kept: Any = one
            there += [(method, kept.path) for method in sorted(kept.methods) if method != "HEAD"]
    return list(dict.fromkeys(there))


def plain(path: str) -> str:
    """A path without the names of its parameters."""
    return _PARAMETER.sub("{}", path)


def _example_path(path: str, value: str) -> str:
    return _PARAMETER.sub(lambda one: "0" if one[0].endswith(":int}") else value, path)


def of_route(world: World, method: str, path: str) -> Cells:
    """What everybody gets who asks for a route, by the real entrance."""
    example = _example_path(path, "x")
    cells: Cells = {}
    for person in PEOPLE:
        app = world.entrance(echoes([(method, path)]), accounts=person not in (TOKEN, LOCAL_USER))
        sent = {"cookie": world.cookie(person), "origin": OURS}
        if method == "WS":
            cells[person] = YES if knock(app, example, **sent) == "accept" else NO
            continue
        answer = ask(app, example, method, **sent)
        if answer.body.startswith(b"inside"):
            cells[person] = YES
        else:
            cells[person] = {303: LOGIN, 401: LOGIN, 404: GONE}.get(answer.status, NO)
    return cells


def of_film(world: World, path: str) -> Cells:
    """A limited study's film, recording or rows, with a link that is right for its asker."""
    which = world.stimulus if "stimulus" in path else world.session
    what = "stimulus" if "stimulus" in path else "clip"
    cells: Cells = {}
    for person in PEOPLE:
        who = world.identity(person)
        if who is None or person == TOKEN:
            cells[person] = NO if who is None else YES
            continue
        with acting(who):
            key = world.state.guard.sign(f"{what}:{which}")
        app = world.entrance(media_routes(lambda: world.state))
        asked = f"{_example_path(path, which)}?k={key}&from=0&to=1000"
        answer = ask(app, asked, cookie=world.cookie(person))
        cells[person] = YES if answer.status == 200 else NO
    return cells


def of_page(world: World, name: str) -> Cells:
    """Who may open a page; one that shows a study's numbers, for the limited study."""
    page = PAGES[name]
    cells: Cells = {}
    for person in PEOPLE:
        who = world.identity(person)
        if not allowed(who, page.action):
            cells[person] = LOGIN if who is None and person != LOCAL_USER else NO
        elif page.shows and person != TOKEN and who is not None:
            with acting(who):
                store = world.state.store
            there = (
                store.sessions.exists(world.session)
                if name in ("session", "photograph", "replay")
                else world.study in {one.study_id for one in store.studies.list()}
            )
            cells[person] = YES if there else NO
        else:
            cells[person] = YES
    return cells


class Recorder:
    """A store that carries nothing out and holds nothing."""

    def __init__(self, world: World) -> None:
        self.home, self.pid = world.state.home, 0
        self.columns = world.state.whole_store.columns

    def select(self, query: Query) -> pa.Table:
        return pa.table({"n": [0], "name": ["x"]})

    def kept(self, query: Query, kind: type[Any]) -> tuple[Any, ...]:
        return ()

    def run(self, command: Any, *, timeout_s: float = 30.0) -> None:
        return None


def of_command(world: World, name: str) -> Cells:
    """Who may give a command from a page, by the store's own check."""
    kind = find_command(name)
    example = kind(**{field: _example(hint) for field, hint in field_types(kind).items()})
    cells: Cells = {}
    for person in PEOPLE:
        who = world.identity(person)
        if who is None:
            cells[person] = NO
            continue
        recorder: Any = Recorder(world)
        try:
            GuardedStore(recorder, who, AuditLog(world.plain.home)).run(example)
            cells[person] = YES
        except NotAllowed:
            cells[person] = NO
    return cells


def _example(hint: Any) -> Any:
    """Some value; what a command would do with it is not asked here."""
    return {str: "", int: 1, float: 1.0, bool: True}.get(hint)


def of_second_port(asked: str) -> Cells:
    """The port of ``--respondents``: what it answers to whoever asks, with or without a login."""
    loop = MediaLoop()
    try:
        listener = RespondentListener(
            Address("127.0.0.1", 1), dashboard.server.respondents.routes, loop
        )
        answer = ask(listener._server.config.app, asked, host="elsewhere.example")
    finally:
        loop.close()
    nothing = answer.status == 404 and answer.body == b"There is nothing here."
    return dict.fromkeys(PEOPLE, GONE if nothing else YES)


def table(world: World) -> str:
    """All of it as Markdown."""
    parts = [_HEAD]
    there = routes()
    parts.append(_section("The dashboard's port", [
        (f"`{method} {path}`", of_route(world, method, path)) for method, path in there
    ]))  # fmt: skip
    parts.append(_section("Of the limited study, with a key that is right for whoever asks", [
        (f"`{path}`", of_film(world, path))
        for method, path in there if path.startswith(("/clip/", "/stimulus/"))
    ]))  # fmt: skip
    parts.append(_section("The respondents' port (`--respondents`)", [
        ("`/r/-/respondent.css`", of_second_port("/r/-/respondent.css")),
        *((f"`{path}`", of_second_port(path))
          for path in ("/", "/login", "/healthz", "/readyz", "/upload", "/clip/x",
                       "/_stcore/stream")),
    ]))  # fmt: skip
    parts.append(_section("Pages; those that show a study, of the limited one", [
        (one.title, of_page(world, name)) for name, one in PAGES.items()
    ]))  # fmt: skip
    parts.append(_section("Commands to the store that a page may give", [
        (f"`{name}`", of_command(world, name)) for name in command_names()
    ]))  # fmt: skip
    return "\n".join(parts)


_HEAD: Final = """# Who gets what

Made by asking: every route of the running application at its entrance, every page of the
navigation and every command to the store by the checks that they pass.
`python -m tests.dashboard.access.matrix` writes this page; `tests/dashboard/access/test_matrix.py`
fails where it is not fresh, and where something has no row.

*Limited* is a study that is limited to the viewer and the analyst. *Log in*: sent to the page to
log in, or told so. *404*: not there for anybody. A respondent has a link's key and no account; what
the key does stands in `tests/dashboard/camera/respondents`. `/auth/login` and `/oauth2callback` are
there only where a provider is named. The last column is a home without accounts.
"""


def _section(title: str, rows: list[tuple[str, Cells]]) -> str:
    lines = [f"## {title}", "", f"| | {' | '.join(PEOPLE)} |", f"| --- |{' --- |' * len(PEOPLE)}"]
    lines += [f"| {name} | {' | '.join(cells[one] for one in PEOPLE)} |" for name, cells in rows]
    return "\n".join([*lines, ""])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, made(Path(folder)) as world:
        PAGE.write_text(table(world), "utf-8")


if __name__ == "__main__":
    main()
