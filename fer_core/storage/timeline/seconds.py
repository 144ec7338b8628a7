"""The table ``seconds``: each viewer's second, the unit of every average (``seconds/2``).

The one definition of a second; pages and studies read this table, not the timeline. A second
is the median over a viewer's usable frames, or the mean (``Measure.per_second``): probabilities
are means, so that they sum to 1. Of blinks it is the rate a minute, where at least half of the
frames tell. Frames in which a known viewer has no visible face
(between its first and last row; to the end where there is but one viewer) count as 0 in
attention and engagement (``Measure.when_away``); presence/1 in docs/decisions/070 says who is
known when. A second in which faces were seen but none could be used is not known: NULL.
Seconds run on the stimulus' clock: second 0 begins at the session's offset. Merged viewers
count as one and excluded spans are left out; raw rows are never changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.measures import HEADLINES, MIXED, TABLE, WITHOUT_EYES, Measure
from fer_core.storage.timeline.archive import take_back
from fer_core.types import AnalysisSettings

if TYPE_CHECKING:
    from fer_core.storage.database import Writer

VERSION = "seconds/2"

#: Less than this at a file's end makes no second of its own.
SHORTEST_LAST_SECOND_MS = 250

#: The timeline with the person's edits applied; ``$session_id`` must be bound.
EDITED_TIMELINE = """
    SELECT t.* REPLACE (coalesce(v.shown, t.viewer) AS viewer)
    FROM timeline t
    LEFT JOIN (SELECT * FROM viewers WHERE session_id = $session_id) v
        ON v.viewer = t.viewer AND t.t_ms >= v.from_ms AND t.t_ms < v.to_ms
    WHERE t.session_id = $session_id AND t.viewer >= 0
      AND NOT EXISTS (
        SELECT 1 FROM exclusions e
        WHERE e.session_id = $session_id AND e.viewer = t.viewer
          AND t.t_ms >= e.from_ms AND t.t_ms < e.to_ms)
"""

#: The settings that formulas use: the session's own, or what they are unless changed.
SETTINGS = "".join(
    f", coalesce((settings ->> '{name}')::DOUBLE, {getattr(AnalysisSettings(), name)!r}::DOUBLE) "
    f"AS {name}"
    for name in dict.fromkeys(name for one in TABLE for name in one.settings)
)
_RATES = tuple(one for one in TABLE if one.per_second == "rate")


def _of_second(one: Measure) -> str:
    made = f"{one.per_second}({one.key})"
    if one.per_second == "rate":
        made = f"""CASE WHEN count({one.key}) > 0 AND 2 * count({one.key}) >= count(*)
            THEN least({one.highest}, 60.0 * sum({one.key}_begins) * count(*) / count({one.key}))
            END"""
    return f"({made})::FLOAT AS {one.key}"


#: The measures of a second as SQL, by name, from the rows of its frames.
OF_SECOND = {one.key: _of_second(one) for one in TABLE}
_MADE = ",\n".join(OF_SECOND.values())
_VALUES = ", ".join(
    f"CASE WHEN usable THEN ({one.of_frame or one.key})::{'INTEGER' if one.flag else 'FLOAT'} END "
    f"AS {one.key}"
    for one in TABLE
)
#: Whether a frame is an event's first.
_BEGINS = ", ".join(
    f"({one.key} AND NOT coalesce(lag({one.key}) OVER (PARTITION BY viewer ORDER BY frame), false)"
    f")::INTEGER AS {one.key}_begins"
    for one in _RATES
)
_BEGUN = ", ".join(f"CASE WHEN usable THEN {one.key}_begins END AS {one.key}_begins"
                   for one in _RATES)  # fmt: skip


def away_sql(one: Measure) -> str:
    """What counts where the viewer is away; unknown where the session lacks ``facing``, and so
    everything that follows from it."""
    value = "NULL" if one.when_away is None else str(one.when_away)
    if one.optional and one.when_away is not None:
        value = f"CASE WHEN has_facing THEN {value} END"
    return f"({value})::FLOAT AS {one.key}"


_AWAY = ", ".join(map(away_sql, TABLE))
_LIST = f"[{', '.join(PROBABILITY_COLUMNS)}]"
WHERE_KNOWN = " AND ".join(f"{name} IS NOT NULL" for name in PROBABILITY_COLUMNS)
_NAMES = "[" + ", ".join(f"'{name}'" for name in EMOTIONS) + "]"
#: How many of a second's frames each emotion leads, from their own column ``emotion``.
LED_BY = "[" + ", ".join(f"count(*) FILTER (emotion = '{name}')" for name in EMOTIONS) + "]"
_BEST = f"list_position({_LIST}, list_max({_LIST}))"
#: A second's emotion is the likeliest, ``measures.MIXED`` where it leads (``led_by``) no more than
#: half of the frames; none without a readable face.
LEADING_EMOTION = f"""
           CASE WHEN {WHERE_KNOWN} THEN list_max({_LIST}) END AS confidence,
           CASE WHEN {WHERE_KNOWN} THEN CASE WHEN 2 * led_by[{_BEST}] > list_sum(led_by)
               THEN {_NAMES}[{_BEST}] ELSE '{MIXED}' END END AS emotion"""

_SECONDS = f"""
    WITH edited AS MATERIALIZED ({EDITED_TIMELINE}),
    session AS (
        SELECT offset_ms, (SELECT count(facing) > 0 FROM edited) AS has_facing{SETTINGS}
        FROM sessions WHERE session_id = $session_id),
    pictures AS MATERIALIZED (
        SELECT frame, t_ms, lead(t_ms) OVER (ORDER BY frame) - t_ms AS step
        FROM frames WHERE session_id = $session_id),
    clock AS (
        SELECT any_value(offset_ms) AS offset_ms,
               (max(t_ms) - any_value(offset_ms)) AS last_ms,
               floor((min(t_ms) - any_value(offset_ms)) / 1000) AS first_second,
               coalesce(median(step), 0) AS usual
        FROM pictures, session),
    covered AS (
        SELECT offset_ms, CASE
            WHEN floor(last_ms / 1000) > first_second
             AND last_ms + usual - floor(last_ms / 1000) * 1000 < {SHORTEST_LAST_SECOND_MS}
            THEN floor(last_ms / 1000) - 1 ELSE floor(last_ms / 1000) END AS last_second
        FROM clock),
    known AS (
        SELECT viewer, min(t_ms) AS from_ms,
               CASE WHEN count(*) OVER () = 1 THEN 2147483647 ELSE max(t_ms) END AS to_ms
        FROM edited GROUP BY viewer),
    best AS (
        SELECT * FROM edited WHERE score IS NOT NULL AND t_ms >= $from_ms - 1000
        QUALIFY row_number() OVER (PARTITION BY viewer, frame ORDER BY score DESC) = 1),
    faces AS (SELECT * FROM (SELECT *, {_BEGINS} FROM best) WHERE t_ms >= $from_ms),
    gone AS (
        SELECT k.viewer, p.frame, p.t_ms FROM pictures p
        JOIN known k ON p.t_ms BETWEEN k.from_ms AND k.to_ms
        WHERE p.t_ms >= $from_ms
          AND NOT EXISTS (SELECT 1 FROM faces f WHERE f.viewer = k.viewer AND f.frame = p.frame)
          AND NOT EXISTS (
            SELECT 1 FROM left_out o
            WHERE o.session_id = $session_id AND o.viewer = k.viewer
              AND p.t_ms >= o.from_ms AND p.t_ms < o.to_ms)),
    moments AS (
        SELECT viewer, t_ms, true AS seen, usable, {_VALUES}, {_BEGUN},
               CASE WHEN usable THEN emotion END AS emotion FROM faces, session
        UNION ALL BY NAME
        SELECT viewer, t_ms, false AS seen, false AS usable, {_AWAY} FROM gone, session),
    made AS (
        SELECT viewer, floor((t_ms - offset_ms) / 1000)::INTEGER AS second,
               (count(*) FILTER (WHERE usable))::INTEGER AS n,
               (count(*) FILTER (WHERE seen))::INTEGER AS seen,
               (count(*) FILTER (WHERE NOT seen))::INTEGER AS away,
               {_MADE}, {LED_BY} AS led_by
        FROM moments, covered
        WHERE floor((t_ms - offset_ms) / 1000) <= last_second
        GROUP BY ALL)
    SELECT $session_id AS session_id, * EXCLUDE (led_by), {LEADING_EMOTION}
    FROM made
"""


def column_sql(name: str, tables: Mapping[str, str] | None = None, *, eyes: bool = True) -> str:
    """A column of the seconds for a SELECT.

    Args:
        tables: the alias of the table that holds each column; None: there is but one table.
        eyes: False gives attention and engagement as version 1 had them, in every session.
    """
    where = {} if tables is None else {key: f"{alias}." for key, alias in tables.items()}
    whole = f"{where.get(name, '')}{name}"
    if eyes or name not in WITHOUT_EYES:
        return whole
    other = WITHOUT_EYES[name]
    return f"coalesce({where.get(other, '')}{other}, {whole}) AS {name}"


def refresh_seconds(cursor: Writer, session_id: str, from_ms: int = 0) -> None:
    """Make the session's seconds anew, from the second that holds ``from_ms`` on."""
    take_back(cursor, session_id)
    offset = cursor.value("SELECT offset_ms FROM sessions WHERE session_id = ?", [session_id])
    first = (max(0, from_ms) - (offset or 0)) // 1000 if from_ms > 0 else None
    cursor.execute(
        "DELETE FROM seconds WHERE session_id = ? AND (? IS NULL OR second >= ?)",
        [session_id, first, first],
    )
    start = 0 if first is None else max(0, first * 1000 + (offset or 0))
    cursor.execute(
        f"INSERT INTO seconds BY NAME {_SECONDS} ORDER BY viewer, second",
        {"session_id": session_id, "from_ms": start},
    )


def changed_since(cursor: Writer, session_id: str, first_ms: int) -> int:
    """From which time on new rows from ``first_ms`` on change the seconds.

    A viewer who comes back was away in between, and a second viewer ends the rule that an
    only viewer is expected to the end. The last second may have been too short to count.
    """
    back_ms = cursor.value(
        f"""
        WITH edited AS ({EDITED_TIMELINE}),
        before AS (SELECT viewer, max(t_ms) AS last_ms FROM edited WHERE t_ms < $first_ms
                   GROUP BY viewer),
        new AS (SELECT DISTINCT viewer FROM edited WHERE t_ms >= $first_ms)
        SELECT min(last_ms) FROM before
        WHERE viewer IN (FROM new) OR (SELECT count(*) FROM before) = 1
        """,
        {"session_id": session_id, "first_ms": first_ms},
    )
    return max(0, min(first_ms, first_ms if back_ms is None else back_ms) - 1000)


def refresh_summary(cursor: Writer, session_id: str) -> None:
    """Fill the session's summary columns from its rows and from its analysis' own report.

    What the analysis reported (column ``summary``) wins, except that the number of viewers
    follows the person's edits.
    """
    take_back(cursor, session_id)
    found = cursor.execute(_COUNTS, {"session_id": session_id}).fetchall()
    frames, last_s, faces, viewers, seen, edits, reported, *means = found[0]
    given = json.loads(reported or "{}")
    values = {
        "frames": _first(given.get("frames"), frames),
        "duration_s": _first(given.get("duration_s"), last_s),
        "faces": _first(given.get("faces"), faces),
        "viewers": viewers if edits else _first(given.get("viewers"), viewers),
        "quality": _first(given.get("quality"), seen / frames if frames else None),
        **dict(zip(HEADLINES, means)),
        "frames_lost": given.get("frames_lost"),
        "lost_note": given.get("lost_note"),
        "fps": given.get("fps"),
    }
    changes = ", ".join(f"{name} = ${name}" for name in values)
    cursor.execute(
        f"UPDATE sessions SET {changes} WHERE session_id = $session_id",
        {**values, "session_id": session_id},
    )


_COUNTS = f"""
    WITH edited AS ({EDITED_TIMELINE}),
    pictures AS (
        SELECT count(*) AS n, max(t_ms) / 1000.0 AS last_s FROM frames
        WHERE session_id = $session_id),
    audience AS (
        SELECT second, {", ".join(f"avg({name}) AS {name}" for name in HEADLINES)}
        FROM seconds WHERE session_id = $session_id GROUP BY second),
    means AS (SELECT {", ".join(f"avg({name}) AS {name}" for name in HEADLINES)} FROM audience),
    rows AS (
        SELECT count(*) FILTER (WHERE score IS NOT NULL) AS faces,
               count(DISTINCT viewer) AS viewers,
               count(DISTINCT frame) FILTER (WHERE usable AND score IS NOT NULL) AS seen
        FROM edited)
    SELECT p.n, p.last_s, r.faces, r.viewers, r.seen,
           (SELECT count(*) FROM viewer_edits WHERE session_id = $session_id AND NOT undone),
           (SELECT summary FROM sessions WHERE session_id = $session_id),
           m.*
    FROM pictures p, rows r, means m
"""


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)
