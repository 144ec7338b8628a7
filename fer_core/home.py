"""Where Rapt keeps things: one folder, given by ``--home``, ``RAPT_HOME`` or ``data/``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The paths under one home folder. Making the value creates nothing."""

    root: Path

    @classmethod
    def find(cls, given: str | Path | None = None) -> Home:
        """The home folder: as given, else RAPT_HOME, else ``data`` here."""
        root = given or os.environ.get("RAPT_HOME") or "data"
        return cls(Path(root).expanduser().resolve())

    @property
    def database(self) -> Path:
        """The store's DuckDB file."""
        return self.root / "rapt.duckdb"

    @property
    def owner_lock(self) -> Path:
        """Held by the process that owns the store."""
        return self.root / "owner.lock"

    @property
    def owner_socket(self) -> Path:
        """Where the owner answers the other processes."""
        return self.root / "owner.sock"

    @property
    def uploads(self) -> Path:
        """Recordings that came through a page."""
        return self.root / "uploads"

    @property
    def inbox(self) -> Path:
        """Commands to the store that wait for its owner."""
        return self.root / "inbox"

    @property
    def cache(self) -> Path:
        """What can be made again."""
        return self.root / "cache"

    @property
    def models(self) -> Path:
        """Models that were trained or fetched here."""
        return self.root / "models"

    @property
    def runs(self) -> Path:
        """A folder a training."""
        return self.root / "runs"

    def session(self, session_id: str) -> Path:
        """A session's own folder: session.json, shards, kept faces."""
        return self.root / "sessions" / session_id

    def shards(self, session_id: str) -> Path:
        """The folder of a session's timeline shards."""
        return self.session(session_id) / "shards"

    def job(self, job_id: str) -> Path:
        """A job's own folder."""
        return self.root / "jobs" / job_id
