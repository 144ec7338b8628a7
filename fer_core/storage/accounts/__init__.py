"""Accounts: people, their logins, and the store as one of them may use it."""

from fer_core.storage.accounts.commands import (
    AddUser,
    BeginLogin,
    ChangeUser,
    EndLogin,
    EndLogins,
    LimitStudy,
    NoteFailure,
    RemoveUser,
)
from fer_core.storage.accounts.rows import Accounts, Login, StudyPerson, User

__all__ = [
    "Accounts",
    "AddUser",
    "BeginLogin",
    "ChangeUser",
    "EndLogin",
    "EndLogins",
    "LimitStudy",
    "Login",
    "NoteFailure",
    "RemoveUser",
    "StudyPerson",
    "User",
]
