"""Where Rapt keeps things: one folder, given by ``--home``, ``RAPT_HOME`` or ``data/``."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fer_core.places import PLACES

#: The umask of every process of Rapt: what it writes is its user's alone.
PRIVATE = 0o077


class _Inside:
    """A path inside the home folder, by its name there."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, home: Home, kind: type[Home]) -> Path:
        return home.root / self._name


def _open_to_others(path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return not stat.S_ISLNK(found.st_mode) and bool(stat.S_IMODE(found.st_mode) & PRIVATE)


def _close(path: Path) -> None:
    """Take group's and others' rights from one file or folder. Not ours: it stays as it is."""
    with contextlib.suppress(FileNotFoundError, PermissionError):
        if _open_to_others(path):
            path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~PRIVATE)


@dataclass(frozen=True, slots=True)
class Home:
    """The paths under one home folder. Making the value creates nothing."""

    root: Path

    #: The store's DuckDB file.
    database = _Inside("rapt.duckdb")
    #: Held by the process that owns the store.
    owner_lock = _Inside("owner.lock")
    #: Where the owner answers the other processes.
    owner_socket = _Inside("owner.sock")
    #: Timelines of old sessions, and what is held while it is copied.
    archive = _Inside("archive")
    archive_lock = _Inside("archive.lock")
    #: Recordings that came through a page.
    uploads = _Inside("uploads")
    #: Commands to the store that wait for its owner.
    inbox = _Inside("inbox")
    #: What can be made again.
    cache = _Inside("cache")
    #: Models that were trained or fetched here.
    models = _Inside("models")
    #: A folder a training.
    runs = _Inside("runs")
    #: What lets a browser in.
    start_token = _Inside("start-token")
    #: Digests of the tokens that programs use.
    api_tokens = _Inside("api-tokens.json")
    #: What signs the links of shared reports.
    share_key = _Inside("share-key")
    #: The addresses that are told when something is done, and what they answered.
    webhooks = _Inside("webhooks")
    #: The OpenID provider that people log in with, where there is one.
    oidc = _Inside("oidc.toml")
    #: Where the dashboard of this home answers now.
    served = _Inside("served.json")
    #: The look of slides, where a person put one there: a template and a logo.
    slide_template = _Inside("slides.pptx")
    slide_logo = _Inside("slides.png")
    #: A folder a job.
    jobs = _Inside("jobs")
    #: Recordings that a Spark cluster works on, where no other folder is given.
    spark = _Inside("spark")
    #: There while traces of something deleted are still to be removed.
    erase_pending = _Inside("erase-pending")
    #: Notes on what is damaged, a file each.
    problems = _Inside("problems")
    #: Who saw, exported and deleted what: a file a day.
    audit = _Inside("audit")
    #: Copies of the store and of what belongs to it.
    backups = _Inside("backups")
    #: Ids of what was forgotten for good: no backup holds this list.
    forgotten = _Inside("forgotten.json")
    #: A backup whose content is whole and checked, about to take the home's place.
    restored = _Inside("restored")

    @classmethod
    def find(cls, given: str | Path | None = None) -> Home:
        """The home folder: as given, else RAPT_HOME, else ``data`` here."""
        root = given or os.environ.get("RAPT_HOME") or "data"
        return cls(Path(root).expanduser().resolve())

    def make_private(self) -> None:
        """Take from everybody else what an earlier version or another umask let them read.

        Only Rapt's own files and folders below the home are touched, and no link is followed.
        """
        if not _open_to_others(self.root) and not any(map(_open_to_others, self._own())):
            return  # since the first time nothing is made that others can read
        self.root.chmod(stat.S_IMODE(self.root.stat().st_mode) & ~PRIVATE)
        for path in self._own():
            _close(path)
            if path.is_dir() and not path.is_symlink():
                for folder, folders, files in os.walk(path):
                    for name in (*folders, *files):
                        _close(Path(folder, name))

    def _own(self) -> Iterator[Path]:
        """What Rapt keeps directly in the home, and is there."""
        for place in PLACES:
            yield from self.root.glob(place.name)

    def session(self, session_id: str) -> Path:
        """A session's own folder: session.json, shards, kept faces."""
        return self.root / "sessions" / session_id

    def shards(self, session_id: str) -> Path:
        """The folder of a session's timeline shards."""
        return self.session(session_id) / "shards"

    def job(self, job_id: str) -> Path:
        """A job's own folder."""
        return self.jobs / job_id
