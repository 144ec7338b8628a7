"""Closed and averted eyes while a live session runs, from made readings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_core.live.running_eyes import RunningEyes
from fer_core.measures import READINGS
from fer_core.types import FrameResult, Measures
from tests.storage.rows import result
from tests.storage.sleeper import STILL

STEP_MS = 62


def frame(t_ms: int, *, lids: float = 0.21, aside: float = 0.0, smile: bool = False) -> FrameResult:
    made = result(0, (0,), t_ms=t_ms)
    readings = STILL.copy()
    readings[:2] = lids
    readings[[2, 4]] = aside
    if smile:
        readings[6] += 0.8
    measures = dict(made.measures.values) | {"engagement": np.array([60.0], np.float32)}
    return replace(made, readings=readings[None], measures=Measures(measures))


def watched(frames: list[FrameResult]) -> list[tuple[int, float, float]]:
    """When, attention and engagement of each frame."""
    eyes = RunningEyes()
    shown = [eyes.take(one) for one in frames]
    return [
        (one.t_ms, float(one.measures["attention"][0]), float(one.measures["engagement"][0]))
        for one in shown
    ]


def test_closed_eyes_stop_attending_within_eight_tenths_of_a_second() -> None:
    frames = [frame(t, lids=0.03 if 9000 <= t < 12000 else 0.21) for t in range(0, 15000, STEP_MS)]
    seen = watched(frames)
    lost = [t for t, attention, engagement in seen if attention == engagement == 0]
    assert 9000 < lost[0] <= 9800
    assert lost == [t for t, *_ in seen if lost[0] <= t <= lost[-1]]
    assert lost[-1] < 12000 + 2 * STEP_MS


def test_they_do_so_also_before_a_blink_was_seen_and_soon_after_coming() -> None:
    frames = [frame(t, lids=0.03 if t >= 1000 else 0.21) for t in range(0, 4000, STEP_MS)]
    lost = [t for t, attention, _ in watched(frames) if attention == 0]
    assert 1000 < lost[0] <= 1800
    assert lost[-1] > 3800


@pytest.mark.parametrize("lids", [0.12, 0.03])
def test_blinks_and_laughing_eyes_keep_attention(lids: float) -> None:
    blinking = [frame(t, lids=lids if t % 3000 < 200 else 0.21) for t in range(0, 12000, STEP_MS)]
    assert all(attention == 1 for _, attention, _ in watched(blinking))
    laughing = [
        frame(t, lids=0.09 if t > 6000 else 0.21, smile=t > 6000) for t in range(0, 9000, STEP_MS)
    ]
    assert all(attention == 1 for _, attention, _ in watched(laughing))


def test_eyes_away_count_once_the_usual_gaze_is_known() -> None:
    early = [frame(t, aside=0.1 if t > 1500 else 0.0) for t in range(0, 3000, STEP_MS)]
    assert all(attention == 1 for _, attention, _ in watched(early))
    late = [frame(t, aside=0.1 if t > 9000 else 0.0) for t in range(0, 11000, STEP_MS)]
    assert {attention for t, attention, _ in watched(late) if t > 9100} == {0}
    assert {attention for t, attention, _ in watched(late) if t <= 9000} == {1}


def test_a_face_whose_eyes_are_not_read_any_more_is_judged_by_the_head() -> None:
    frames = [frame(t, lids=0.03 if t >= 3000 else 0.21) for t in range(0, 6000, STEP_MS)]
    unread = replace(frame(7000), readings=np.full((1, len(READINGS)), np.nan, np.float32))
    assert watched([*frames, unread])[-1][1] == 1
