"""What ``rapt doctor`` asks of the store."""

from __future__ import annotations

from dataclasses import dataclass

from fer_core.storage.reading import Queries


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was looked at, whether it is well, and in words what was seen."""

    name: str
    ok: bool
    detail: str


class Checks(Queries):
    """``store.checks``."""

    def integrity(self) -> list[Check]:
        """Whether the tables agree with one another. Reads all of the timeline."""
        return [
            self._nothing(
                "rows without a session",
                "SELECT count(*) AS n FROM (SELECT DISTINCT session_id FROM timeline UNION "
                "SELECT DISTINCT session_id FROM frames UNION "
                "SELECT DISTINCT session_id FROM seconds) "
                "WHERE session_id NOT IN (SELECT session_id FROM sessions)",
                "sessions have rows but no entry",
            ),
            self._nothing(
                "frames counted once",
                "SELECT count(*) AS n FROM (SELECT session_id, frame FROM frames "
                "GROUP BY ALL HAVING count(*) > 1)",
                "frames are there more than once",
            ),
            self._nothing(
                "faces counted once",
                "SELECT count(*) AS n FROM (SELECT session_id, frame, viewer FROM timeline "
                "WHERE viewer >= 0 GROUP BY ALL HAVING count(*) > 1)",
                "faces are there more than once",
            ),
            self._nothing(
                "faces on known frames",
                "SELECT count(*) AS n FROM (SELECT DISTINCT session_id, frame FROM timeline) t "
                "ANTI JOIN frames f ON f.session_id = t.session_id AND f.frame = t.frame",
                "frames have faces but no entry",
            ),
            self._nothing(
                "shards readable",
                "SELECT count(*) AS n FROM ingested WHERE problem IS NOT NULL",
                "shards were damaged; their sessions lack rows",
            ),
            self._nothing(
                "studies complete",
                "SELECT count(*) AS n FROM sessions WHERE study_id IS NOT NULL "
                "AND study_id NOT IN (SELECT study_id FROM studies)",
                "sessions name a study that is gone",
            ),
        ]

    def _nothing(self, name: str, sql: str, wrong: str) -> Check:
        n = int(self._value(sql))
        return Check(name, n == 0, f"{n:,} {wrong}" if n else "fine")
