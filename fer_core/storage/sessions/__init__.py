"""Sessions: recordings and their analyses; what is known of each, and changes to it."""

from fer_core.storage.sessions.commands import (
    AssignSession,
    DeleteSession,
    ForgetFaces,
    IncludeSession,
    RenameSession,
)
from fer_core.storage.sessions.queries import SORTS, Sessions
from fer_core.storage.sessions.rows import SIMULATED_BY, Overview, Session

__all__ = [
    "SIMULATED_BY",
    "SORTS",
    "AssignSession",
    "DeleteSession",
    "ForgetFaces",
    "IncludeSession",
    "Overview",
    "RenameSession",
    "Session",
    "Sessions",
]
