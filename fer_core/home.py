"""Where Rapt keeps things: one folder, given by ``--home``, ``RAPT_HOME`` or ``data/``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


class _Inside:
    """A path inside the home folder, by its name there."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, home: Home, kind: type[Home]) -> Path:
        return home.root / self._name


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
    #: Notes on what is damaged, a file each.
    problems = _Inside("problems")

    @classmethod
    def find(cls, given: str | Path | None = None) -> Home:
        """The home folder: as given, else RAPT_HOME, else ``data`` here."""
        root = given or os.environ.get("RAPT_HOME") or "data"
        return cls(Path(root).expanduser().resolve())

    def session(self, session_id: str) -> Path:
        """A session's own folder: session.json, shards, kept faces."""
        return self.root / "sessions" / session_id

    def shards(self, session_id: str) -> Path:
        """The folder of a session's timeline shards."""
        return self.session(session_id) / "shards"

    def job(self, job_id: str) -> Path:
        """A job's own folder."""
        return self.root / "jobs" / job_id
