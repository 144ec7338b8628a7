"""The audit log: who saw, exported, changed access to or deleted what, by ids and never by names.

A file a day in ``audit/``, a JSON object a line, appended by every process that serves or
exports. It lies outside the store, so that a rebuilt or restored store does not forget it.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from fer_core.access.permissions import Identity
from fer_core.home import Home

KEEP_SETTING: Final = "audit.keep_days"
KEEP_DAYS: Final = 180
#: The same person looking at the same thing again within this time is one line.
ONCE_S: Final = 600.0
_MOST_REMEMBERED: Final = 10_000


class Deed(StrEnum):
    """What is written down."""

    SAW = "saw"
    EXPORTED = "exported"
    DELETED = "deleted"
    LOGGED_IN = "logged in"
    LOGGED_OUT = "logged out"
    REFUSED = "refused"  # a wrong password, or something that the role does not allow
    CHANGED = "changed"  # accounts, settings, who a study is limited to


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. ``who`` is an account's id, or ``local``, ``anyone``, ``terminal``, ``system``."""

    at: str  # UTC, ISO
    who: str
    deed: Deed
    kind: str  # session, study, film, …
    subject: str = ""  # its id
    detail: str = ""  # a form of export, a command's name


class AuditLog:
    """Writes and reads one home's log. Safe to use from several threads and processes."""

    def __init__(self, home: Home, keep_days: Callable[[], int] | None = None) -> None:
        """``keep_days``, where it is given, is asked once a day, and what is older is removed."""
        self._folder = home.audit
        self._keep_days = keep_days
        self._lock = threading.Lock()
        self._recent: OrderedDict[tuple[str, ...], float] = OrderedDict()

    def note(
        self, who: Identity, deed: Deed, kind: str, subject: str = "", detail: str = "",
        *, there: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        """Append a line; of what somebody saw, once in ten minutes, and if it was ``there``."""
        key = (who.user_id, kind, subject, detail)
        if deed is Deed.SAW and not self._is_new(key):
            return
        if not there():
            self._recent.pop(key, None)
            return
        at = datetime.now(UTC)
        entry = Entry(at.isoformat(timespec="seconds"), who.user_id, deed, kind, subject, detail)
        line = json.dumps(asdict(entry), ensure_ascii=True) + "\n"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._keep_days is not None and not self._file(at.date()).exists():
            self.sweep(self._keep_days())
        # one write of a short line to a file opened for appending: never torn by another process
        file = os.open(self._file(at.date()), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)

    def read(
        self, *, days: int = KEEP_DAYS, who: str = "", deed: str = "", subject: str = "",
        most: int = 1000,
    ) -> list[Entry]:  # fmt: skip
        """The newest lines first, of the last ``days``; only those that are asked for."""
        first = datetime.now(UTC).date() - timedelta(days=days)
        found: list[Entry] = []
        for file in sorted(self._folder.glob("*.jsonl"), reverse=True):
            if file.stem < first.isoformat() or len(found) >= most:
                break
            found += [
                one
                for one in reversed(list(_entries(file)))
                if who in ("", one.who) and deed in ("", one.deed) and subject in ("", one.subject)
            ]
        return found[:most]

    def sweep(self, keep_days: int) -> int:
        """Remove the files of days that are over for longer; how many those were."""
        first = (datetime.now(UTC).date() - timedelta(days=keep_days)).isoformat()
        old = [file for file in self._folder.glob("*.jsonl") if file.stem < first]
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)

    def _file(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}.jsonl"

    def _is_new(self, key: tuple[str, ...]) -> bool:
        now = time.monotonic()
        with self._lock:
            before = self._recent.pop(key, None)
            self._recent[key] = now if before is None or now - before > ONCE_S else before
            while len(self._recent) > _MOST_REMEMBERED:
                self._recent.popitem(last=False)
            return self._recent[key] == now


def _entries(file: Path) -> Iterator[Entry]:
    """A file's lines; one that a full disk cut short is left out."""
    for line in file.read_text("utf-8", errors="replace").splitlines():
        try:
            value = json.loads(line)
            yield Entry(**{**value, "deed": Deed(value["deed"])})
        except (ValueError, TypeError, KeyError):
            continue
