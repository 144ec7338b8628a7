"""How fast the store answers with ten million timeline rows, and how fast it takes shards.

    python -m benchmarks.bench_store [--rows 10000000] [--out docs/benchmarks/store.md]

The rows are invented by SQL: 2,000 sessions of one viewer, about 170 s each at 30 frames a
second; the first 200 are a study. Times are of this process, the store's owner, with a
cold and then a warm page cache of DuckDB's own; the machine's load stands beside them.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fer_core.files import write_json
from fer_core.home import Home
from fer_core.labels import PROBABILITY_COLUMNS
from fer_core.machine import stamp
from fer_core.measures import FACE_MEASURES
from fer_core.storage import ShardWriter, Store, open_store
from fer_core.types import Faces, FrameResult, Measures

SESSIONS = 2000


def fill(store: Store, rows: int, first: int = 0, sessions: int = SESSIONS) -> None:
    """Sessions that look like analysed ones, a tenth at a time."""
    each = rows // sessions
    p = ", ".join(f"(hash(i, {k}) % 1000 / 7000.0)::FLOAT AS {name}"
                  for k, name in enumerate(PROBABILITY_COLUMNS))  # fmt: skip
    m = ", ".join(f"median({name}) AS {name}" for name in PROBABILITY_COLUMNS)
    step = max(1, sessions // 10)
    for start in range(first, first + sessions, step):
        bound = {"each": each, "a": start, "b": min(start + step, first + sessions)}
        with store.transaction() as cursor:
            cursor.execute(
                f"""
                INSERT INTO timeline BY NAME
                SELECT printf('s%07d', s) AS session_id, (i * 100 // 3)::INTEGER AS t_ms,
                       i::INTEGER AS frame, 0 AS viewer, 10.0 AS x, 10.0 AS y, 80.0 AS w,
                       80.0 AS h, 0.9 AS score, (hash(i, 11) % 30)::FLOAT AS yaw, 0.0 AS pitch,
                       0.0 AS roll, hash(i, 12) % 10 > 0 AS usable, '' AS why_not, {p},
                       'happy' AS emotion, 0.7 AS confidence, 0.1 AS valence, 0.4 AS activation,
                       0.5 AS expressiveness, (hash(s, i, 13) % 1000 / 1000.0)::FLOAT AS attention,
                       (hash(s, i, 14) % 1000 / 10.0)::FLOAT AS engagement
                FROM range($a, $b) a(s), range($each) b(i) ORDER BY s, i
                """,
                bound,
            )
            cursor.execute(
                "INSERT INTO frames SELECT printf('s%07d', s), i::INTEGER, "
                "(i * 100 // 3)::INTEGER, 1 FROM range($a, $b) a(s), range($each) b(i) "
                "ORDER BY s, i",
                bound,
            )
            cursor.execute(
                f"""
                INSERT INTO seconds BY NAME
                SELECT session_id, viewer, (t_ms // 1000)::INTEGER AS second,
                       count(*)::INTEGER AS n, count(*)::INTEGER AS seen, 0 AS away, {m},
                       median(valence) AS valence, median(activation) AS activation,
                       median(expressiveness) AS expressiveness,
                       median(attention) AS attention, median(engagement) AS engagement
                FROM timeline
                WHERE session_id >= printf('s%07d', $a) AND session_id < printf('s%07d', $b)
                GROUP BY ALL ORDER BY session_id, second
                """,
                {"a": bound["a"], "b": bound["b"]},
            )
            cursor.execute(
                """
                INSERT INTO sessions (session_id, name, kind, created, status, study_id,
                    condition, frames, faces, viewers, duration_s, quality, engagement, updated)
                SELECT printf('s%07d', s), 'Clip ' || s, 'file',
                       TIMESTAMP '2026-01-01' + INTERVAL 1 MINUTE * s, 'done',
                       CASE WHEN s < 200 THEN 'study' END,
                       CASE WHEN s % 2 = 0 THEN 'A' ELSE 'B' END,
                       $each, $each, 1, $each / 30, 0.9, 50, now()::TIMESTAMP
                FROM range($a, $b) a(s)
                """,
                bound,
            )


def timed(work: Callable[[], object], times: int = 7) -> tuple[float, float]:
    """The first run's milliseconds, and the median of the others."""
    taken = []
    for _ in range(times + 1):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return taken[0], statistics.median(taken[1:])


def questions(store: Store) -> dict[str, Callable[[], object]]:
    latest = [f"s{n:07d}" for n in range(SESSIONS - 12, SESSIONS)]
    one = f"s{SESSIONS // 2:07d}"
    return {
        "overview numbers": store.sessions.overview,
        "latest 12 sessions": lambda: store.sessions.list(limit=12),
        "their sparklines": lambda: store.timeline.seconds(
            latest, columns=["session_id", "second", "engagement"]
        ),
        "one session's timeline": lambda: store.timeline.rows(one),
        "one session's seconds": lambda: store.timeline.seconds(one),
        "one session's emotion shares": lambda: store.timeline.emotion_shares(one),
        "one session's viewers": lambda: store.timeline.viewers(one),
        "a study of 200 viewers, one measure": lambda: store.studies.seconds("study", "engagement"),
        "a study of 200 viewers, all measures": lambda: store.timeline.seconds(
            [f"s{n:07d}" for n in range(200)]
        ),
    }


def shard_speed(home: Home, store: Store) -> tuple[float, float, float]:
    """Rows a second written to shards; ms to take one shard of 240 rows; rows a second in bulk."""
    rng = np.random.default_rng(0)

    def frame(i: int, n: int) -> FrameResult:
        def c() -> np.ndarray:
            return rng.random(n).astype(np.float32)

        return FrameResult(
            i, i * 33, np.arange(n, dtype=np.int32),
            Faces(np.ones((n, 4), np.float32), c(), np.zeros((n, 5, 2), np.float32)),
            np.zeros((n, 3), np.float32), np.ones(n, bool), ("",) * n,
            rng.dirichlet(np.ones(7), n).astype(np.float32),
            Measures({key: c() for key in FACE_MEASURES}),
        )  # fmt: skip

    frames = [frame(i, 20) for i in range(5000)]
    writer = ShardWriter(home, "zbulk")
    for one in frames:
        writer.add(one)
    begun = time.perf_counter()
    writer.flush({})
    writing = 100_000 / (time.perf_counter() - begun)
    write_json(home.session("zbulk") / "session.json", {"status": "running"})
    begun = time.perf_counter()
    store.ingester.step()
    bulk = 100_000 / (time.perf_counter() - begun)
    small = ShardWriter(home, "zsmall")
    write_json(home.session("zsmall") / "session.json", {"status": "running"})
    taken = []
    for part in range(8):
        for i in range(240):
            small.add(frame(part * 240 + i, 1))
        small.flush({})
        begun = time.perf_counter()
        store.ingester.step()
        taken.append((time.perf_counter() - begun) * 1000)
    return writing, statistics.median(taken), bulk


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rapt-bench-"))
    home = Home(folder / "home")
    try:
        with open_store(home, look_after=False) as store:
            fill(store, given.rows)
            store.checkpoint()
        size = home.database.stat().st_size
        with open_store(home, look_after=False) as store:
            before = {name: timed(work) for name, work in questions(store).items()}
            with open_store(home, look_after=False) as client:
                through = {name: timed(work, 3)[1] for name, work in questions(client).items()}
            writing, step, bulk = shard_speed(home, store)
            fill(store, given.rows // 10, SESSIONS, SESSIONS // 10)
            begun = time.perf_counter()
            store.checks.integrity()
            checked = time.perf_counter() - begun
            grown = {name: timed(work)[1] for name, work in questions(store).items()}
        lines = report(given.rows, size, before, through, grown, writing, step, bulk, checked)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(lines))
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def report(
    rows: int,
    size: int,
    before: dict[str, tuple[float, float]],
    through: dict[str, float],
    grown: dict[str, float],
    writing: float,
    step: float,
    bulk: float,
    checked: float,
) -> list[str]:
    lines = [
        "# The store",
        "",
        f"{stamp(f'python -m benchmarks.bench_store --rows {rows}')}.",
        "",
        f"{rows:,} timeline rows in {SESSIONS:,} sessions, {size / 1e6:,.0f} MB on the disk.",
        "",
        "| ms | first | again | through the socket | again, a tenth more rows |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {name} | {first:.0f} | {again:.0f} | {through[name]:.0f} | {grown[name]:.0f} |"
        for name, (first, again) in before.items()
    ]
    return [
        *lines,
        "",
        f"Shards: {writing:,.0f} rows a second written; one of 240 rows taken in {step:.0f} ms "
        f"with its seconds and summary; one of 100,000 rows at {bulk:,.0f} rows a second.",
        "",
        f"`rapt doctor` checks all rows against one another in {checked:.1f} s.",
    ]


if __name__ == "__main__":
    main()
