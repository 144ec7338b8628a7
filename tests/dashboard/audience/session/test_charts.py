"""What is drawn of a session."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard.audience.session import charts, viewer_edits
from dashboard.audience.session.data import SessionView, view
from fer_core.home import Home
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import LIGHT
from fer_core.storage import open_store
from tests.dashboard.simulated import plant


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> SessionView:
    home = Home(tmp_path_factory.mktemp("room"))
    session_id = plant(home, seconds=60, viewers=3)
    with open_store(home, look_after=False) as store:
        store.sync()
        viewer_edits.rename(store, session_id, 2, "Ada")
        return view(store, session_id)


def drawn(room: SessionView, emotions: tuple[str, ...] = DISPLAY_ORDER) -> go.Figure:
    return charts.figure(
        room.seconds,
        room.lanes,
        room.gaps,
        room.shares,
        duration_ms=room.duration_ms,
        emotions=emotions,
        theme=LIGHT,
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


def test_blinks_are_ticks_and_closed_eyes_bars_over_attention(room: SessionView) -> None:
    spans = pd.DataFrame(
        {
            "viewer": [2, 1, 1],
            "kind": ["blink", "closed", "away"],
            "from_ms": [4_000, 9_000, 12_000],
            "to_ms": [4_100, 11_500, 13_000],
        }
    )
    figure = charts.figure(
        room.seconds, room.lanes, room.gaps, room.shares,
        duration_ms=room.duration_ms, emotions=(), theme=LIGHT, names=room.names, eyes=spans,
    )  # fmt: skip
    drawn = {trace.name: trace for trace in figure.data}
    assert [str(one)[11:19] for one in drawn["Blinks"].x] == ["00:00:04"]
    assert list(drawn["Blinks"].customdata) == [" · Ada"]
    assert [str(one)[11:] for one in drawn["Eyes closed"].x] == ["00:00:09", "00:00:11.500000"]
    assert drawn["Blinks"].yaxis == drawn["Attention"].yaxis == "y3"
    without = charts.figure(
        room.seconds, room.lanes, room.gaps, room.shares, duration_ms=room.duration_ms,
        emotions=(), theme=LIGHT, eyes=room.eyes,
    )  # fmt: skip
    assert not {"Blinks", "Eyes closed"} & {trace.name for trace in without.data}
