"""Queries on sessions: at a glance, lists, one session. None of them reads the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypedDict, Unpack

import pandas as pd

from fer_core.errors import StoreError
from fer_core.storage.reading import Queries
from fer_core.storage.sessions.rows import SIMULATED_BY, Overview, Session
from fer_core.types import SessionStatus

SORTS = {
    "created": "s.created DESC", "name": "lower(s.name), s.created DESC",
    "duration": "s.duration_s DESC NULLS LAST", "quality": "s.quality DESC NULLS LAST",
    "engagement": "s.engagement DESC NULLS LAST", "viewers": "s.viewers DESC NULLS LAST",
}  # fmt: skip

_LIST = """
    SELECT s.session_id, s.name, s.kind, s.created, s.status, s.error, s.duration_s, s.frames,
           s.frames_lost, s.lost_note, s.faces, s.viewers, s.quality, s.fps, s.width, s.height,
           s.engagement, s.attention, s.valence, s.model, s.path, s.study_id,
           y.name AS study, s.stimulus_id, t.title AS stimulus, s.condition, s.offset_ms,
           s.respondent, s.tags, s.included, s.included_reason,
           coalesce(json_extract_string(s.versions, '$.attention'), 'attention/1')
               AS attention_version,
           coalesce(json_extract_string(s.info, '$.is_picture') = 'true', false) AS photograph
    FROM sessions s
    LEFT JOIN studies y ON y.study_id = s.study_id
    LEFT JOIN stimuli t ON t.stimulus_id = s.stimulus_id
"""
_FILTERS = """
    WHERE ($search IS NULL OR contains(lower(concat_ws(' ', s.name, s.respondent, s.tags, s.path)),
                                       lower($search)))
      AND ($kind IS NULL OR s.kind = $kind)
      AND ($status IS NULL OR s.status = $status)
      AND ($study_id IS NULL OR s.study_id = $study_id)
      AND ($stimulus_id IS NULL OR s.stimulus_id = $stimulus_id)
      AND ($condition IS NULL OR s.condition = $condition)
      AND ($in_study IS NULL OR (s.study_id IS NOT NULL) = $in_study)
      AND ($simulated IS NULL OR (s.model IS NOT DISTINCT FROM $by) = $simulated)
      AND ($poor_under IS NULL OR s.status = 'failed' OR (s.status = 'done' AND
           (s.quality < $poor_under OR s.frames_lost > 0.01 * s.frames)))
"""


class Which(TypedDict, total=False):
    """Which sessions: all of them, unless a key narrows them down."""

    search: str | None
    kind: str | None
    status: SessionStatus | None
    study_id: str | None
    stimulus_id: str | None
    condition: str | None
    in_study: bool | None  # whether they belong to one at all
    simulated: bool | None  # whether nobody was filmed for them
    poor_under: float | None  # failed, frames lost, or of a quality under this


_ANY: Final[dict[str, object]] = {**dict.fromkeys(Which.__annotations__), "by": SIMULATED_BY}


class Sessions(Queries):
    """``store.sessions``."""

    def get(self, session_id: str) -> Session:
        """Everything known of one session; StoreError where there is none."""
        found = self._first(
            Session,
            "SELECT s.*, y.name AS study, t.title AS stimulus FROM sessions s "
            "LEFT JOIN studies y ON y.study_id = s.study_id "
            "LEFT JOIN stimuli t ON t.stimulus_id = s.stimulus_id WHERE s.session_id = $id",
            id=session_id,
        )
        if found is None:
            raise StoreError(
                f"There is no session {session_id!r}.", "`rapt sessions list` names them all."
            )
        return found

    def exists(self, session_id: str) -> bool:
        found = self._value("SELECT 1 FROM sessions WHERE session_id = $id", id=session_id)
        return found is not None

    def overview(self, *, simulated: bool | None = None) -> Overview:
        """The store at a glance: sessions, viewers, hours, mean engagement, running.

        ``simulated`` False leaves out the sessions that nobody was filmed for; True takes
        only those.
        """
        found = self._first(
            Overview,
            """
            SELECT count(*) AS sessions,
                   count(*) FILTER (WHERE status = 'done') AS done,
                   count(*) FILTER (WHERE status = 'running') AS running,
                   coalesce(sum(viewers), 0)::BIGINT AS viewers,
                   coalesce(sum(duration_s), 0) / 3600 AS hours,
                   sum(engagement * duration_s) FILTER (WHERE engagement IS NOT NULL)
                       / nullif(sum(duration_s) FILTER (WHERE engagement IS NOT NULL), 0)
                       AS engagement,
                   coalesce(sum(frames), 0)::BIGINT AS frames,
                   coalesce(sum(faces), 0)::BIGINT AS faces
            FROM sessions WHERE $simulated IS NULL OR (model IS NOT DISTINCT FROM $by) = $simulated
            """,
            simulated=simulated,
            by=SIMULATED_BY,
        )
        assert found is not None  # sums without groups always give one row
        return found

    def count(self, **which: Unpack[Which]) -> int:
        """How many sessions ``list`` gives without a limit."""
        return int(self._value(f"SELECT count(*) FROM sessions s {_FILTERS}", **(_ANY | which)))

    def of_films(self, digests: Sequence[str], paths: Sequence[str] = ()) -> list[Session]:
        """Sessions made from files with these digests or paths, newest first."""
        return self._all(
            Session,
            "SELECT s.*, y.name AS study, t.title AS stimulus FROM sessions s "
            "LEFT JOIN studies y ON y.study_id = s.study_id "
            "LEFT JOIN stimuli t ON t.stimulus_id = s.stimulus_id "
            "WHERE s.digest IN (SELECT unnest($digests::VARCHAR[])) "
            "OR s.path IN (SELECT unnest($paths::VARCHAR[])) ORDER BY s.created DESC",
            digests=list(digests),
            paths=list(paths),
        )

    def files_in_use(self) -> set[str]:
        """The files that a session, a stimulus or a job that is not over names."""
        found = self._frame(
            "SELECT path FROM sessions UNION SELECT path FROM stimuli UNION "
            "SELECT json_extract_string(spec, '$.path') FROM jobs "
            "WHERE status IN ('queued', 'running')"
        )
        return set(found["path"].dropna())

    def other_analyses(self, session_id: str) -> pd.DataFrame:
        """Other analyses of a session's recording: those made from it, and its own first one."""
        return self._frame(
            f"""
            WITH one AS (
                SELECT session_id, json_extract_string(extra, '$.again_of') AS again_of
                FROM sessions WHERE session_id = $id)
            {_LIST} WHERE s.session_id <> $id AND (
                json_extract_string(s.extra, '$.again_of') = $id
                OR s.session_id = (SELECT again_of FROM one)
                OR json_extract_string(s.extra, '$.again_of') = (SELECT again_of FROM one))
            ORDER BY s.created LIMIT 100
            """,
            id=session_id,
        )

    def latest(self, *, each: int, limit: int, simulated: bool) -> pd.DataFrame:
        """The newest sessions that run or are done, at most ``each`` of a study.

        A column more than ``list``: ``of_study``, how many the study has (or no study).
        """
        return self._frame(
            f"""
            SELECT * FROM (
                SELECT l.*, count(*) OVER study AS of_study,
                       row_number() OVER (study ORDER BY l.created DESC) AS place
                FROM ({_LIST}) l
                WHERE l.status IN ('running', 'done')
                  AND (l.model IS NOT DISTINCT FROM $by) = $simulated
                WINDOW study AS (PARTITION BY l.study_id))
            WHERE place <= $each ORDER BY created DESC, session_id DESC LIMIT $limit
            """,
            each=each,
            limit=limit,
            simulated=simulated,
            by=SIMULATED_BY,
        )

    def tags(self) -> list[str]:
        """Every tag that a session has, in the order of the alphabet."""
        found = self._frame(
            "SELECT DISTINCT unnest(from_json(tags, '[\"VARCHAR\"]')) AS tag FROM sessions "
            "WHERE tags IS NOT NULL ORDER BY lower(tag), tag"
        )
        return [str(tag) for tag in found["tag"]]

    def shard_problems(self, session_id: str | None = None) -> pd.DataFrame:
        """Shards that were damaged: session_id, shard, problem, taken."""
        return self._frame(
            "SELECT session_id, shard, problem, taken FROM ingested WHERE problem IS NOT NULL "
            "AND ($id IS NULL OR session_id = $id) ORDER BY session_id, shard LIMIT 10000",
            id=session_id,
        )

    def list(
        self,
        *,
        sort: str = "created",
        limit: int = 100,
        offset: int = 0,
        **which: Unpack[Which],
    ) -> pd.DataFrame:
        """Sessions with their summary numbers, newest first unless ``sort`` says otherwise."""
        if sort not in SORTS:
            raise StoreError(f"Sessions cannot be sorted by {sort!r}.", f"Use {', '.join(SORTS)}.")
        return self._frame(
            f"{_LIST} {_FILTERS} ORDER BY {SORTS[sort]}, s.session_id DESC "
            "LIMIT $limit OFFSET $offset",
            limit=limit,
            offset=offset,
            **(_ANY | which),
        )
