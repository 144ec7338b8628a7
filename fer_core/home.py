"""Where Rapt keeps things: one folder, given by ``--home``, ``RAPT_HOME`` or ``data/``."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file in one step, so that no reader ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as out:
        json.dump(value, out, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


def read_json(path: Path) -> Any | None:
    """A JSON file's value, or None where there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
