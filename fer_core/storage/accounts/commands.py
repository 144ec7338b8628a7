"""Commands that change accounts. Passwords come as hashes; their text never reaches the store."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fer_core.access.permissions import Role
from fer_core.errors import StoreError
from fer_core.storage.accounts.rows import Login, User
from fer_core.storage.commands import Change, command, given
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.removal import erasure
from fer_core.storage.studies import Study

#: Wrong passwords in a row that lock an account, and for how long.
MOST_FAILURES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
_LONGEST_NAME: Final = 200


@command
class AddUser:
    """Make an account; returns its id. The first one is an admin's."""

    name: str
    role: Role
    password: str | None = None  # its hash
    provider: bool = False

    def apply(self, change: Change) -> str:
        name = _name(self.name)
        if self.password is None and not self.provider:
            raise StoreError(
                "An account needs a password.", "Give one, or let a provider check who it is."
            )
        same = "SELECT count(*) FROM users WHERE lower(name) = lower(?)"
        if change.cursor.value(same, [name]):
            raise StoreError(f"There is already a user {name!r}.", "Choose another name.")
        if self.role is not Role.ADMIN and not change.cursor.value("SELECT count(*) FROM users"):
            raise StoreError(
                "The first account must be an admin's.", "Otherwise nobody could make others."
            )
        user_id = new_id("user")
        change.insert(
            "users", user_id=user_id, name=name, role=self.role, password=self.password,
            provider=self.provider, created=now(),
        )  # fmt: skip
        return user_id


@command
class ChangeUser:
    """Change what is given. It ends the person's logins: what they held open is as it was."""

    user_id: str
    role: Role | None = None
    password: str | None = None  # its hash
    disabled: bool | None = None

    def apply(self, change: Change) -> None:
        columns = given(role=self.role, password=self.password)
        if self.disabled is not None:
            columns["disabled"] = now() if self.disabled else None
        if self.password is not None or self.disabled is False:
            columns |= {"failures": 0, "locked_until": None}
        change.update(User, self.user_id, **columns)
        _must_keep_an_admin(change)
        change.cursor.execute("DELETE FROM logins WHERE user_id = ?", [self.user_id])


@command
class RemoveUser:
    """Remove an account and its logins. Studies that were limited to it stay limited."""

    user_id: str

    def apply(self, change: Change) -> None:
        change.get(User, self.user_id)
        erasure.ask(change.home)
        change.cursor.execute("DELETE FROM logins WHERE user_id = ?", [self.user_id])
        change.delete(User, self.user_id)
        _must_keep_an_admin(change)


@command
class BeginLogin:
    """Somebody has proved who they are; returns the login's id."""

    user_id: str
    digest: str  # of the secret in the browser's cookie
    lasts_s: int
    browser: str = ""

    def apply(self, change: Change) -> str:
        change.update(User, self.user_id, failures=0, locked_until=None)
        change.cursor.execute("DELETE FROM logins WHERE expires < ?", [now()])
        login_id = new_id("login")
        change.insert(
            "logins", login_id=login_id, user_id=self.user_id, digest=self.digest,
            browser=self.browser, began=now(), expires=now() + timedelta(seconds=self.lasts_s),
        )  # fmt: skip
        return login_id


@command
class EndLogin:
    """Log a browser out."""

    login_id: str

    def apply(self, change: Change) -> None:
        change.delete(Login, self.login_id)


@command
class EndLogins:
    """Log a person out of every browser."""

    user_id: str

    def apply(self, change: Change) -> None:
        change.cursor.execute("DELETE FROM logins WHERE user_id = ?", [self.user_id])


@command
class NoteFailure:
    """A wrong password came; too many in a row lock the account for a while."""

    user_id: str

    def apply(self, change: Change) -> None:
        failures = change.get(User, self.user_id).failures + 1
        until = now() + LOCKED_FOR if failures >= MOST_FAILURES else None
        change.update(User, self.user_id, failures=failures % MOST_FAILURES, locked_until=until)


@command
class LimitStudy:
    """Limit a study to people; with nobody named, all who have an account see it."""

    study_id: str
    user_ids: tuple[str, ...]

    def apply(self, change: Change) -> None:
        change.get(Study, self.study_id)
        change.cursor.execute("DELETE FROM study_people WHERE study_id = ?", [self.study_id])
        for user_id in dict.fromkeys(self.user_ids):
            change.get(User, user_id)
            change.insert("study_people", study_id=self.study_id, user_id=user_id)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise StoreError(
            f"{text!r} is no name for an account.", "Use letters, digits, points or an address."
        )
    return name


def _must_keep_an_admin(change: Change) -> None:
    """StoreError where people could log in and none of them manage accounts."""
    admins = change.cursor.value(
        "SELECT count(*) FROM users WHERE role = 'admin' AND disabled IS NULL"
    )
    if not admins and change.cursor.value("SELECT count(*) FROM users"):
        raise StoreError("Nobody would be left who manages accounts.", "Make another admin first.")
