"""Queries on studies, stimuli and markers."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from fer_core.errors import StoreError
from fer_core.measures import find_measure
from fer_core.storage.reading import Reader


class StudyQueries(Reader):
    def studies(self) -> pd.DataFrame:
        """All studies, newest first, with numbers of sessions, viewers and stimuli."""
        return self.frame(
            """
            SELECT y.*, coalesce(n.sessions, 0) AS sessions, coalesce(n.viewers, 0) AS viewers,
                   n.engagement, coalesce(t.stimuli, 0) AS stimuli
            FROM studies y
            LEFT JOIN (SELECT study_id, count(*) AS sessions, sum(viewers)::BIGINT AS viewers,
                              avg(engagement) AS engagement
                       FROM sessions GROUP BY study_id) n ON n.study_id = y.study_id
            LEFT JOIN (SELECT study_id, count(*) AS stimuli FROM stimuli GROUP BY study_id) t
                ON t.study_id = y.study_id
            ORDER BY y.created DESC LIMIT 10000
            """
        )

    def study(self, study_id: str) -> dict[str, Any]:
        """One study by id or name, with its ``conditions`` in order and its settings."""
        row = self.one(
            "SELECT * FROM studies WHERE study_id = $s OR name = $s "
            "ORDER BY study_id = $s DESC, created LIMIT 1",
            {"s": study_id},
        )
        if row is None:
            raise StoreError(f"There is no study {study_id!r}.")
        conditions = self.rows(
            "SELECT condition FROM conditions WHERE study_id = $s ORDER BY position",
            {"s": row["study_id"]},
        )
        return {
            **row,
            "settings": json.loads(row["settings"]),
            "conditions": [c["condition"] for c in conditions],
        }

    def stimuli(self, study_id: str | None = None) -> pd.DataFrame:
        """Stimuli of a study, or all, with the number of sessions of each."""
        return self.frame(
            """
            SELECT t.*, coalesce(n.sessions, 0) AS sessions FROM stimuli t
            LEFT JOIN (SELECT stimulus_id, count(*) AS sessions FROM sessions
                       GROUP BY stimulus_id) n ON n.stimulus_id = t.stimulus_id
            WHERE $s IS NULL OR t.study_id = $s ORDER BY t.created LIMIT 10000
            """,
            {"s": study_id},
        )

    def stimulus(self, stimulus_id: str) -> dict[str, Any]:
        row = self.one("SELECT * FROM stimuli WHERE stimulus_id = $t", {"t": stimulus_id})
        if row is None:
            raise StoreError(f"There is no stimulus {stimulus_id!r}.")
        return row

    def markers(
        self, *, session_id: str | None = None, stimulus_id: str | None = None
    ) -> pd.DataFrame:
        """Markers and scenes of a session or a stimulus, in order of time."""
        return self.frame(
            """
            SELECT * FROM markers
            WHERE (session_id = $session_id OR stimulus_id = $stimulus_id)
            ORDER BY from_ms, to_ms, marker_id LIMIT 100000
            """,
            {"session_id": session_id, "stimulus_id": stimulus_id},
        )

    def session_markers(self, study_id: str) -> pd.DataFrame:
        """Markers that lie in the recordings of a study's sessions, by session and time."""
        return self.frame(
            """
            SELECT m.session_id, m.marker_id, m.name, m.from_ms, m.to_ms, m.kind
            FROM markers m JOIN sessions s ON s.session_id = m.session_id
            WHERE s.study_id = $s ORDER BY m.session_id, m.from_ms, m.marker_id LIMIT 1000000
            """,
            {"s": study_id},
        )

    def study_seconds(self, study_id: str, measure: str) -> pd.DataFrame:
        """Every viewer's seconds of a study on the stimulus' clock.

        Columns: session_id, stimulus_id, condition, respondent, viewer, second, n, and the
        measure under its own name.
        """
        return self.frame(
            f"""
            SELECT c.session_id, s.stimulus_id, s.condition, s.respondent, c.viewer, c.second,
                   c.n, c.{find_measure(measure).key}
            FROM seconds c JOIN sessions s ON s.session_id = c.session_id
            WHERE c.session_id IN (SELECT session_id FROM sessions WHERE study_id = $s)
            ORDER BY c.session_id, c.viewer, c.second
            """,
            {"s": study_id},
        )
