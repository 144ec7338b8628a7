"""What the People page shows: accounts, logins, and the audit log with names beside its ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from dashboard.shared.web.upload.limits import (
    LIMIT_SETTING,
    PERSON_SETTING,
    TOTAL_SETTING,
    most_of_person,
    most_uploaded,
    upload_limit,
)
from dashboard.shared.web.upload.uploads import UploadService
from fer_core.access.audit import KEEP_DAYS, KEEP_SETTING, AuditLog
from fer_core.access.passwords import hash_password
from fer_core.access.permissions import ANYONE, LOCAL, SYSTEM, TERMINAL, Role
from fer_core.errors import StoreError
from fer_core.storage import Store
from fer_core.storage.accounts import AddUser, ChangeUser, Login, User
from fer_core.storage.settings import SetSetting

#: Lines of the log that a page shows.
MOST_LINES: Final = 500
_GB: Final = 1e9
_OTHERS: Final = {one.user_id: one.name for one in (LOCAL, ANYONE, TERMINAL, SYSTEM)}


@dataclass(frozen=True, slots=True)
class Person:
    """An account with the browsers that are logged in to it."""

    user: User
    logins: tuple[Login, ...]

    @property
    def state(self) -> str:
        if self.user.disabled is not None:
            return "may not log in"
        return "locked for a while" if self.user.locked else ""


def people(store: Store) -> list[Person]:
    logins = store.accounts.logins()
    return [
        Person(one, tuple(login for login in logins if login.user_id == one.user_id))
        for one in store.accounts.list()
    ]


def add(store: Store, name: str, role: Role, password: str) -> None:
    store.run(AddUser(name=name, role=role, password=hash_password(password, name)))


def set_password(store: Store, user: User, password: str) -> None:
    store.run(ChangeUser(user_id=user.user_id, password=hash_password(password, user.name)))


def log_table(store: Store, audit: AuditLog, *, who: str = "", deed: str = "") -> pd.DataFrame:
    """The newest lines of the audit log. Columns: When (UTC), Who, What, Of, Id, More."""
    names = _OTHERS | {one.user_id: one.name for one in store.accounts.list()}
    rows = [
        (one.at.replace("T", " ")[:16], names.get(one.who, one.who), one.deed.value, one.kind,
         one.subject, one.detail)
        for one in audit.read(days=keep_days(store), who=who, deed=deed, most=MOST_LINES)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["When (UTC)", "Who", "What", "Of", "Id", "More"])


def keep_days(store: Store) -> int:
    return int(store.settings.get(KEEP_SETTING, KEEP_DAYS))


@dataclass(frozen=True, slots=True)
class Quotas:
    """What uploads may take, in GB: one file, one person's, all of them."""

    file: float
    person: float
    total: float


def quotas(store: Store) -> Quotas:
    return Quotas(
        upload_limit(store) / _GB, most_of_person(store) / _GB, most_uploaded(store) / _GB
    )


def set_quotas(store: Store, wanted: Quotas) -> None:
    for name, value in (
        (LIMIT_SETTING, wanted.file),
        (PERSON_SETTING, wanted.person),
        (TOTAL_SETTING, wanted.total),
    ):
        store.run(SetSetting(name=name, value=round(value * _GB)))


def taken(uploads: UploadService, store: Store) -> dict[str, float]:
    """GB of uploads by each person's name, the largest first; those who brought none are left
    out."""
    found = {one.name: uploads.brought_by(one.user_id) / _GB for one in store.accounts.list()}
    return dict(sorted(((n, v) for n, v in found.items() if v), key=lambda one: -one[1]))


def set_keep_days(store: Store, audit: AuditLog, days: int) -> None:
    """Keep the log for so many days; older ones go at once."""
    if not 1 <= days <= 3650:
        raise StoreError("The log is kept for 1 to 3,650 days.")
    store.run(SetSetting(name=KEEP_SETTING, value=int(days)))
    audit.sweep(days)
