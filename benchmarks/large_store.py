"""A store of any size, filled by SQL: studies of one-viewer sessions at 30 frames a second."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import pyarrow as pa

from fer_core.labels import EMOTIONS
from fer_core.measures import SECOND_COLUMNS
from fer_core.storage import Store
from fer_core.storage.markers import AddMarkers
from fer_core.storage.studies import AddStimulus, AddStudy
from fer_core.storage.timeline.archive import file_of, note, write_rows
from fer_core.storage.timeline.shards import STORED_SCHEMA

STUDIES: Final = 10
A_STUDY: Final = 200  # sessions
FPS: Final = 30
SCENES = (("Opening", 0, 40), ("Story", 40, 90), ("Product", 90, 130), ("End", 130, 160))

_T = "(i / 30.0)"
_NOISE = "(hash(s, i, {}) % 1000 / 1000.0)"


def fill(store: Store, first: int, sessions: int, frames: int, *, studies: bool) -> None:
    """Sessions with rows as an analysis leaves them: smiles that come and go, heads that turn."""
    level = "(hash(s, 1) % 100 / 500.0)"
    happy = (
        f"least(0.9, greatest(0.02, 0.1 + {level} + 0.45 * sin({_T} / 9 + s // {A_STUDY})"
        f" + 0.15 * {_NOISE.format(2)}))"
    )
    turned = f"(s % 2 = 0 AND {_T} BETWEEN 60 AND 75 AND hash(s, 3) % 10 < 5)"
    attention = f"(CASE WHEN {turned} THEN 0.3 ELSE 0.85 END + 0.15 * {_NOISE.format(4)})"
    others = [name for name in EMOTIONS if name not in ("happy", "neutral")]
    # Beside the smile: mostly neutral, and an equal part of the rest for each of the five.
    p = dict.fromkeys(others, "(1 - p_happy) * 0.04") | {"neutral": "(1 - p_happy) * 0.8"}
    columns = ", ".join(f"({p[name]})::FLOAT AS p_{name}" for name in EMOTIONS if name != "happy")
    medians = ", ".join(f"median(p_{name}) AS p_{name}" for name in EMOTIONS)
    for start in range(first, first + sessions, A_STUDY):
        bound = {"frames": frames, "a": start, "b": min(start + A_STUDY, first + sessions)}
        with store.transaction() as cursor:
            cursor.execute(
                f"""
                INSERT INTO timeline BY NAME
                WITH drawn AS (
                    SELECT s, i, {happy}::FLOAT AS p_happy, ({attention})::FLOAT AS attention
                    FROM range($a, $b) a(s), range($frames) b(i))
                SELECT printf('s%07d', s) AS session_id, (i * 100 // 3)::INTEGER AS t_ms,
                       i::INTEGER AS frame, 1 AS viewer, 10.0 AS x, 10.0 AS y, 80.0 AS w,
                       80.0 AS h, 0.9 AS score, (40 * (1 - attention))::FLOAT AS yaw,
                       0.0 AS pitch, 0.0 AS roll, hash(i, 12) % 20 > 0 AS usable,
                       '' AS why_not, p_happy, {columns},
                       CASE WHEN p_happy > 0.444 THEN 'happy' ELSE 'neutral' END AS emotion,
                       greatest(p_happy, 0.8 * (1 - p_happy)) AS confidence,
                       (p_happy - 0.04 * (1 - p_happy))::FLOAT AS valence,
                       (0.6 * p_happy)::FLOAT AS activation,
                       (1 - 0.8 * (1 - p_happy))::FLOAT AS expressiveness, attention,
                       (100 * attention * (0.4 + 0.6 * (1 - 0.8 * (1 - p_happy))))::FLOAT
                           AS engagement
                FROM drawn ORDER BY s, i
                """,
                bound,
            )
            cursor.execute(
                "INSERT INTO frames SELECT printf('s%07d', s), i::INTEGER, "
                "(i * 100 // 3)::INTEGER, 1 FROM range($a, $b) a(s), range($frames) b(i) "
                "ORDER BY s, i",
                bound,
            )
            cursor.execute(
                f"""
                INSERT INTO seconds BY NAME
                SELECT session_id, viewer, (t_ms // 1000)::INTEGER AS second,
                       count(*)::INTEGER AS n, count(*)::INTEGER AS seen, 0 AS away, {medians},
                       mode(emotion) AS emotion, median(confidence) AS confidence,
                       median(valence) AS valence, median(activation) AS activation,
                       median(expressiveness) AS expressiveness,
                       median(attention) AS attention, median(engagement) AS engagement
                FROM timeline
                WHERE session_id >= printf('s%07d', $a) AND session_id < printf('s%07d', $b)
                  AND usable
                GROUP BY ALL ORDER BY session_id, second
                """,
                {"a": bound["a"], "b": bound["b"]},
            )
            cursor.execute(
                f"""
                INSERT INTO sessions (session_id, name, kind, created, status, study_id,
                    stimulus_id, condition, respondent, frames, faces, viewers, duration_s,
                    quality, engagement, attention, valence, updated)
                WITH means AS (
                    SELECT session_id, avg(engagement) AS engagement,
                           avg(attention) AS attention, avg(valence) AS valence
                    FROM seconds
                    WHERE session_id >= printf('s%07d', $a) AND session_id < printf('s%07d', $b)
                    GROUP BY session_id)
                SELECT session_id, 'Spot, respondent ' || s, 'file',
                       TIMESTAMP '2026-01-01' + INTERVAL 1 MINUTE * s, 'done',
                       {f"'study' || (s // {A_STUDY})" if studies else "NULL"},
                       {f"'film' || (s // {A_STUDY})" if studies else "NULL"},
                       {"CASE WHEN s % 2 = 0 THEN 'A' ELSE 'B' END" if studies else "NULL"},
                       'R' || s, $frames, $frames, 1, $frames / {FPS}, 0.95, engagement,
                       attention, valence, now()::TIMESTAMP
                FROM range($a, $b) a(s) JOIN means ON session_id = printf('s%07d', s)
                """,
                bound,
            )


def make_studies(store: Store, length_ms: int) -> None:
    for number in range(STUDIES):
        store.run(AddStudy(name=f"Spot {number}", kind="ad", conditions=("A", "B"),
                    question="Does B hold attention?", study_id=f"study{number}"))  # fmt: skip
        store.run(AddStimulus(title=f"Film {number}", study_id=f"study{number}",
                    length_ms=length_ms, stimulus_id=f"film{number}"))  # fmt: skip
        marks = [{"name": n, "from_ms": 1000 * a, "to_ms": 1000 * b} for n, a, b in SCENES]
        store.run(AddMarkers(stimulus_id=f"film{number}", markers=marks))


def fill_archive(store: Store, first: int, sessions: int, frames: int) -> None:
    """Sessions whose timelines are in the archive alone, each like one of a study before them."""
    template = store.arrow(
        f"SELECT {', '.join(STORED_SCHEMA.names)} FROM timeline WHERE session_id = $id "
        "ORDER BY frame",
        {"id": "s0000000"},
    ).cast(STORED_SCHEMA)
    columns = list(STORED_SCHEMA.names)
    mine_id = "printf('s%07d', made.number) AS session_id"
    others = ", ".join([mine_id, *SECOND_COLUMNS[1:]])
    other = {
        "session_id": "printf('s%07d', made.number)",
        "name": "'Spot, respondent ' || made.number",
    }
    of_study = ("study_id", "stimulus_id", "condition", "respondent")
    mine = ", ".join(
        f"{other.get(one, one)} AS {one}"
        for one in store.columns()["sessions"]
        if one not in of_study
    )
    names = []
    for number in range(first, first + sessions):
        session_id = f"s{number:07d}"
        ids = pa.repeat(pa.scalar(session_id), template.num_rows)
        rows = template.set_column(columns.index("session_id"), STORED_SCHEMA.field(0), ids)
        name = file_of(session_id, None, datetime(2025, 1 + number % 12, 1))
        path = store.home.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_rows(rows, path)
        names.append((session_id, name))
    source = f"printf('s%07d', made.number % {STUDIES * A_STUDY})"
    bound = {"a": first, "b": first + sessions}
    # one statement for all of them: a transaction a session is five times as slow
    with store.transaction() as cursor:
        for table, chosen in (
            ("frames", f"{mine_id}, frame, t_ms, faces"),
            ("seconds", others),
            ("sessions", mine),
        ):
            cursor.execute(
                f"INSERT INTO {table} BY NAME SELECT {chosen} FROM range($a, $b) made(number) "
                f"JOIN {table} ON session_id = {source} ORDER BY made.number",
                bound,
            )
        for session_id, name in names:
            note(cursor, session_id, name, store.home)
