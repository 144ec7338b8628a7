"""Which creative suits a segment: a person counts once, and only what the segment saw is ranked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fer_core.errors import DataError
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.sessions import AssignSession
from fer_core.studies.creatives import rank_creatives, segments
from fer_core.studies.membership import find_study, load_study


def test_creatives_of_the_demo_study(demo_template: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_template, tmp_path / "home")
    with open_store(Home(tmp_path / "home"), look_after=False) as store:
        found = load_study(store, find_study(store, None))
        for row in found.counted[found.counted["condition"] == "B"].to_dict("records"):
            store.run(
                AssignSession(session_id=row["session_id"], stimulus="Other film", tags=("b",))
            )
        study = load_study(store, found.study_id)
        assert segments(study) == ["A", "B", "b", "simulated"]
        everybody = rank_creatives(store, study)
        assert len(everybody.ranked) == 2
        # the demo's B holds attention and pleases more (analytics/simulate.py)
        assert everybody.ranked[0].name == "Other film"
        assert everybody.ranked[0].n == 24
        assert everybody.ranked[0].best > 0.8
        only = rank_creatives(store, study, "valence", "b")
        assert [one.name for one in only.ranked] == ["Other film"]
        assert [why for _, why in only.left_out] == ["nobody of this segment watched it"]
        few = rank_creatives(store, study, minimum=40)
        assert few.ranked == ()
        assert "24 viewers, fewer than 40" in few.left_out[0][1]
        with pytest.raises(DataError, match=r"is in 'Z'.*Segments are A, B, b, simulated"):
            rank_creatives(store, study, segment="Z")
