"""The table ``seconds``: each viewer's second, the unit of every average (``seconds/1``).

A viewer's second is the median over its usable frames. In attention and engagement the
rows of a known viewer who is not seen count too: their attention is 0 because the viewer
is away, not because the picture is bad. Merged viewers count as one and excluded spans
are left out; the timeline itself is never changed by such edits.
"""

from __future__ import annotations

import json
from typing import Any

from fer_core.labels import PROBABILITY_COLUMNS
from fer_core.storage.database import Writer

VERSION = "seconds/1"
FACE_MEASURES = (*PROBABILITY_COLUMNS, "expressiveness", "valence", "activation")
PRESENCE_MEASURES = ("attention", "engagement")
MEASURES = (*FACE_MEASURES, *PRESENCE_MEASURES)

#: The timeline with the person's edits applied; ``$session_id`` must be bound.
EDITED_TIMELINE = """
    SELECT t.* REPLACE (coalesce(v.shown, t.viewer) AS viewer)
    FROM timeline t
    LEFT JOIN (SELECT viewer, shown FROM viewers WHERE session_id = $session_id) v
        ON v.viewer = t.viewer
    WHERE t.session_id = $session_id AND t.viewer >= 0
      AND NOT EXISTS (
        SELECT 1 FROM exclusions e
        WHERE e.session_id = $session_id AND e.viewer = t.viewer
          AND t.t_ms >= e.from_ms AND t.t_ms < e.to_ms)
"""

_MEDIANS = ",\n".join(
    [f"median({name}) FILTER (WHERE usable) AS {name}" for name in FACE_MEASURES]
    + [
        f"median({name}) FILTER (WHERE usable OR score IS NULL) AS {name}"
        for name in PRESENCE_MEASURES
    ]
)


def refresh_seconds(cursor: Writer, session_id: str, from_ms: int = 0) -> None:
    """Make the session's seconds anew, from the second that holds ``from_ms`` on."""
    first = max(0, from_ms) // 1000
    cursor.execute(
        "DELETE FROM seconds WHERE session_id = $session_id AND second >= $first",
        {"session_id": session_id, "first": first},
    )
    cursor.execute(
        f"""
        INSERT INTO seconds BY NAME
        SELECT session_id, viewer, (t_ms // 1000)::INTEGER AS second,
               count(*)::INTEGER AS n,
               (count(*) FILTER (WHERE usable))::INTEGER AS n_usable,
               {_MEDIANS}
        FROM ({EDITED_TIMELINE}) AS edited
        WHERE t_ms >= $from_ms
        GROUP BY ALL
        ORDER BY viewer, second
        """,
        {"session_id": session_id, "from_ms": first * 1000},
    )


def refresh_summary(cursor: Writer, session_id: str) -> None:
    """Fill the session's summary columns from its rows and from its analysis' own report.

    What the analysis reported (column ``summary``) wins, except that the number of viewers
    follows the person's edits.
    """
    ((*counts, edits, reported),) = cursor.execute(_COUNTS, {"session_id": session_id}).fetchall()
    frames, last_s, faces, viewers, seen, engagement, attention, valence = counts
    given = json.loads(reported or "{}")
    values = {
        "frames": _first(given.get("frames"), frames),
        "duration_s": _first(given.get("duration_s"), last_s),
        "faces": _first(given.get("faces"), faces),
        "viewers": viewers if edits else _first(given.get("viewers"), viewers),
        "quality": _first(given.get("quality"), seen / frames if frames else None),
        "engagement": engagement,
        "attention": attention,
        "valence": valence,
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
        SELECT second, avg(engagement) AS engagement, avg(attention) AS attention,
               avg(valence) AS valence
        FROM seconds WHERE session_id = $session_id GROUP BY second)
    SELECT (SELECT n FROM pictures),
           (SELECT last_s FROM pictures),
           (SELECT count(*) FROM edited WHERE score IS NOT NULL),
           (SELECT count(DISTINCT viewer) FROM edited),
           (SELECT count(DISTINCT frame) FROM edited WHERE usable AND score IS NOT NULL),
           (SELECT avg(engagement) FROM audience),
           (SELECT avg(attention) FROM audience),
           (SELECT avg(valence) FROM audience),
           (SELECT count(*) FROM viewer_edits WHERE session_id = $session_id AND NOT undone),
           (SELECT summary FROM sessions WHERE session_id = $session_id)
"""


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)
