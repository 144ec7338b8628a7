"""The pipeline from file to results, with every real part."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.measures import READINGS
from fer_core.pipeline import Analysis, Networks
from fer_core.types import AnalysisSettings, FrameResult
from tests.networks import with_networks
from tests.waiting import until


@pytest.fixture(scope="module")
def long_home(tmp_path_factory: pytest.TempPathFactory, face_networks: Path) -> Home:
    return with_networks(Home(tmp_path_factory.mktemp("home")), face_networks)


@pytest.fixture(scope="module")
def clip(sample: Path) -> Path:
    return sample


def analyzed(
    path: Path, settings: AnalysisSettings | None = None, *, home: Home
) -> list[FrameResult]:
    with Analysis(path, settings, home=home) as analysis:
        return list(analysis)


def same(a: FrameResult, b: FrameResult) -> bool:
    return (
        (a.frame, a.t_ms, a.why_not) == (b.frame, b.t_ms, b.why_not)
        and np.array_equal(a.viewer, b.viewer)
        and np.array_equal(a.faces.boxes, b.faces.boxes)
        and np.array_equal(a.pose, b.pose, equal_nan=True)
        and np.array_equal(a.probabilities, b.probabilities, equal_nan=True)
        and a.readings is not None
        and b.readings is not None
        and np.array_equal(a.readings, b.readings, equal_nan=True)
    )


@pytest.fixture(scope="module")
def undisturbed(clip: Path, long_home: Home) -> list[FrameResult]:
    return analyzed(clip, home=long_home)


def test_every_frame_gets_a_result_in_order(undisturbed: list[FrameResult]) -> None:
    assert [result.frame for result in undisturbed] == list(range(len(undisturbed)))
    assert len(undisturbed) > 250  # twelve seconds at 25 a second


def test_probabilities_sum_to_one_and_measures_follow(undisturbed: list[FrameResult]) -> None:
    for result in undisturbed:
        assert result.probabilities.shape == (len(result), len(EMOTIONS))
        np.testing.assert_allclose(result.probabilities.sum(1), 1, atol=1e-5)
        assert ((result.measures["engagement"] >= 0) & (result.measures["engagement"] <= 100)).all()


def test_eyes_are_read_sixteen_times_a_second_and_the_mesh_eight(
    undisturbed: list[FrameResult],
) -> None:
    seconds = (undisturbed[-1].t_ms - undisturbed[0].t_ms) / 1000
    read = [
        np.isfinite(result.readings).any(axis=0)
        for result in undisturbed
        if result.readings is not None and len(result)
    ]
    for column, hz in ((0, 16), (len(READINGS) - 1, 8)):
        share = sum(row[column] for row in read) / len(read)
        assert share == pytest.approx(hz * seconds / len(undisturbed), abs=0.1)


def test_results_do_not_depend_on_the_number_of_threads(
    clip: Path, long_home: Home, undisturbed: list[FrameResult]
) -> None:
    with Analysis(clip, home=long_home, threads=1) as analysis:
        alone = list(analysis)
    assert len(alone) == len(undisturbed)
    assert all(same(a, b) for a, b in zip(alone, undisturbed, strict=True))


@pytest.mark.parametrize("fps", [None, 10.0])
def test_an_analysis_that_goes_on_from_a_snapshot_ends_as_an_undisturbed_one(
    clip: Path, long_home: Home, fps: float | None
) -> None:
    settings = AnalysisSettings(fps=fps)
    kept = Networks(long_home)  # as a worker keeps them: nothing of the first run is in the second
    whole: list[FrameResult] = []
    states = []
    with Analysis(clip, settings, home=long_home, networks=kept) as analysis:
        for result in analysis:
            whole.append(result)
            state = analysis.snapshot()
            if state is not None:
                states.append((len(whole), state))
    assert states
    at, state = states[len(states) // 2]
    with Analysis(clip, settings, home=long_home, resume_from=state, networks=kept) as analysis:
        rest = list(analysis)
    assert len(rest) == len(whole) - at
    assert all(same(a, b) for a, b in zip(rest, whole[at:], strict=True))


def test_leaving_in_the_middle_ends_the_threads(clip: Path, long_home: Home) -> None:
    before = set(threading.enumerate())
    with Analysis(clip, home=long_home) as analysis:
        for _ in analysis:
            break
    until(lambda: not [t for t in set(threading.enumerate()) - before if t.name != "tqdm"])
