from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_core.video import SAMPLE_TRUTH, Decoder, sample_clip, sample_faces
from fer_core.video.sample import FRAMES, HEIGHT, WIDTH


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_clip(tmp_path_factory.mktemp("sample") / "new" / "sample.mp4")


def test_the_sample_is_twelve_seconds_of_a_small_film(clip: Path) -> None:
    with Decoder(clip, long_side=64) as decoder:
        frames = list(decoder)
        assert (decoder.info.codec, decoder.info.fps) == ("h264", 25.0)
    assert len(frames) == FRAMES
    assert frames[-1].t_ms == 11960
    assert frames[0].grey.shape == (HEIGHT, WIDTH)
    assert list(clip.parent.iterdir()) == [clip]  # nothing half-made lies about


def test_a_clip_that_is_there_is_left_alone(clip: Path) -> None:
    before = clip.stat().st_mtime_ns
    assert sample_clip(clip) == clip
    assert clip.stat().st_mtime_ns == before


def test_the_known_truth_has_a_leave_a_return_and_a_second_viewer() -> None:
    assert [span.person for span in SAMPLE_TRUTH] == [1, 1, 2]
    first, again, second = SAMPLE_TRUTH
    assert 500 < again.from_ms - first.to_ms < 3000  # an absence a viewer survives
    assert second.from_ms > again.from_ms


def test_a_plain_detector_sees_faces_where_the_truth_says(clip: Path) -> None:
    cascade = cv2.CascadeClassifier(
        str(Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml")
    )
    with Decoder(clip, fps=2) as decoder:
        frames = list(decoder)
    hits = expected = wrong = 0
    for frame in frames:
        found = np.array(cascade.detectMultiScale(frame.grey, 1.1, 6, minSize=(60, 60)))
        found = found.reshape(-1, 4)
        there = {span.person for span in SAMPLE_TRUTH if span.from_ms <= frame.t_ms <= span.to_ms}
        for person, (x, y, w, h) in sample_faces(frame.index).items():
            middle = found[:, :2] + found[:, 2:] / 2 - (x + w / 2, y + h / 2)
            near = np.hypot(*middle.T) < 0.4 * h
            expected += person in there
            hits += bool(near.any()) and person in there
            found = found[~near]
        wrong += len(found)
    # Haar misses tilted faces; half a missed turn is no fault of the clip.
    assert hits >= 0.8 * expected
    assert wrong <= 1
