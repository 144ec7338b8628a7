"""Tokens for programs: made once, kept as digests in a file of the home, each with its scopes.

A backup does not hold the file, so a token that was revoked does not come back with an old store.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from fer_core.access.permissions import Identity, Role
from fer_core.errors import SettingsError
from fer_core.files import read_json, sha256_of, write_json
from fer_core.home import Home

#: How every token begins, so that one that leaked is recognised.
PREFIX: Final = "rapt_"
MOST: Final = 100


class Scope(StrEnum):
    """What a token is for."""

    READ = "read"  # studies, sessions, curves, comparisons, jobs
    SECONDS = "seconds"  # single viewers' seconds
    LIVE = "live"  # values of sessions that run
    ANALYZE = "analyze"  # upload recordings and start analyses


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as it is kept. Times are UTC in ISO format."""

    token_id: str
    name: str
    scopes: tuple[Scope, ...]
    digest: str
    created: str
    expires: str | None = None

    @property
    def expired(self) -> bool:
        return self.expires is not None and datetime.fromisoformat(self.expires) < datetime.now(UTC)

    @property
    def identity(self) -> Identity:
        """Who a program is for the store: it sees no study that is limited to people."""
        role = Role.ANALYST if Scope.ANALYZE in self.scopes else Role.VIEWER
        return Identity(f"token-{self.token_id}", self.name, role)


class ApiTokens:
    """The tokens of a home, read again whenever the file changes."""

    def __init__(self, home: Home) -> None:
        self._file = home.api_tokens
        self._stamp: tuple[int, int] | None = None
        self._known: tuple[ApiToken, ...] = ()

    def list(self) -> tuple[ApiToken, ...]:
        """All of them, the oldest first. SettingsError where the file is damaged."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            self._stamp, self._known = None, ()
            return ()
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp != self._stamp:
            try:
                rows = read_json(self._file) or []
                self._known = tuple(map(_from_row, rows))
            except (ValueError, TypeError, KeyError) as error:
                raise SettingsError(
                    f"{self._file.name} is damaged.", "Remove it, then make tokens anew."
                ) from error
            self._stamp = stamp
        return self._known

    @property
    def any(self) -> bool:
        """Whether programs are let in at all."""
        return any(not one.expired for one in self.list())

    def find(self, secret: str) -> ApiToken | None:
        """Whose secret this is; None for nobody's, and for one that has expired."""
        digest = sha256_of(secret.encode("utf-8", "replace"))
        for one in self.list():
            if hmac.compare_digest(one.digest, digest):
                return None if one.expired else one
        return None

    def add(
        self, name: str, scopes: Sequence[str], *, days: int | None = None
    ) -> tuple[ApiToken, str]:
        """A new token and its secret, which is told this once."""
        called = " ".join(name.split())[:100]
        there = self.list()
        if not called or any(one.name.casefold() == called.casefold() for one in there):
            raise SettingsError(f"The name {name!r} is empty or taken.", "Choose another.")
        if len(there) >= MOST:
            raise SettingsError(f"There are {MOST} tokens.", "Revoke those that nobody uses.")
        try:
            chosen = tuple(dict.fromkeys(map(Scope, scopes)))
        except ValueError:
            raise SettingsError(
                f"There is no scope {', '.join(scopes)!r}.", f"Choose of {', '.join(Scope)}."
            ) from None
        if not chosen:
            raise SettingsError("A token needs a scope.", f"Choose of {', '.join(Scope)}.")
        now = datetime.now(UTC)
        ends = None if days is None else (now + timedelta(days=days)).isoformat(timespec="seconds")
        secret = PREFIX + secrets.token_urlsafe(32)
        made = ApiToken(
            secrets.token_hex(4), called, chosen, sha256_of(secret.encode()),
            now.isoformat(timespec="seconds"), ends,
        )  # fmt: skip
        self._write((*there, made))
        return made, secret

    def revoke(self, called: str) -> ApiToken:
        """End a token at once, by its id or name."""
        for one in self.list():
            if called in (one.token_id, one.name):
                self._write(tuple(other for other in self.list() if other != one))
                return one
        raise SettingsError(f"There is no token {called!r}.", "`rapt tokens list` names them.")

    def _write(self, tokens: tuple[ApiToken, ...]) -> None:
        self._stamp = None
        write_json(self._file, [asdict(one) for one in tokens])
        self._file.chmod(0o600)


def _from_row(row: dict[str, Any]) -> ApiToken:
    """A token as the file has it. ValueError, TypeError or KeyError where it is damaged."""
    found = ApiToken(**{**row, "scopes": tuple(map(Scope, row["scopes"]))})
    if not (isinstance(found.name, str) and isinstance(found.expired, bool)):
        raise TypeError(found.name)
    if not (isinstance(found.digest, str) and found.digest.isascii()):
        raise ValueError(found.digest)
    return found
