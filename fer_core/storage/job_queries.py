"""Queries on jobs."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from fer_core.errors import StoreError
from fer_core.storage.reading import Reader


class JobQueries(Reader):
    def jobs(
        self,
        *,
        status: str | list[str] | None = None,
        kind: str | None = None,
        session_id: str | None = None,
        limit: int = 100,
    ) -> pd.DataFrame:
        """Jobs, newest first; ``status`` may be one or several."""
        wanted = [status] if isinstance(status, str) else status
        return self.frame(
            """
            SELECT j.*, s.name AS session_name FROM jobs j
            LEFT JOIN sessions s ON s.session_id = j.session_id
            WHERE ($status IS NULL OR j.status IN (SELECT unnest($status::VARCHAR[])))
              AND ($kind IS NULL OR j.kind = $kind)
              AND ($session_id IS NULL OR j.session_id = $session_id)
            ORDER BY j.created DESC, j.job_id DESC LIMIT $limit
            """,
            {"status": wanted, "kind": kind, "session_id": session_id, "limit": limit},
        )

    def job(self, job_id: str) -> dict[str, Any]:
        """One job, its ``spec`` as a value; StoreError where there is none."""
        row = self.one("SELECT * FROM jobs WHERE job_id = $id", {"id": job_id})
        if row is None:
            raise StoreError(f"There is no job {job_id!r}.")
        return {**row, "spec": json.loads(row["spec"])}

    def waiting_jobs(self) -> list[dict[str, Any]]:
        """Queued jobs in the order in which they should start."""
        found = self.rows(
            "SELECT * FROM jobs WHERE status = 'queued' ORDER BY priority DESC, created, job_id"
        )
        return [{**row, "spec": json.loads(row["spec"])} for row in found]
