"""Which addresses are told, and what became of each delivery: files of the home's ``webhooks``."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from filelock import FileLock

from fer_core.errors import SettingsError
from fer_core.files import JsonObject, read_json, write_json
from fer_core.home import Home

T = TypeVar("T")
MOST_HOOKS: Final = 20
#: Deliveries that are remembered; those that wait are never forgotten.
MOST_LOGGED: Final = 500
#: Seconds after each try that failed; after the last one it is given up.
BACKOFF_S: Final = (10, 60, 300, 1800, 7200, 21_600)


class Event(StrEnum):
    """What is told."""

    JOB_DONE = "job.done"
    SESSION_ENDED = "session.ended"
    STUDY_COMPLETE = "study.complete"


@dataclass(frozen=True, slots=True)
class Hook:
    """An address, its secret, the events it hears of."""

    hook_id: str
    address: str
    secret: str
    events: tuple[Event, ...]
    private: bool = False  # whether it may lie in this network


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one address. due: when it is tried next; None: over. status: the last
    answer."""

    delivery_id: str
    hook_id: str
    event: str
    body: JsonObject
    made: float
    due: float | None
    tries: int = 0
    status: int | None = None
    error: str = ""
    done: bool = False


class Hooks:
    """The home's webhooks. Safe to use from several processes."""

    def __init__(self, home: Home) -> None:
        self._folder = home.webhooks
        self._mark = self._folder / "mark.json"
        self._lock = FileLock(str(self._folder / "lock"))

    def list(self) -> tuple[Hook, ...]:
        """All of them. SettingsError where their file is damaged."""
        return self._rows(
            "hooks", lambda row: Hook(**{**row, "events": tuple(map(Event, row["events"]))})
        )

    def add(self, address: str, events: Sequence[str], *, private: bool = False) -> Hook:
        """Tell an address from now on; SettingsError where it is none that may be told."""
        from fer_core.webhooks.sending import check_address

        found = urlsplit(address)
        if found.scheme not in ("https", "http") or not found.hostname or found.username:
            raise SettingsError(f"{address!r} is no address.", "Write https://example.org/path.")
        if found.scheme == "http" and not private:
            raise SettingsError("Without https anybody on the way reads it.", "Use https.")
        check_address(found.hostname, found.port or 443, private=private)
        try:
            chosen = tuple(dict.fromkeys(map(Event, events))) or tuple(Event)
        except ValueError:
            raise SettingsError(
                f"There is no event {', '.join(events)!r}.", f"Choose of {', '.join(Event)}."
            ) from None
        made = Hook(secrets.token_hex(4), address, secrets.token_urlsafe(32), chosen, private)
        with self._locked():
            there = self.list()
            if len(there) >= MOST_HOOKS:
                raise SettingsError(f"There are {MOST_HOOKS} addresses.", "Remove one first.")
            if not there:  # what ended while nobody was told is no news
                self._mark.unlink(missing_ok=True)
            self._write("hooks", [asdict(one) for one in (*there, made)])
        return made

    def remove(self, called: str) -> Hook:
        """Tell an address no more; what waits for it is dropped."""
        with self._locked():
            there = self.list()
            gone = next((one for one in there if called in (one.hook_id, one.address)), None)
            if gone is None:
                raise SettingsError(f"There is no webhook {called!r}.", "`rapt webhooks list`")
            self._write("hooks", [asdict(one) for one in there if one != gone])
            kept = [
                replace(one, due=None, error="the address was removed")
                if one.hook_id == gone.hook_id and one.due is not None else one
                for one in self.log()
            ]  # fmt: skip
            self._write("log", [asdict(one) for one in kept])
        return gone

    def log(self) -> Sequence[Delivery]:
        """Deliveries, the latest first."""
        return self._rows("log", lambda row: Delivery(**row))

    def queue(self, event: Event, subject: JsonObject, now: float | None = None) -> int:
        """Have an event told to whoever hears of it; how many those are."""
        moment = time.time() if now is None else now
        hooks = [one for one in self.list() if event in one.events]
        made = []
        for one in hooks:
            key = secrets.token_hex(8)
            body = {"id": key, "event": str(event), "at": round(moment), **subject}
            made.append(Delivery(key, one.hook_id, event, body, moment, moment))
        if made:
            with self._locked():
                self._keep([*reversed(made), *self.log()])
        return len(made)

    def update(self, changed: Delivery) -> None:
        with self._locked():
            self._keep([changed if one.delivery_id == changed.delivery_id else one
                        for one in self.log()])  # fmt: skip

    def mark(self) -> JsonObject:
        """What was looked at already."""
        try:
            found = read_json(self._mark)
        except ValueError:  # as if it were the first time
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def marked(self) -> bool:
        """Whether there was a first look."""
        return self._mark.exists()

    def set_mark(self, value: JsonObject) -> None:
        write_json(self._mark, value)

    def _keep(self, found: Sequence[Delivery]) -> None:
        over = [one for one in found if one.due is None][MOST_LOGGED:]
        self._write("log", [asdict(one) for one in found if one not in over])

    def _locked(self) -> FileLock:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._lock

    def _rows(self, name: str, made: Callable[[dict[str, Any]], T]) -> tuple[T, ...]:
        try:
            return tuple(made(row) for row in read_json(self._folder / f"{name}.json") or ())
        except (ValueError, TypeError, LookupError) as error:
            raise SettingsError(
                f"webhooks/{name}.json is damaged.", "Remove it, then name the addresses anew."
            ) from error

    def _write(self, name: str, rows: Sequence[JsonObject]) -> None:
        write_json(self._folder / f"{name}.json", list(rows))
        (self._folder / f"{name}.json").chmod(0o600)
