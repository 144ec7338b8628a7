"""Small timelines whose every number can be checked in the head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fer_core.analytics.simulate import SimulatedStudy, simulate_study
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.measures import TIMELINE_COLUMNS
from tests.analytics.referee import viewer_seconds

Table = Callable[..., pd.DataFrame]


def _probabilities(happy: float) -> list[float]:
    """Happy as asked, the rest neutral."""
    p = dict.fromkeys(EMOTIONS, 0.0)
    p["happy"], p["neutral"] = happy, 1 - happy
    return [p[name] for name in EMOTIONS]


@pytest.fixture
def make_timeline() -> Table:
    """One row a (t_ms, viewer) with happy at 0.5 and full attention, unless told otherwise.

    ``columns`` sets whole columns; frame numbers follow the distinct times.
    """

    def make(
        rows: Sequence[tuple[int, int]], *, frames: pd.DataFrame | None = None, **columns: Any
    ) -> pd.DataFrame:
        t_ms = [t for t, _ in rows]
        table = pd.DataFrame({"t_ms": t_ms, "viewer": [who for _, who in rows]})
        times = sorted(set(t_ms)) if frames is None else list(frames["t_ms"])
        table["frame"] = [times.index(t) for t in t_ms]
        table["session_id"] = "s1"
        for name in ("x", "y", "yaw", "pitch", "roll"):
            table[name] = 0.0
        table["w"] = table["h"] = 100.0
        table["score"] = 0.9
        table["usable"] = True
        table["why_not"] = ""
        happy = np.broadcast_to(columns.pop("happy", 0.5), len(table))
        table[list(PROBABILITY_COLUMNS)] = np.array([_probabilities(h) for h in happy]).reshape(
            len(table), len(EMOTIONS)
        )
        table["emotion"] = np.where(happy > 0.5, "happy", "neutral")
        table["confidence"] = np.maximum(happy, 1 - happy)
        table["valence"] = happy
        table["activation"] = 0.6 * happy
        table["expressiveness"] = happy
        table["attention"] = 1.0
        for name, value in columns.items():
            table[name] = value
        table["engagement"] = columns.get(
            "engagement", 100 * table["attention"] * (0.4 + 0.6 * table["expressiveness"])
        )
        return table.reindex(columns=list(TIMELINE_COLUMNS))

    return make


@pytest.fixture
def make_frames() -> Table:
    """The frames' table of these times."""

    def make(t_ms: Sequence[int]) -> pd.DataFrame:
        return pd.DataFrame({"frame": range(len(t_ms)), "t_ms": list(t_ms), "faces": 1})

    return make


@pytest.fixture(scope="session")
def demo() -> SimulatedStudy:
    """The demo study: two versions, 24 viewers each, two planted differences."""
    return simulate_study()


@pytest.fixture(scope="session")
def demo_seconds(demo: SimulatedStudy) -> dict[str, pd.DataFrame]:
    """Its viewers' seconds by condition."""
    return {
        condition: pd.concat(
            [
                viewer_seconds(one.timeline, one.frames)
                for one in demo.sessions
                if one.condition == condition
            ]
        )
        for condition in demo.conditions
    }
