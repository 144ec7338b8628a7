"""Rows and queries of accounts: users, logins, and who a study is limited to."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fer_core.access.permissions import Role
from fer_core.errors import StoreError
from fer_core.storage.codec import Row, TableRow
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries


@dataclass(frozen=True, slots=True)
class User(TableRow):
    """A person who may log in."""

    TABLE: ClassVar[str] = "users"
    KEY: ClassVar[str] = "user_id"

    user_id: str
    name: str  # what is typed to log in, or the address that the provider vouches for
    role: Role
    password: str | None  # its hash; None where only the provider says who it is
    provider: bool  # logs in through the OpenID provider
    created: datetime
    disabled: datetime | None
    failures: int  # wrong passwords in a row
    locked_until: datetime | None

    @property
    def locked(self) -> bool:
        """Whether too many wrong passwords came, a short while ago."""
        return self.locked_until is not None and self.locked_until > now()


@dataclass(frozen=True, slots=True)
class Login(TableRow):
    """A browser that somebody has logged in with."""

    TABLE: ClassVar[str] = "logins"
    KEY: ClassVar[str] = "login_id"

    login_id: str
    user_id: str
    digest: str  # of what the browser's cookie holds
    browser: str
    began: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class StudyPerson(Row):
    """One of the people whom a study is limited to."""

    study_id: str
    user_id: str


class Accounts(Queries):
    """``store.accounts``."""

    def list(self) -> builtins.list[User]:
        """All users, by name."""
        return self._all(User, "SELECT * FROM users ORDER BY name")

    def get(self, user: str) -> User:
        """One user by id or name; StoreError where there is none."""
        for one in self.list():
            if user == one.user_id or user.strip().casefold() == one.name.casefold():
                return one
        raise StoreError(f"There is no user {user!r}.", "`rapt users list` shows who there is.")

    def logins(self) -> builtins.list[Login]:
        """Logins that hold now, newest first."""
        return self._all(
            Login, "SELECT * FROM logins WHERE expires > $now ORDER BY began DESC", now=now()
        )

    def limits(self) -> dict[str, frozenset[str]]:
        """The ids of the people of each study that is limited to some."""
        found: dict[str, set[str]] = {}
        for one in self._all(StudyPerson, "SELECT study_id, user_id FROM study_people"):
            found.setdefault(one.study_id, set()).add(one.user_id)
        return {study: frozenset(people) for study, people in found.items()}
