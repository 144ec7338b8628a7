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
        root = given or os.environ.get("RAPT_HOME") or "data"
        return cls(Path(root).expanduser().resolve())

    @property
    def database(self) -> Path:
        return self.root / "rapt.duckdb"

    @property
    def owner_lock(self) -> Path:
        return self.root / "owner.lock"

    @property
    def owner_socket(self) -> Path:
        return self.root / "owner.sock"

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    def session(self, session_id: str) -> Path:
        return self.root / "sessions" / session_id

    def shards(self, session_id: str) -> Path:
        return self.session(session_id) / "shards"

    def job(self, job_id: str) -> Path:
        return self.root / "jobs" / job_id
