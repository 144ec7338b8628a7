"""Seconds with each viewer's resting face taken out: ``baseline/1`` for many sessions at once.

A prior shift (``analytics.baseline`` has its settings) of each frame's probabilities, the
measures that follow from them, then the second's mean or median. A study of 200 viewers has a
million frames, and one query over them takes the time in which Python reads a few sessions.
Attention and the counts of frames do not change by a correction: they come from the kept
seconds, and so does which second is whose.
"""

from __future__ import annotations

from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.measures import SECOND_COLUMNS, TABLE, WITHOUT_EYES
from fer_core.storage.timeline.seconds import (
    LEADING_EMOTION,
    LED_BY,
    OF_SECOND,
    SETTINGS,
    WHERE_KNOWN,
    away_sql,
    column_sql,
)

#: What a correction changes; the rest stays as it is kept.
CHANGED = tuple(one.key for one in TABLE if one.sql is not None)
_LEADING = ("emotion", "confidence")
_UNCHANGED = tuple(one.key for one in TABLE if one.sql is None and one.of_frame is None)
_FORMULAS = ",\n               ".join(
    f"({one.sql})::FLOAT AS {one.key}" for one in TABLE if one.sql is not None
)
_AWAY = ", ".join(
    away_sql(one) for one in TABLE if one.sql is not None and one.when_away is not None
)

#: Viewers merged or split and spans left out by hand; most studies have none, and a million frames
#: that nothing was done to need not be looked up one by one.
_MERGED = """LEFT JOIN viewers v
            ON v.session_id = t.session_id AND v.viewer = t.viewer
            AND t.t_ms >= v.from_ms AND t.t_ms < v.to_ms"""
_KEPT = """AND NOT EXISTS (
            SELECT 1 FROM exclusions e
            WHERE e.session_id = t.session_id AND e.viewer = t.viewer
              AND t.t_ms >= e.from_ms AND t.t_ms < e.to_ms)"""

_ONE_FACE = """
        QUALIFY row_number() OVER (
            PARTITION BY session_id, viewer, frame ORDER BY score DESC) = 1"""
_UNCHANGED_SQL = ", ".join(_UNCHANGED)
_MEANS = ", ".join(f"avg({name}) AS b_{name}" for name in PROBABILITY_COLUMNS)
_WEIGHTS = ", ".join(
    # greatest() passes over a NULL: a viewer without a pre-roll would get the smallest
    f"CASE WHEN b_{name} IS NULL THEN 1.0 "
    f"ELSE $reference[{at}] / greatest(b_{name}, $smallest) END AS w_{name}"
    for at, name in enumerate(PROBABILITY_COLUMNS, start=1)
)
_SCALED = ", ".join(f"f.{name} * w.w_{name} AS {name}" for name in PROBABILITY_COLUMNS)
_NAMED = ", ".join(f"'{name}'" for name in EMOTIONS)
_LISTED = f"[{', '.join(PROBABILITY_COLUMNS)}]"
#: What leads a frame once it is corrected.
_LED = f", [{_NAMED}][list_position({_LISTED}, list_max({_LISTED}))] AS emotion"
_TOTAL = " + ".join(PROBABILITY_COLUMNS)
_SHARES = ", ".join(f"({name} / ({_TOTAL}))::FLOAT AS {name}" for name in PROBABILITY_COLUMNS)


def seconds_sql(
    columns: tuple[str, ...], *, merged: bool, excluded: bool, eyes: bool = True
) -> str:
    """A SELECT of these columns of the chosen sessions' seconds, corrected.

    To bind: ``ids``, and the ``first`` and ``last`` of them, by which DuckDB passes over the
    parts of the timeline that hold other sessions; ``reference``, by emotion; ``smallest``;
    ``pre_roll_ms``, for sessions whose film begins before it.
    ``merged``: some of the viewers are several numbers, or part of one, and may have two faces
    in a frame.
    ``excluded``: some spans were left out. ``eyes`` False: attention and engagement of version 1.
    """
    leading = LEADING_EMOTION if set(_LEADING) & set(columns) else ""
    wanted = [
        name
        for name in CHANGED
        if name in columns
        or (leading and name in PROBABILITY_COLUMNS)
        or (not eyes and name == WITHOUT_EYES["engagement"])
    ]
    made = ", ".join([OF_SECOND[name] for name in wanted] + [f"{LED_BY} AS led_by"] * bool(leading))
    tables = {name: "m" if name in (*CHANGED, *_LEADING) else "s" for name in SECOND_COLUMNS}
    taken = ", ".join(column_sql(name, tables, eyes=eyes) for name in columns)
    return f"""
    WITH {_moments_sql(merged, excluded, led=bool(leading))},
    made AS (SELECT session_id, viewer, second, {made} FROM moments GROUP BY ALL),
    changed AS (SELECT *, {leading} FROM made)
    SELECT {taken} FROM seconds s LEFT JOIN changed m USING (session_id, viewer, second)
    WHERE s.session_id IN (SELECT unnest($ids::VARCHAR[]))
    ORDER BY s.session_id, s.viewer, s.second
    """


def _moments_sql(merged: bool, excluded: bool, *, led: bool) -> str:
    """The tables up to ``moments``: every usable frame with its corrected measures."""
    whose = "coalesce(v.shown, t.viewer)" if merged else "t.viewer"
    return f"""
    chosen AS MATERIALIZED (
        SELECT session_id, offset_ms,
               CASE WHEN offset_ms >= $pre_roll_ms THEN offset_ms ELSE $pre_roll_ms END AS rest_ms
               {SETTINGS}
        FROM sessions WHERE session_id IN (SELECT unnest($ids::VARCHAR[]))),
    edited AS (
        SELECT t.session_id, {whose} AS viewer, t.frame, t.t_ms, t.score,
               {", ".join(f"t.{name}" for name in (*_UNCHANGED, *PROBABILITY_COLUMNS))}
        FROM timeline t {_MERGED if merged else ""}
        WHERE t.session_id IN (SELECT unnest($ids::VARCHAR[]))
          AND t.session_id BETWEEN $first AND $last
          AND t.viewer >= 0 AND t.usable AND t.score IS NOT NULL {_KEPT if excluded else ""}),
    resting AS (
        SELECT e.session_id, e.viewer, {_MEANS} FROM edited e JOIN chosen c USING (session_id)
        WHERE e.t_ms < c.rest_ms AND {WHERE_KNOWN} GROUP BY ALL),
    weights AS (
        SELECT v.session_id, v.viewer, {_WEIGHTS}
        FROM (SELECT DISTINCT session_id, viewer FROM seconds
              WHERE session_id IN (SELECT unnest($ids::VARCHAR[]))) v
        LEFT JOIN resting USING (session_id, viewer)),
    faces AS (SELECT * FROM edited {_ONE_FACE if merged else ""}),
    scaled AS (
        SELECT f.session_id, f.viewer, f.t_ms, {_UNCHANGED_SQL}, {_SCALED}
        FROM faces f JOIN weights w USING (session_id, viewer)),
    shared AS (SELECT session_id, viewer, t_ms, {_UNCHANGED_SQL}, {_SHARES} FROM scaled),
    moments AS (
        SELECT s.session_id, viewer, floor((t_ms - offset_ms) / 1000)::INTEGER AS second,
               {_FORMULAS}{_LED if led else ""}
        FROM shared s JOIN chosen c USING (session_id)
        UNION ALL BY NAME
        SELECT session_id, viewer, second, {_AWAY}
        FROM (SELECT session_id, viewer, second, facing IS NOT NULL AS has_facing,
                     unnest(range(away)) FROM seconds
              WHERE session_id IN (SELECT unnest($ids::VARCHAR[])) AND away > 0))
    """
