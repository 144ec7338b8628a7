"""A few kills and full disks at moments of chance; ``make attack`` does hundreds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.series import fills, kills
from tests.long import only_long

SEED = 17


def test_what_was_acknowledged_survives_kills(tmp_path: Path) -> None:
    # what tests/jobs/test_kill_resume.py does not: the store's own work
    kinds = ("ingest", "deletion", "backup")
    told = kills(tmp_path, len(kinds), SEED, kinds)
    assert all(told[kind] == 1 for kind in kinds)
    assert told.get("acknowledged: shard", 0) + told.get("acknowledged: study", 0) > 0


@only_long
def test_what_was_acknowledged_survives_a_full_disk(tmp_path: Path) -> None:
    told = fills(tmp_path, 1, SEED)
    if told is None:
        pytest.skip("this user may not mount a small disk")
    assert told["acknowledged"] > 0
