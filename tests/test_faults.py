"""A few kills and full disks at moments of chance; ``make attack`` does hundreds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import KINDS, fills, kills

SEED = 17


def test_what_was_acknowledged_survives_kills(tmp_path: Path) -> None:
    told = kills(tmp_path, len(KINDS), SEED)
    assert all(told[kind] == 1 for kind in KINDS)
    assert told.get("acknowledged: shard", 0) + told.get("acknowledged: study", 0) > 0


def test_what_was_acknowledged_survives_a_full_disk(tmp_path: Path) -> None:
    told = fills(tmp_path, 1, SEED)
    if told is None:
        pytest.skip("this user may not mount a small disk")
    assert told["acknowledged"] > 0
