"""Where two parts of a film meet: when the later one is what the whole film would have had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from fer_core.batch.pieces import Asked, Piece, SharedRecording
from fer_core.batch.stitch import SeamOpen, sections
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.storage import ShardWriter
from fer_core.video import Part
from tests.storage.rows import result

#: Of 25 frames a second: the seam at 16 s, the later part begins 8 s before.
ASKED = (Piece("one", Part(0, 0, 400)), Piece("two", Part(200, 400, 600)))
Viewers = Callable[[int], tuple[int, ...]]
Stitch = Callable[[Viewers, Viewers], pa.Table]


@pytest.fixture
def stitched(tmp_path: Path) -> Stitch:
    """Both parts put together; whom each sees in a frame is given."""

    def stitch(*seen: Viewers) -> pa.Table:
        spec = AnalysisSpec.new(tmp_path / "film.mp4")
        recording = SharedRecording(tmp_path / spec.session_id)
        for piece, viewers in zip(ASKED, seen, strict=True):
            writer = ShardWriter(recording.home(piece), spec.session_id)
            assert piece.part is not None
            for frame in range(piece.part.begin, piece.part.end):
                writer.add(result(frame, viewers(frame)))
            writer.flush()
        found = sections(recording, Asked(spec, ASKED))
        return pa.concat_tables([section.timeline for section in found])

    return stitch


def test_a_viewer_keeps_her_number_across_a_seam(stitched: Stitch) -> None:
    table = stitched(lambda _: (3,), lambda _: (1,))
    assert table.num_rows == 600
    assert set(table["viewer"].to_pylist()) == {1}


def test_parts_that_differ_just_before_a_seam_do_not_fit(stitched: Stitch) -> None:
    with pytest.raises(SeamOpen):
        stitched(lambda _: (1,), lambda frame: () if frame == 398 else (1,))


def test_an_empty_picture_before_a_seam_shows_nothing(stitched: Stitch) -> None:
    """Both may look for faces at other frames: who comes later is then found at another one."""
    with pytest.raises(SeamOpen):
        stitched(
            lambda frame: (1,) if frame > 400 else (), lambda frame: (1,) if frame > 402 else ()
        )


def test_parts_fit_that_lost_the_same_face_before_a_seam(stitched: Stitch) -> None:
    table = stitched(*[lambda frame: (1,) if frame < 300 or frame > 500 else ()] * 2)
    assert set(table["viewer"].to_pylist()) == {1}


def test_a_face_that_only_the_beginning_shows_is_too_little(stitched: Stitch) -> None:
    with pytest.raises(SeamOpen):
        stitched(*[lambda frame: (1,) if frame < 240 else ()] * 2)
