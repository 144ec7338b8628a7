"""Who may do what: roles, the actions that each may take, and the one function that decides.

A route, a page and a command to the store each name one action; ``allowed`` answers for all of
them. Which studies a person does not see stands in their ``Identity``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fer_core.errors import RaptError


class Role(StrEnum):
    """What an account is for."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"


class Action(StrEnum):
    """What can be done to something that Rapt keeps."""

    OPEN = "open"  # whoever reaches the server: whether it runs, the page to log in
    ANSWER = "answer"  # whoever holds a link for outside, which the route itself checks
    READ = "read"
    EDIT = "edit"  # upload, analyse, rename, train, label
    EXPORT = "export"
    DELETE = "delete"  # for good
    MANAGE = "manage"  # accounts and settings


MAY: Final = {
    Role.VIEWER: frozenset({Action.READ}),
    Role.ANALYST: frozenset({Action.READ, Action.EDIT, Action.EXPORT}),
    Role.ADMIN: frozenset(Action),
}
#: What a refusal calls each action.
_SAID: Final = {
    Action.READ: "see this",
    Action.EDIT: "change anything",
    Action.EXPORT: "export data",
    Action.DELETE: "delete for good",
    Action.MANAGE: "manage accounts and settings",
}


class NotAllowed(RaptError):
    """Somebody asked for what their role or a study's limits do not let them do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, as far as the server knows."""

    user_id: str
    name: str
    role: Role
    login_id: str = ""
    hidden: frozenset[str] = frozenset()  # ids of studies that are limited to other people

    @property
    def has_account(self) -> bool:
        """Whether this is a person with an account of this home."""
        return self.login_id != ""

    @property
    def account(self) -> str:
        """The account's id; "" for whoever has none."""
        return self.user_id if self.has_account else ""

    def limited(self, limits: dict[str, frozenset[str]]) -> Identity:
        """The same person, with the studies hidden that are limited to others.

        ``limits`` maps a limited study's id to the ids of its people. Admins see all.
        """
        if self.role is Role.ADMIN:
            return self
        hidden = {study for study, people in limits.items() if self.user_id not in people}
        return replace(self, hidden=frozenset(hidden))


#: Whoever has shown the start token: the person who started Rapt on this machine.
LOCAL: Final = Identity("local", "This machine", Role.ADMIN)
#: Whoever reaches a server that was started with --insecure-open.
ANYONE: Final = Identity("anyone", "Anyone", Role.ADMIN)
#: The program itself: jobs, services, a respondent's visit.
SYSTEM: Final = Identity("system", "Rapt", Role.ADMIN)
#: Whoever runs `rapt` in a terminal.
TERMINAL: Final = Identity("terminal", "The command line", Role.ADMIN)


def allowed(who: Identity | None, action: Action, study_id: str | None = None) -> bool:
    """Whether ``who`` may do ``action``, on a study or on what belongs to it if one is named."""
    if action in (Action.OPEN, Action.ANSWER):
        return True
    return who is not None and action in MAY[who.role] and study_id not in who.hidden


def require(who: Identity | None, action: Action, study_id: str | None = None) -> None:
    """NotAllowed, in words for the person, where ``allowed`` says no."""
    if allowed(who, action, study_id):
        return
    if who is None:
        raise NotAllowed("You are not logged in.", "Log in, then try again.")
    if action in MAY[who.role]:
        raise NotAllowed("This study is limited to other people.", "Ask an admin for it.")
    raise NotAllowed(
        f"The role {who.role} may not {_SAID[action]}.", "Ask an admin for another role."
    )
