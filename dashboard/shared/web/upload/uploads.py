"""Files on their way in: streamed to disk, digested as they come, resumed after a break.

A file arrives in pieces as ``.ID.part`` beside ``.ID.json``, which says what it will be.
The id follows from name, size, time of change and the home's secret, so the same file dropped
again after a break goes on where it stopped, and nobody else can compute it. Only a whole file
gets its name. What is announced counts as if it were here: a hundred announcements of a file
that just fits cannot fill the disk.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from dashboard.shared.web.access.identity import current
from dashboard.shared.web.requests import RequestRefused
from dashboard.shared.web.upload.limits import (
    DEFAULT_LIMIT,
    DEFAULT_PERSON,
    DEFAULT_TOTAL,
    Owners,
    most_of_person,
    most_uploaded,
    upload_limit,
)
from dashboard.state import AppState
from fer_core.access.start_token import start_token
from fer_core.errors import RaptError, disk_full
from fer_core.files import JsonObject, read_json, safe_file_name, write_json
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.storage.removal.erasure import remove_upload

SPARE: Final = 500_000_000  # disk space that an upload must leave free
STALE_S: Final = 7 * 86_400
#: An announcement that no byte followed is forgotten after this time.
EMPTY_S: Final = 3600
#: A file that nothing names, such as one that could not be analysed, stays for this long.
UNUSED_S: Final = 86_400
MOST_WAITING: Final = 100
#: Bytes of a file's name that are kept as its title.
LONGEST_TITLE: Final = 1000
_READ: Final = 1 << 20
_ID: Final = re.compile(r"[0-9a-f]{24}")


class UploadError(RequestRefused):
    """A file that cannot be taken in."""


class OutOfStep(UploadError):
    """A piece that does not start where the file ends; ``offset`` is where it does."""

    def __init__(self, offset: int) -> None:
        super().__init__("The upload is out of step.", "Go on from the offset given.", 409)
        self.offset = offset

    def body(self) -> Mapping[str, str | int]:
        return {"offset": self.offset}


@dataclass(frozen=True, slots=True)
class Arriving:
    """A file as its sender announced it."""

    id: str
    name: str
    size: int
    options: JsonObject = field(default_factory=dict)  # the receiver checks them
    by: str = ""  # the account that brings it
    title: str = ""  # the whole name, where ``name`` is cut to what any disk takes


@dataclass(frozen=True, slots=True)
class Arrived:
    """A whole file, at rest."""

    path: Path
    name: str
    size: int
    digest: str
    options: Mapping[str, object]  # as announced, unchecked
    title: str = ""  # the whole name, where ``name`` is cut to what any disk takes


#: Takes a whole file; what it returns is told to the page.
Receiver = Callable[[Home, Store, Arrived], Mapping[str, object]]


class UploadService:
    """Takes files into one folder. Safe to call from several threads."""

    def __init__(
        self,
        folder: Path,
        limit: Callable[[], int] = lambda: DEFAULT_LIMIT,
        free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
        total: Callable[[], int] = lambda: DEFAULT_TOTAL,
        secret: str = "",
        used: Callable[[], Collection[str]] | None = None,
        person: Callable[[], int] = lambda: DEFAULT_PERSON,
    ) -> None:
        self._folder = folder
        self._limit = limit
        self._free = free
        self._total = total
        self._secret = secret.encode()
        self._used = used
        self._person = person
        self._owners = Owners(folder)
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._sums: dict[str, tuple[int, Any]] = {}
        self._receivers: dict[str, Receiver] = {}

    @property
    def limit(self) -> int:
        return self._limit()

    def begin(
        self, name: str, size: int, changed: int, options: JsonObject
    ) -> tuple[Arriving, int]:
        """Announce a file; the answer says from which byte to send."""
        if size <= 0:
            raise UploadError(f"{name} is empty.", "Choose a file that holds a recording.", 422)
        if size > self.limit:
            raise UploadError(
                f"{name} is larger than the limit of {self.limit / 1e9:.1f} GB.",
                "Raise the limit under Settings, or name the file's path on this machine instead.",
                413,
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        by = current().account
        what = f"{name}\0{size}\0{changed}\0{by}".encode("utf-8", "replace")
        upload = hmac.new(self._secret, what, "sha256").hexdigest()[:24]
        title = safe_file_name(name, LONGEST_TITLE)
        arriving = Arriving(upload, safe_file_name(name), size, options, by, title)
        with self._lock:
            offset = self.offset(arriving.id)
            if offset > size:
                self.drop(arriving.id)
                offset = 0
            self._must_fit(arriving, size - offset)
            write_json(self._note(arriving.id), asdict(arriving))
            self._part(arriving.id).touch()
        return arriving, offset

    def _must_fit(self, arriving: Arriving, missing: int) -> None:
        """UploadError where the disk or the uploads' share of it is taken, also by promises."""
        self.sweep()
        others = [one for one in self._waiting() if one.id != arriving.id]
        if len(others) >= MOST_WAITING:
            raise UploadError(
                f"{len(others)} uploads wait for their files.", "Finish or drop some of them.", 429
            )
        promised = sum(max(0, one.size - self.offset(one.id)) for one in others)
        size = f"{arriving.name} ({arriving.size / 1e9:.1f} GB)"
        if self._free(self._folder) < promised + missing + SPARE:
            raise UploadError(
                f"There is no room on this disk for {size}.",
                "Make room, or name the file's path on this machine instead.",
                507,
            )
        if promised + missing + _bytes_in(self._folder) > self._total():
            raise UploadError(
                f"With {size} the uploads would pass {self._total() / 1e9:.0f} GB.",
                "Delete sessions with their recordings, or raise the limit under Settings.",
                507,
            )
        if arriving.by and self.brought_by(arriving.by, others) + arriving.size > self._person():
            raise UploadError(
                f"With {size} your uploads would pass {self._person() / 1e9:.0f} GB.",
                "Ask an admin to delete some of your sessions, or to allow you more.",
                507,
            )

    def brought_by(self, user_id: str, waiting: Collection[Arriving] | None = None) -> int:
        """Bytes of what a person has brought and of what they have announced."""
        announced = self._waiting() if waiting is None else waiting
        return self._owners.bytes_of(user_id) + sum(
            one.size for one in announced if one.by == user_id
        )

    def _waiting(self) -> list[Arriving]:
        """Files that are announced and not whole yet."""
        found = []
        for note in self._folder.glob(".*.json"):
            try:
                found.append(Arriving(**(read_json(note) or {})))
            except (ValueError, TypeError):  # damaged, or finished a moment ago
                continue
        return found

    def announced(self, upload: str) -> Arriving:
        """An upload of whoever asks; UploadError for any other."""
        unknown = UploadError("This upload is not known here.", "Drop the file again.", 404)
        try:
            note = read_json(self._note(upload)) if _ID.fullmatch(upload) else None
            arriving = Arriving(**(note or {}))
        except (ValueError, TypeError) as error:
            raise unknown from error
        if arriving.by != current().account:
            raise unknown
        return arriving

    def offset(self, upload: str) -> int:
        try:
            return self._part(upload).stat().st_size
        except FileNotFoundError:
            return 0

    def open(self, upload: str, offset: int) -> Piece:
        """A place to write the bytes from ``offset`` on. Close it, whatever happens."""
        arriving = self.announced(upload)
        with self._lock:
            if upload in self._busy:
                raise UploadError(
                    f"{arriving.name} is already arriving.", "Another tab is sending it.", 423
                )
            here = self.offset(upload)
            if offset != here:
                raise OutOfStep(here)
            self._busy.add(upload)
        try:
            return Piece(self, arriving, self._sum_to(upload, here), self._part(upload))
        except BaseException:
            self._free_up(upload)
            raise

    def finish(self, upload: str) -> Arrived | None:
        """The file, where all of it is here; None where more is to come."""
        arriving = self.announced(upload)
        if self.offset(upload) < arriving.size:
            return None
        digest = self._sum_to(upload, arriving.size).hexdigest()
        path = self._folder / digest[:16] / arriving.name
        path.parent.mkdir(exist_ok=True)
        part = self._part(upload)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
        self._note(upload).unlink(missing_ok=True)
        self._sums.pop(upload, None)
        if arriving.by:
            self._owners.note(path.parent.name, arriving.by)
        return Arrived(path, arriving.name, arriving.size, digest, arriving.options, arriving.title)

    def drop(self, upload: str) -> None:
        """Forget an upload and what came of it."""
        if _ID.fullmatch(upload):
            self._part(upload).unlink(missing_ok=True)
            self._note(upload).unlink(missing_ok=True)
            self._sums.pop(upload, None)

    def sweep(self, now: float | None = None) -> int:
        """Remove what nobody came back for; how many uploads that were."""
        clock, swept = now or time.time(), 0
        for part in self._folder.glob(".*.part"):
            upload = part.name.strip(".").removesuffix(".part")
            try:
                found = part.stat()
            except FileNotFoundError:
                continue  # finished meanwhile
            lasts = STALE_S if found.st_size else EMPTY_S
            if found.st_mtime < clock - lasts and upload not in self._busy:
                self.drop(upload)
                swept += 1
        self._sweep_unused(clock)
        return swept

    def _sweep_unused(self, clock: float) -> None:
        """Remove whole files that nothing names and that came longer than a day ago."""
        if self._used is None:
            return
        old = [
            file
            for file in self._folder.glob("*/*")
            if file.is_file() and file.stat().st_mtime < clock - UNUSED_S
        ]
        used = self._used() if old else set()
        for file in old:
            if str(file) not in used:
                remove_upload(Home(self._folder.parent), file)

    def receive(self, purpose: str, receiver: Receiver) -> None:
        """Have whole files that were announced for ``purpose`` given to ``receiver``."""
        self._receivers[purpose] = receiver

    def deliver(self, state: AppState, arrived: Arrived) -> Mapping[str, object]:
        """Hand a whole file to the feature that it was announced for; what the page is told."""
        purpose = str(arrived.options.get("for") or "")
        if purpose not in self._receivers:
            raise UploadError(f"Nothing here takes files for {purpose!r}.", "Reload the page.")
        try:
            return self._receivers[purpose](state.home, state.store, arrived)
        except RaptError:
            # refused: what nothing names does not stay
            if str(arrived.path) not in files_in_use(state.whole_store):
                remove_upload(state.home, arrived.path)
            raise

    # -- for Piece --------------------------------------------------------------------

    def _keep_sum(self, upload: str, size: int, digest: Any) -> None:
        self._sums[upload] = (size, digest)

    def _free_up(self, upload: str) -> None:
        with self._lock:
            self._busy.discard(upload)

    def _part(self, upload: str) -> Path:
        return self._folder / f".{upload}.part"

    def _note(self, upload: str) -> Path:
        return self._folder / f".{upload}.json"

    def _sum_to(self, upload: str, size: int) -> Any:
        """The digest so far; read again from disk where a restart lost it."""
        kept, digest = self._sums.get(upload, (0, None))
        if digest is not None and kept == size:
            return digest
        digest = hashlib.sha256()
        if size:
            with self._part(upload).open("rb") as file:
                while block := file.read(_READ):
                    digest.update(block)
        return digest


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*/*") if file.is_file()) + sum(
        part.stat().st_size for part in folder.glob(".*.part")
    )


def upload_service(state: AppState) -> UploadService:
    """The server's one upload service."""
    return state.service(_open)


def _open(state: AppState) -> UploadService:
    return UploadService(
        state.home.uploads,
        limit=lambda: upload_limit(state.store),
        total=lambda: most_uploaded(state.store),
        secret=start_token(state.home),
        # all of them: what is hidden from whoever asks is in use all the same
        used=lambda: files_in_use(state.whole_store),
        person=lambda: most_of_person(state.store),
    )


def files_in_use(store: Store) -> set[str]:
    """Files that something in the store names."""
    return store.sessions.files_in_use()


class Piece:
    """One request's share of a file: ``write`` as it comes, then ``close``."""

    def __init__(self, service: UploadService, arriving: Arriving, digest: Any, path: Path) -> None:
        self._service, self._arriving, self._digest = service, arriving, digest
        self._file = path.open("ab")
        self.offset = self._file.tell()

    def write(self, block: bytes) -> None:
        if self.offset + len(block) > self._arriving.size:
            raise UploadError(
                f"{self._arriving.name} is longer than it said.", "Drop it again.", 413
            )
        try:
            self._file.write(block)
        except OSError as error:
            if disk_full(error):
                raise UploadError(
                    f"The disk is full; {self._arriving.name} did not fit.",
                    "Make room and drop it again: it goes on where it stopped.",
                    507,
                ) from error
            raise
        self._digest.update(block)
        self.offset += len(block)

    def close(self) -> None:
        try:
            self._file.close()
            self._service._keep_sum(self._arriving.id, self.offset, self._digest)
        finally:
            self._service._free_up(self._arriving.id)
