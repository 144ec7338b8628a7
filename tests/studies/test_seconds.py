"""Corrected seconds of many sessions in one query are those that pandas makes one by one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from fer_core.analytics import baseline
from fer_core.analytics.frame_time import Span
from fer_core.home import Home
from fer_core.measures import MEASURES
from fer_core.storage import Store, open_store
from fer_core.storage.sessions import AssignSession
from fer_core.storage.timeline.viewers import EditKind, EditViewer
from fer_core.studies.seconds import study_seconds
from fer_core.types import AnalysisSettings
from tests.analytics.referee import correct, viewer_seconds
from tests.dashboard.simulated import plant

WEIGHTS = {"engagement_base": 0.2, "engagement_expressive": 0.8}


@pytest.fixture
def sessions(home: Home) -> Iterator[tuple[Store, pd.DataFrame]]:
    """One viewer who was away; a room whose film began late; weights of its own; edits."""
    with open_store(home, look_after=False) as store:
        plant(home, "one", seconds=14, viewers=1)
        plant(home, "room", seconds=14, viewers=3, seed=2, settings=WEIGHTS)
        edited = plant(home, "edited", seconds=14, viewers=3, seed=3)
        late = plant(home, "late", seconds=14, viewers=2, seed=4)
        store.sync()
        store.run(AssignSession(session_id=late, offset_ms=4300))
        store.run(EditViewer(session_id=edited, kind=EditKind.MERGE, viewer=2, into_viewer=1))
        store.run(
            EditViewer(session_id=edited, kind=EditKind.EXCLUDE, viewer=3, from_ms=0, to_ms=5000)
        )
        store.run(EditViewer(session_id=edited, kind=EditKind.SPLIT, viewer=1, from_ms=8000))
        yield store, store.sessions.list()


def one_by_one(store: Store, session_id: str, offset_ms: int) -> pd.DataFrame:
    settings = store.sessions.get(session_id).settings
    weights = AnalysisSettings(**{name: settings[name] for name in WEIGHTS if name in settings})
    fixed = correct(
        store.timeline.rows(session_id, edited=True),
        pre_roll=Span(0, offset_ms) if offset_ms >= 3000 else baseline.PRE_ROLL,
        settings=weights,
    )
    spans = [
        Span(int(start), int(stop), int(viewer))
        for viewer, start, stop in store.timeline.exclusions(session_id).itertuples(index=False)
    ]
    return viewer_seconds(
        fixed.timeline, store.timeline.frames(session_id), offset_ms=offset_ms, spans=spans
    )


def test_they_are_those_of_the_referee(sessions: tuple[Store, pd.DataFrame]) -> None:
    store, rows = sessions
    found = study_seconds(store, rows, (*MEASURES, "emotion", "confidence"), corrected=True)
    raw = study_seconds(store, rows, MEASURES)
    assert len(found) == len(raw)
    for session_id, offset_ms in zip(rows["session_id"], rows["offset_ms"]):
        wanted = one_by_one(store, session_id, int(offset_ms))
        mine = found[found["session_id"] == session_id]
        assert mine["second"].tolist() == wanted["second"].tolist()
        assert mine["viewer"].tolist() == wanted["viewer"].tolist()
        assert mine["n"].tolist() == wanted["n"].tolist()
        assert mine["emotion"].fillna("").tolist() == wanted["emotion"].fillna("").tolist()
        for name in (*MEASURES, "confidence"):
            np.testing.assert_allclose(
                mine[name].to_numpy(float), wanted[name].to_numpy(float), atol=2e-4, err_msg=name
            )
    assert np.nanmax(np.abs(found["valence"] - raw["valence"])) > 0.05
