"""What ``rapt doctor`` asks of the store, and how its tables are brought into agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fer_core.storage.commands import Change, command
from fer_core.storage.reading import Queries
from fer_core.storage.sessions.registration import add_session
from fer_core.storage.sessions.reported import ReportedSession
from fer_core.storage.timeline import archive
from fer_core.storage.timeline.seconds import refresh_seconds, refresh_summary


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
                "SELECT DISTINCT session_id FROM seconds UNION "
                "SELECT session_id FROM archived) "
                "WHERE session_id NOT IN (SELECT session_id FROM sessions)",
                "sessions have rows but no entry",
            ),
            self._nothing(
                "timelines in one place",
                "SELECT count(*) AS n FROM archived "
                "WHERE session_id IN (SELECT DISTINCT session_id FROM timeline)",
                "sessions have rows in the store and in the archive",
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


@command
class MendTables:
    """Bring the store's tables into agreement; how many rows or sessions each step touched."""

    def apply(self, change: Change) -> dict[str, int]:
        cursor = change.cursor
        done = {name: len(cursor.execute(sql).fetchall()) for name, sql in _STEPS}
        done["archived timelines without an entry"] = archive.adopt(cursor, change.home)
        lost = [str(one) for (one,) in cursor.execute(_LOST).fetchall()]
        for session_id in lost:
            again = ReportedSession.from_json({"name": f"Recovered {session_id}"})
            add_session(cursor, session_id, again)
            cursor.execute("UPDATE sessions SET status = 'done' WHERE session_id = ?", [session_id])
        stale = [str(one) for (one,) in cursor.execute(_WITHOUT_SECONDS).fetchall()]
        touched = done["frames counted twice"] or done["faces counted twice"]
        if touched:
            everything = cursor.execute("SELECT session_id FROM sessions").fetchall()
            stale = [str(one) for (one,) in everything]
        for session_id in dict.fromkeys([*stale, *lost]):
            refresh_seconds(cursor, session_id)
            refresh_summary(cursor, session_id)
        return done | {"sessions without an entry": len(lost), "seconds that lack": len(stale)}


_STEPS: Final = (
    (
        "rows of deleted sessions",
        "DELETE FROM timeline WHERE session_id IN (SELECT session_id FROM deletions) "
        "AND session_id NOT IN (SELECT session_id FROM sessions) RETURNING 1",
    ),
    (
        "archived rows of deleted sessions",
        "DELETE FROM archived WHERE session_id IN (SELECT session_id FROM deletions) "
        "AND session_id NOT IN (SELECT session_id FROM sessions) RETURNING 1",
    ),
    (
        "archived rows that are in the store",
        "DELETE FROM archived WHERE session_id IN (SELECT session_id FROM timeline) RETURNING 1",
    ),
    (
        "frames of deleted sessions",
        "DELETE FROM frames WHERE session_id IN (SELECT session_id FROM deletions) "
        "AND session_id NOT IN (SELECT session_id FROM sessions) RETURNING 1",
    ),
    (
        "frames counted twice",
        "DELETE FROM frames WHERE rowid NOT IN "
        "(SELECT max(rowid) FROM frames GROUP BY session_id, frame) RETURNING 1",
    ),
    (
        "faces counted twice",
        "DELETE FROM timeline WHERE viewer >= 0 AND rowid NOT IN (SELECT max(rowid) FROM timeline "
        "WHERE viewer >= 0 GROUP BY session_id, frame, viewer) RETURNING 1",
    ),
    (
        "faces on unknown frames",
        "INSERT INTO frames SELECT session_id, frame, min(t_ms), count(*) FROM timeline t "
        "WHERE NOT EXISTS (SELECT 1 FROM frames f WHERE f.session_id = t.session_id "
        "AND f.frame = t.frame) GROUP BY session_id, frame RETURNING 1",
    ),
    (
        "sessions of a study that is gone",
        "UPDATE sessions SET study_id = NULL, stimulus_id = NULL WHERE study_id NOT NULL "
        "AND study_id NOT IN (SELECT study_id FROM studies) RETURNING 1",
    ),
    (
        "sessions of a stimulus that is gone",
        "UPDATE sessions SET stimulus_id = NULL WHERE stimulus_id NOT NULL "
        "AND stimulus_id NOT IN (SELECT stimulus_id FROM stimuli) RETURNING 1",
    ),
)
_LOST: Final = (
    "SELECT DISTINCT session_id FROM (SELECT session_id FROM timeline UNION "
    "SELECT session_id FROM frames UNION SELECT session_id FROM seconds UNION "
    "SELECT session_id FROM archived) WHERE session_id NOT IN (SELECT session_id FROM sessions)"
)
_WITHOUT_SECONDS: Final = (
    "SELECT session_id FROM sessions WHERE session_id NOT IN (SELECT session_id FROM seconds) "
    "AND session_id IN (SELECT session_id FROM timeline WHERE viewer >= 0 AND score NOT NULL "
    "UNION SELECT session_id FROM archived)"
)
