from __future__ import annotations

import pytest

from fer_core.storage import Store
from fer_core.storage.studies import AddStudy
from fer_core.studies.headlines import study_headlines
from fer_core.studies.membership import find_study, load_study
from fer_core.studies.norms import study_norm


def others(store: Store, engagement: list[float], *, kind: str, quality: float = 0.9) -> None:
    """A study a value, with one finished session each."""
    for number, value in enumerate(engagement):
        study_id = store.run(AddStudy(name=f"{kind} {value} {number}", kind=kind,
                               simulated=True))  # fmt: skip
        with store.transaction() as cursor:
            cursor.execute(
                "INSERT INTO sessions (session_id, name, kind, created, status, study_id, viewers, "
                "quality, duration_s, updated) "
                "VALUES (?, 'x', 'demo', now()::TIMESTAMP, 'done', ?, 1, ?, 1, now()::TIMESTAMP)",
                [f"s{study_id}", study_id, quality],
            )
            cursor.execute(
                "INSERT INTO seconds BY NAME SELECT ? AS session_id, 0 AS viewer, 0 AS second, "
                "25 AS n, 25 AS seen, 0 AS away, ? AS engagement",
                [f"s{study_id}", value],
            )


def test_a_norm_is_refused_under_ten_others_of_the_kind(small_store: Store) -> None:
    study = load_study(small_store, find_study(small_store, None))
    others(small_store, [10.0] * 9, kind="ad")
    others(small_store, [10.0] * 20, kind="game")
    found = study_norm(small_store, study, "engagement")
    assert (found.percentile, found.n) == (None, 9)


def test_a_study_stands_above_those_with_a_lower_mean(small_store: Store) -> None:
    study = load_study(small_store, find_study(small_store, None))
    (mean,) = study_headlines(small_store, [study])[study.study_id].means
    others(small_store, [mean - 5] * 7 + [mean + 5] * 3, kind="ad")
    others(small_store, [mean - 5] * 5, kind="ad", quality=0.3)  # left out: no others at all
    found = study_norm(small_store, study, "engagement")
    assert found.n == 10
    assert found.percentile == pytest.approx(70)
