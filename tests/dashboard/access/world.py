"""A home with accounts and a limited study, and everybody who may come to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from dashboard.shared.web.access.doorkeeper import Doorkeeper, doorkeeper
from dashboard.shared.web.access.entrance import Entrance, Entry
from dashboard.shared.web.access.identity import current
from dashboard.state import AppState
from fer_core.access.permissions import LOCAL, Identity, Role
from fer_core.access.start_token import Access, start_token
from fer_core.files import sha256_of
from fer_core.home import Home
from fer_core.storage.accounts import AddUser, BeginLogin, LimitStudy
from fer_core.storage.sessions import AssignSession
from fer_core.storage.studies import AddStimulus, AddStudy
from tests.dashboard.simulated import plant
from tests.films import portrait_film

#: Everybody in the columns of the table, in this order.
NOBODY: Final = "nobody"
LOCAL_USER: Final = "local user without the token"
RESPONDENT: Final = "respondent"
VIEWER: Final = "viewer"
OTHER: Final = "analyst of another study"
ANALYST: Final = "analyst"
ADMIN: Final = "admin"
TOKEN: Final = "start token, no accounts"
PEOPLE: Final = (NOBODY, LOCAL_USER, RESPONDENT, VIEWER, OTHER, ANALYST, ADMIN, TOKEN)
_ROLES: Final = {
    ADMIN: Role.ADMIN, VIEWER: Role.VIEWER, OTHER: Role.ANALYST, ANALYST: Role.ANALYST,
}  # fmt: skip


@dataclass
class World:
    """Two served homes: one with accounts and a study that is limited, one without."""

    state: AppState
    plain: AppState  # without accounts
    study: str  # limited to the viewer and the analyst
    stimulus: str
    session: str
    open_session: str  # of no study
    users: dict[str, str]
    secrets: dict[str, str]

    def keeper(self) -> Doorkeeper:
        return doorkeeper(self.state)

    def entrance(
        self, routes: list[BaseRoute], *, accounts: bool = True, middleware: Any = None
    ) -> Entrance:
        """The real entrance before these routes."""
        state = self.state if accounts else self.plain
        entry = Entry(
            Access(start_token(state.home)), frozenset({"127.0.0.1"}), frozenset(),
            lambda: doorkeeper(state),
        )  # fmt: skip
        return Entrance(Starlette(routes=routes, middleware=middleware), lambda: entry)

    def cookie(self, person: str) -> str:
        """What the browser of a person sends."""
        if person == TOKEN:
            access = Access(start_token(self.plain.home))
            return f"{access.cookie_name}={access.cookie()}"
        if person in self.secrets:
            return f"{self.keeper().cookie_name}={self.secrets[person]}"
        return ""

    def identity(self, person: str) -> Identity | None:
        if person == TOKEN:
            return LOCAL
        if person not in self.secrets:
            return None
        return self.keeper().identify({self.keeper().cookie_name: self.secrets[person]})


@contextmanager
def made(folder: Path) -> Iterator[World]:
    """The world in ``folder``, for as long as the context lasts."""
    home = Home(folder / "home")
    session = plant(home, "Of the limited study", seconds=8, viewers=1, study="Limited")
    open_session = plant(home, "Of no study", seconds=8, viewers=1)
    state, plain = AppState(home), AppState(Home(folder / "plain"))
    try:
        store = state.whole_store
        store.sync()
        study = str(store.sessions.get(session).study_id)
        film = home.uploads / "0123456789abcdef" / "film.mp4"
        film.parent.mkdir(parents=True)
        portrait_film(film, frames=10)
        stimulus = store.run(AddStimulus(title="Film", study_id=study, path=str(film)))
        with store.transaction() as cursor:
            cursor.execute("UPDATE sessions SET path = ?", [str(film)])
        store.run(AssignSession(session_id=session, stimulus=stimulus))
        store.run(AddStudy(name="Open"))
        users, secrets = {}, {}
        for person, role in _ROLES.items():
            users[person] = store.run(AddUser(name=person, role=role, password="not a hash"))
            secrets[person] = f"secret of {person}".replace(" ", "-")
            digest = sha256_of(secrets[person].encode())
            store.run(BeginLogin(user_id=users[person], digest=digest, lasts_s=3600))
        store.run(LimitStudy(study_id=study, user_ids=(users[VIEWER], users[ANALYST])))
        yield World(state, plain, study, stimulus, session, open_session, users, secrets)
    finally:
        state.close()
        plain.close()


def echoes(requests: list[tuple[str, str]]) -> list[BaseRoute]:
    """Routes that say only who asked, for methods and paths; ``WS`` is a websocket."""

    async def inside(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"inside as {current().name}")

    async def talk(link: WebSocket) -> None:
        await link.accept()
        await link.close()

    made: list[Any] = [
        WebSocketRoute(path, talk) if method == "WS" else Route(path, inside, methods=[method])
        for method, path in requests
    ]
    return made
