"""Who a browser belongs to: the start token's cookie, or a login to an account.

As soon as one account exists, or the server is reached from elsewhere, people log in and the start
token lets nobody in. What accounts and logins there are is read again whenever the store changes,
so a login that was ended ends at once.
"""

from __future__ import annotations

import hmac
import os
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Final

from dashboard.shared.web.access.identity import acting
from dashboard.state import AppState
from fer_core.access.audit import AuditLog, Deed
from fer_core.access.passwords import LONGEST, hash_password, verify_password
from fer_core.access.permissions import ANYONE, LOCAL, SYSTEM, Identity, Role
from fer_core.access.start_token import Access, start_token
from fer_core.errors import RaptError
from fer_core.files import sha256_of
from fer_core.storage import Store
from fer_core.storage.accounts import (
    BeginLogin,
    ChangeUser,
    EndLogin,
    Login,
    NoteFailure,
    User,
)
from fer_core.storage.migrations import now

OPEN_VARIABLE: Final = "RAPT_INSECURE_OPEN"
ACCOUNTS_VARIABLE: Final = "RAPT_ACCOUNTS"
#: A login ends after this time, and sooner where it is not used.
LASTS: Final = timedelta(days=7)
IDLE_S: Final = 12 * 3600.0
#: Wrong passwords that one address may send within a while.
MOST_TRIES: Final = 10
TRIES_WITHIN_S: Final = 600.0
_ADDRESSES: Final = 10_000
#: How old what is known of accounts may be where another process owns the store.
_KNOWN_S: Final = 2.0


class LoginRefused(RaptError):
    """A name and password that let nobody in."""


@dataclass(frozen=True, slots=True)
class _Known:
    """Accounts as the store had them a moment ago."""

    stamp: str | None = None
    at: float = -1e9
    users: Mapping[str, User] = field(default_factory=dict)
    logins: Mapping[str, Login] = field(default_factory=dict)  # by digest
    limits: dict[str, frozenset[str]] = field(default_factory=dict)


class Doorkeeper:
    """Asked by the entrance for each request, and by each run of a page's script."""

    def __init__(
        self,
        access: Access | None,
        store: Store | None = None,
        audit: AuditLog | None = None,
        *,
        required: bool = False,
    ) -> None:
        """``access`` None: everybody is let in. ``required``: not without an account."""
        self._access, self._store, self._audit = access, store, audit
        self._required = required
        self._known = _Known()
        self._used: dict[str, float] = {}
        self._tried: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def is_fresh(self) -> bool:
        """Whether what is known of accounts is what the store holds."""
        return self._store is None or not self._is_old(self._store.stamp)

    def refresh(self) -> None:
        """Read accounts and logins again where the store has changed."""
        self._look()

    @property
    def asks_to_log_in(self) -> bool:
        """Whether people come in by an account, and not by the start token."""
        return self._access is not None and (self._required or bool(self._look().users))

    @property
    def cookie_name(self) -> str:
        """The cookie of a login; another one for each home."""
        return f"{self._access.cookie_name}-login" if self._access else ""

    def identify(self, cookies: Mapping[str, str]) -> Identity | None:
        """Who holds these cookies; None for nobody."""
        if self._access is None:
            return ANYONE
        if self.asks_to_log_in:
            return self._of_login(cookies.get(self.cookie_name, ""))
        found = cookies.get(self._access.cookie_name)
        return LOCAL if found is not None and self._access.accepts(found) else None

    def log_in(self, name: str, password: str, address: str, browser: str = "") -> str:
        """The login's secret, for the browser's cookie. LoginRefused in words for the page."""
        self._count_try(address)
        user = self._named(name)
        fits = user is not None and not user.provider
        kept = user.password if user is not None and fits else None
        right = verify_password(kept, password[:LONGEST])
        if user is None or not right or user.disabled is not None or user.locked:
            self._note_failure(user, right)
            raise LoginRefused(
                "The name or the password is not right.",
                "After five wrong ones an account is locked for a quarter of an hour.",
            )
        self._forget_try(address)
        return self.begin(user, browser)

    def begin(self, user: User, browser: str = "") -> str:
        """A new login of somebody who has proved who they are; its secret."""
        secret = secrets.token_urlsafe(32)
        login_id = self._whole.run(
            BeginLogin(
                user_id=user.user_id, digest=_digest(secret), lasts_s=int(LASTS.total_seconds()),
                browser=browser[:200],
            )
        )  # fmt: skip
        self._write(Identity(user.user_id, user.name, user.role, login_id), Deed.LOGGED_IN)
        return secret

    def vouched(self, address: str) -> User | None:
        """The account of an address that the OpenID provider vouches for."""
        user = self._named(address)
        if user is not None and user.provider and user.disabled is None:
            return user
        self._write(Identity("nobody", "", Role.VIEWER), Deed.REFUSED)
        return None

    def log_out(self, who: Identity) -> None:
        self._whole.run(EndLogin(login_id=who.login_id))
        self._write(who, Deed.LOGGED_OUT)

    def change_password(self, who: Identity, old: str, new: str, address: str) -> None:
        """Give a person another password. Every login of theirs ends."""
        self._count_try(address)
        user = self._look().users.get(who.user_id)
        if user is None or not verify_password(user.password, old[:LONGEST]):
            self._note_failure(user, False)
            raise LoginRefused("The old password is not right.")
        self._forget_try(address)
        self._whole.run(ChangeUser(user_id=user.user_id, password=hash_password(new, user.name)))
        self._write(who, Deed.CHANGED)

    def has_password(self, who: Identity) -> bool:
        """Whether a person logs in with a password, and not by the provider."""
        user = self._look().users.get(who.user_id)
        return user is not None and not user.provider

    def form_key(self, what: str) -> str:
        """What a form carries so that it can only come from our own page."""
        if self._access is None:
            return ""
        return hmac.new(self._access.token.encode(), f"form:{what}".encode(), "sha256").hexdigest()

    @property
    def _whole(self) -> Store:
        if self._store is None:
            raise LoginRefused("There are no accounts here.")
        return self._store

    def _named(self, name: str) -> User | None:
        wanted = " ".join(name.split()).casefold()
        users = self._look().users.values()
        return next((one for one in users if one.name.casefold() == wanted), None)

    def _of_login(self, secret: str) -> Identity | None:
        known = self._look()
        login = known.logins.get(_digest(secret)) if secret else None
        user = known.users.get(login.user_id) if login is not None else None
        if login is None or user is None or user.disabled is not None or login.expires < now():
            return None
        moment = time.monotonic()
        if moment - self._used.get(login.login_id, moment) > IDLE_S:
            return None
        self._used[login.login_id] = moment
        who = Identity(user.user_id, user.name, user.role, login.login_id)
        return who.limited(known.limits)

    def _look(self) -> _Known:
        """What is known of accounts, read again where the store has changed."""
        store = self._store
        if store is None:
            return self._known
        with self._lock, acting(SYSTEM):
            stamp, moment = store.stamp, time.monotonic()
            if self._is_old(stamp):
                logins = store.accounts.logins()
                users = store.accounts.list()
                self._known = _Known(
                    stamp, moment, {one.user_id: one for one in users},
                    {one.digest: one for one in logins}, store.accounts.limits(),
                )  # fmt: skip
                there = {one.login_id for one in logins}
                self._used = {one: at for one, at in self._used.items() if one in there}
            return self._known

    def _is_old(self, stamp: str | None) -> bool:
        known = self._known
        if stamp is None:
            return time.monotonic() - known.at > _KNOWN_S
        return stamp != known.stamp

    def _count_try(self, address: str) -> None:
        """LoginRefused where too many tries of this address failed, or are under way."""
        key, moment = _neighbourhood(address), time.monotonic()
        with self._lock:
            tries = self._tried.setdefault(key, deque(maxlen=MOST_TRIES))
            self._tried.move_to_end(key)
            while len(self._tried) > _ADDRESSES:
                self._tried.popitem(last=False)
            if sum(moment - at < TRIES_WITHIN_S for at in tries) >= MOST_TRIES:
                raise LoginRefused("Too many tries.", "Wait ten minutes, then try again.")
            tries.append(moment)

    def _forget_try(self, address: str) -> None:
        """The last one was right."""
        with self._lock:
            tries = self._tried.get(_neighbourhood(address))
            if tries:
                tries.pop()

    def _note_failure(self, user: User | None, right: bool) -> None:
        if user is None:
            self._write(Identity("nobody", "", Role.VIEWER), Deed.REFUSED)
            return
        if not right and not user.locked:
            self._whole.run(NoteFailure(user_id=user.user_id))
        self._write(Identity(user.user_id, user.name, user.role), Deed.REFUSED)

    def _write(self, who: Identity, deed: Deed) -> None:
        if self._audit is not None:
            self._audit.note(who, deed, "login", who.login_id)


def _neighbourhood(address: str) -> str:
    """What counts as one address: of IPv6 the network, for whoever has one has all of it."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else address


def _digest(secret: str) -> str:
    return sha256_of(secret.encode("utf-8", "replace"))


def doorkeeper(state: AppState) -> Doorkeeper:
    """The server's one doorkeeper."""
    return state.service(_open)


def _open(state: AppState) -> Doorkeeper:
    is_open = os.environ.get(OPEN_VARIABLE) == "1"
    access = None if is_open else Access(start_token(state.home))
    required = os.environ.get(ACCOUNTS_VARIABLE) == "1"
    return Doorkeeper(access, state.whole_store, state.audit, required=required)
