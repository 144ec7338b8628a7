"""What Live shows of a face: calm while nothing changes, and soon where it does."""

from __future__ import annotations

import numpy as np

from fer_core.labels import EMOTIONS, NEUTRAL
from fer_core.live.steady import FORGET_MS, Steady
from fer_core.measures import HAPPY, measure
from fer_core.types import AnalysisSettings, Faces, Float, FrameResult

EVERY_MS = 40
STILL = np.log(np.array([0.1, 0.02, 0.05, 0.3, 0.1, 0.03, 0.4]))


def rows(logits: np.ndarray) -> Float:
    wide = np.exp(np.atleast_2d(logits))
    return np.asarray(wide / wide.sum(axis=1, keepdims=True), np.float32)


def frame(t_ms: int, p: Float, viewers: tuple[int, ...] = (1,), usable: bool = True) -> FrameResult:
    n = len(viewers)
    pose = np.zeros((n, 3), np.float32)
    return FrameResult(
        frame=t_ms, t_ms=t_ms, viewer=np.array(viewers, np.int32),
        faces=Faces(np.ones((n, 4), np.float32), np.ones(n, np.float32),
                    np.ones((n, 5, 2), np.float32)),
        pose=pose, usable=np.full(n, usable), why_not=("",) * n,
        probabilities=p, measures=measure(p, pose),
    )  # fmt: skip


def shown(steady: Steady, p: Float, begin: int = 0) -> Float:
    """What is shown of a viewer's frames, one after the other."""
    times = range(begin, begin + EVERY_MS * len(p), EVERY_MS)
    each = [steady.take(frame(t_ms, row[None])) for t_ms, row in zip(times, p, strict=True)]
    return np.concatenate([one.probabilities for one in each])


def steps(p: Float) -> float:
    return float(0.5 * np.abs(np.diff(p, axis=0)).sum(axis=1).mean())


def test_a_still_face_flickers_less_than_half_as_much_and_its_mean_stays() -> None:
    noise = np.random.default_rng(0).normal(0, 0.3, (200, len(EMOTIONS)))
    read = rows(STILL + noise)
    calm = shown(Steady(AnalysisSettings()), read)
    assert steps(calm) < 0.5 * steps(read)
    np.testing.assert_allclose(calm[50:].mean(axis=0), read[50:].mean(axis=0), atol=0.02)
    np.testing.assert_allclose(calm.sum(axis=1), 1, atol=1e-5)


def test_another_expression_leads_two_frames_later_at_most() -> None:
    happy = np.where(np.arange(len(EMOTIONS)) == HAPPY, 3.0, -3.0)
    neutral = np.where(np.arange(len(EMOTIONS)) == NEUTRAL, 3.0, -3.0)
    calm = shown(Steady(AnalysisSettings()), rows(np.array([neutral] * 25 + [happy] * 10)))
    assert (calm[:25].argmax(axis=1) == NEUTRAL).all()
    assert (calm[27:].argmax(axis=1) == HAPPY).all()


def test_measures_follow_from_what_is_shown_and_the_frame_stays_as_it_was_read() -> None:
    steady = Steady(AnalysisSettings(engagement_base=0.2, engagement_expressive=0.8))
    read = rows(np.array([STILL, STILL[::-1]]))
    steady.take(frame(0, read[:1]))
    second = frame(EVERY_MS, read[1:])
    seen = steady.take(second)
    assert np.abs(seen.probabilities - read[1:]).max() > 0.01
    np.testing.assert_array_equal(second.probabilities, read[1:])
    p = seen.probabilities[0]
    assert seen.measures["engagement"][0] == np.float32(100 * (0.2 + 0.8 * (1 - p[NEUTRAL])))


def test_each_viewer_has_a_state_of_her_own_that_ends_with_a_gap() -> None:
    steady = Steady(AnalysisSettings())
    one, other = rows(STILL), rows(STILL[::-1])
    both = np.concatenate([one, other])
    steady.take(frame(0, both, (1, 2)))
    swapped = steady.take(frame(EVERY_MS, both[::-1], (2, 1)))
    np.testing.assert_allclose(swapped.probabilities, both[::-1], atol=1e-6)
    later = steady.take(frame(EVERY_MS + FORGET_MS + 1, other, (1,)))
    np.testing.assert_allclose(later.probabilities, other, atol=1e-6)


def test_what_cannot_be_read_is_shown_as_it_is_and_moves_nothing() -> None:
    steady = Steady(AnalysisSettings())
    one, other = rows(STILL), rows(STILL[::-1])
    steady.take(frame(0, one))
    unknown = np.full_like(one, np.nan)
    assert np.isnan(steady.take(frame(EVERY_MS, unknown)).probabilities).all()
    blurred = steady.take(frame(2 * EVERY_MS, other, usable=False))
    np.testing.assert_array_equal(blurred.probabilities, other)
    after = steady.take(frame(3 * EVERY_MS, one))
    np.testing.assert_allclose(after.probabilities, one, atol=1e-6)


def test_two_pictures_of_the_same_time_are_no_division_by_nothing() -> None:
    steady = Steady(AnalysisSettings())
    one, other = rows(STILL), rows(STILL[::-1])
    steady.take(frame(0, one))
    np.testing.assert_allclose(steady.take(frame(0, other)).probabilities, one, atol=1e-6)
