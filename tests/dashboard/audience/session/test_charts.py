"""What charts say and draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.audience.session import charts as timeline
from dashboard.audience.session.data import SessionView, view
from dashboard.shared.charts import findings, ribbon
from dashboard.shared.charts import sparkline as small
from dashboard.shared.charts.panels import time_axis
from fer_core import text as wording
from fer_core.home import Home
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import DARK, EMOTION_COLOURS, LIGHT, contrast
from fer_core.storage import open_store
from tests.dashboard.simulated import plant


def seconds_of(engagement: np.ndarray) -> pd.DataFrame:
    n = len(engagement)
    known = ~np.isnan(engagement)
    return pd.DataFrame(
        {
            "second": np.arange(n),
            "t_ms": np.arange(n) * 1000,
            "engagement": np.where(known, engagement, 0.0),
            "emotion": pd.array(np.where(known, "neutral", None), dtype="str"),
            "valence": np.zeros(n),
        }
    )


def noise(n: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 3, n)


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        (np.r_[np.full(21, 70.0), np.full(25, 45.0)] + noise(46), "Engagement falls after 0:21"),
        (np.r_[np.full(30, 40.0), np.full(30, 60.0)] + noise(60), "Engagement rises after 0:30"),
        (
            np.r_[np.full(20, 45.0), np.full(15, 75.0), np.full(25, 45.0)] + noise(60),
            "Engagement is highest from 0:20 to 0:35",
        ),
        (np.full(40, 52.0) + noise(40) / 3, "Engagement holds near 52"),
        (np.full(6, 52.0), "Engagement"),
        (np.r_[np.full(8, 52.0), np.full(20, np.nan)], "No usable face after 0:08"),
        (np.full(20, np.nan), "No second with a usable face"),
    ],
)
def test_a_title_states_what_the_curve_shows(curve: np.ndarray, said: str) -> None:
    assert findings.engagement(seconds_of(curve)) == said


def test_noise_alone_is_rarely_called_a_change() -> None:
    """A slow random walk about 50: of 200 such curves few may be called rising or falling."""
    claims = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        curve = np.zeros(90)
        for i in range(1, 90):
            curve[i] = 0.8 * curve[i - 1] + rng.normal(0, 4)
        said = findings.engagement(seconds_of(50 + curve))
        claims += "after" in said or "from" in said
    assert claims <= 20  # one in ten; the split is searched for


def test_the_mix_of_expressions_is_said_in_one_line() -> None:
    share = pd.Series(0.0, index=list(DISPLAY_ORDER))
    share["neutral"], share["happy"] = 0.7, 0.3
    assert findings.expressions(share) == "Mostly neutral, then happy (30 %)"
    share["neutral"], share["happy"], share["sad"] = 0.4, 0.35, 0.25
    assert findings.expressions(share) == "Mixed expressions, neutral most often (40 %)"
    share[:] = 0.0
    share["neutral"] = 1.0
    assert findings.expressions(share) == "Almost only neutral"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> SessionView:
    home = Home(tmp_path_factory.mktemp("room"))
    session_id = plant(home, seconds=60, viewers=3)
    with open_store(home, look_after=False) as store:
        store.sync()
        store.order("edit_viewer", session_id=session_id, kind="rename", viewer=2, name="Ada")
        return view(store, session_id)


def drawn(room: SessionView, emotions: tuple[str, ...] = DISPLAY_ORDER):  # type: ignore[no-untyped-def]
    return timeline.figure(
        room.seconds,
        room.lanes,
        room.gaps,
        room.shares,
        duration_ms=room.duration_ms,
        emotions=emotions,
        look=LIGHT,
        names=room.names,
    )


def test_a_session_is_one_figure_on_one_time_axis(room: SessionView) -> None:
    figure = drawn(room)
    assert {trace.xaxis for trace in figure.data} == {None}  # all on the one x axis
    axes = {key for key in figure.layout.to_plotly_json() if key.startswith("xaxis")}
    assert axes == {"xaxis"}
    assert figure.layout.xaxis.tickformat == "%-M:%S"
    assert str(figure.layout.xaxis.range[1]).endswith("00:01:00")


def test_an_emotion_that_is_switched_off_is_not_drawn(room: SessionView) -> None:
    names = {trace.name for trace in drawn(room, ("happy", "sad")).data}
    assert {"happy", "sad"} <= names
    assert "angry" not in names


def test_time_without_a_face_is_grey_and_its_engagement_is_zero(room: SessionView) -> None:
    figure = drawn(room)
    spans = {(str(s.x0)[-8:], str(s.x1)[-8:]) for s in figure.layout.shapes}
    assert any(start == "00:00:30" for start, _ in spans)
    curve = next(trace for trace in figure.data if trace.name == "Engagement")
    assert curve.y[31] == 0
    assert curve.customdata[31].startswith("no usable face")
    lines = next(trace for trace in figure.data if trace.name == "happy")
    assert np.isnan(lines.y[31])


def test_every_viewer_has_a_lane_with_its_name(room: SessionView) -> None:
    lanes = next(trace for trace in drawn(room).data if trace.type == "heatmap" and trace.y[0])
    assert list(lanes.y) == ["1", "Ada", "3"]
    assert len(lanes.x) == 60
    assert np.isnan(np.array(lanes.z, dtype=float)[:, 32]).all()  # nobody there
    assert lanes.text[0][32] == "not seen"


def test_hours_are_written_on_the_axis_of_a_long_session() -> None:
    assert time_axis(3_700_000, LIGHT)["tickformat"] == "%-H:%M:%S"


def test_a_cell_of_the_ribbon_carries_emotion_and_strength() -> None:
    z = ribbon.levels(pd.Series(["happy", "happy", None]), pd.Series([1.0, 0.15, np.nan]))
    assert z[0] == ribbon.STEPS - 1
    assert z[1] == 0
    assert np.isnan(z[2])
    scale = ribbon.colour_scale(LIGHT)
    assert scale[0][0] == 0
    assert scale[-1][0] == 1
    assert scale[2 * (ribbon.STEPS - 1)][1].upper() == EMOTION_COLOURS["happy"]


def test_a_sparkline_breaks_where_nothing_is_known() -> None:
    curve = pd.DataFrame(
        {"engagement": [40.0, 50, np.nan, 50, 60], "emotion": ["happy", None, None, "sad", "sad"]}
    )
    import base64

    link = small.sparkline(curve, DARK).split("base64,")[1].split('"')[0]
    svg = base64.b64decode(link).decode()
    assert svg.count("<polyline") == 2
    assert DARK.ink in svg
    assert EMOTION_COLOURS["sad"] in svg
    assert small.sparkline(curve.iloc[:0], DARK) == ""


def test_a_share_strip_names_every_expression_also_without_any_time() -> None:
    share = pd.Series(0.0, index=list(DISPLAY_ORDER))
    share["happy"] = 1.0
    html = small.share_strip(share)
    assert all(name in html for name in DISPLAY_ORDER)
    assert html.count("<span") == 1


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_text_in_charts_meets_wcag_aa(look) -> None:  # type: ignore[no-untyped-def]
    for ink in (look.text, look.quiet, look.ink):
        assert contrast(ink, look.paper) >= 4.5
        assert contrast(ink, look.raised) >= 4.5


def test_numbers_are_words_with_no_more_digits_than_earned() -> None:
    assert wording.hours(12_000) == "12 s"
    assert wording.hours(12 * 3_600_000) == "12 h"
    assert wording.size(4_000_000_000) == "4.0 GB"
    assert wording.wait(0.4) == "nearly done"
    assert wording.wait(125) == "about 2 min left"
    assert wording.shorten("a" * 30 + "_end.mp4", 20) == "aaaaaaaaaaaaa…nd.mp4"
