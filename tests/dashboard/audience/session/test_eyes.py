"""Eyes and movements on a session's page."""

from __future__ import annotations

import pandas as pd

from dashboard.audience.session import eyes_charts
from fer_core.home import Home
from fer_core.measures import measure_versions
from fer_core.palette import LIGHT
from fer_core.storage import open_store
from tests.dashboard.pages import open_page
from tests.storage.sleeper import write_all


def plant(home: Home, *, eyes: bool) -> None:
    write_all(home, "s1", eyes=eyes, versions=measure_versions(eyes=eyes))
    with open_store(home, look_after=False) as store:
        store.sync()


def test_a_session_says_how_long_eyes_were_closed(empty_home: Home) -> None:
    plant(empty_home, eyes=True)
    app = open_page("session", id="s1")
    assert not app.exception
    assert "Eyes and movements" in [one.value for one in app.subheader]
    assert any("eyes closed 20 % of the time" in one.value for one in app.caption)


def test_a_session_without_eyes_says_nothing_of_them(empty_home: Home) -> None:
    plant(empty_home, eyes=False)
    app = open_page("session", id="s1")
    assert not app.exception
    assert "Eyes and movements" not in [one.value for one in app.subheader]


def test_blinks_are_ticks_and_closed_eyes_bars() -> None:
    spans = pd.DataFrame(
        [(1, "blink", 1000, 1200), (1, "closed", 4000, 6000), (2, "away", 2000, 3000),
         (9, "blink", 0, 100)],
        columns=["viewer", "kind", "from_ms", "to_ms"],
    )  # fmt: skip
    seconds = pd.DataFrame({"t_ms": range(0, 10_000, 1000), "blink": 6.0, "eyes_closed": 0.2})
    seconds = seconds.assign(**dict.fromkeys(eyes_charts.MOVEMENTS, 0.5))
    fig = eyes_charts.figure(spans, seconds, {1: "Ada", 2: "Ben"}, duration_ms=10_000, theme=LIGHT)
    rows, away, closed, blinks, lanes = fig.data
    assert list(rows.y) == ["Ada", "Ben"]
    assert list(away.y) == ["Ben", "Ben", None]
    assert pd.Timestamp(closed.x[1]) - pd.Timestamp(closed.x[0]) == pd.Timedelta(seconds=2)
    assert [pd.Timestamp(x) for x in blinks.x] == [pd.Timestamp(0) + pd.Timedelta(seconds=1.1)]
    assert list(blinks.y) == ["Ada"]
    assert len(lanes.y) == len(eyes_charts.MOVEMENTS)
