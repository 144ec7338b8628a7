"""A stand-in for the pipeline: cheap, deterministic, and with a memory.

Each frame's numbers follow from those of the frame before (as a tracker's do), so a run
that goes on from a wrong state, or skips or repeats a frame, ends with other rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from fer_core.errors import VideoError
from fer_core.home import Home
from fer_core.measures import FACE_MEASURES
from fer_core.types import (
    AnalysisSettings,
    DecodeReport,
    Faces,
    FrameResult,
    Measures,
    VideoInfo,
)

STEP_MS = 40  # 25 frames a second
SNAPSHOT_EVERY = 10


def film(path: Path, frames: int = 100, pause_ms: float = 0) -> Path:
    """A file that the stand-in takes for a film."""
    path.write_text(f"film {frames} {pause_ms}")
    return path


class TrialAnalysis:
    """Has the pipeline's signature. No face in every fifth frame, two faces in every third."""

    version = "1"

    def __init__(
        self,
        path: str | Path,
        settings: AnalysisSettings | None = None,
        *,
        home: Home,
        resume_from: dict[str, Any] | None = None,
        networks: object = None,
    ) -> None:
        self._keeps = bool(settings and settings.keep_faces)
        words = Path(path).read_text().split()
        if words[0] != "film":
            raise VideoError(f"{Path(path).name} is not a video.", "Take another file.")
        self._frames, self._pause = int(words[1]), float(words[2]) / 1000
        self._next = resume_from["frame"] + 1 if resume_from else 0
        self._memory = resume_from["memory"] if resume_from else 1
        self._state: dict[str, Any] | None = None
        self.started_at = self._next
        self.info = VideoInfo(
            path=str(path), container="trial", codec="trial", width=640, height=360,
            rotation=0, duration_ms=self._frames * STEP_MS, fps=25.0,
            frames_estimate=self._frames, is_picture=False,
        )  # fmt: skip
        self.report = DecodeReport(0, 0, 0)

    @property
    def versions(self) -> dict[str, str]:
        return {"model": f"trial@{self.version}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def snapshot(self) -> dict[str, Any] | None:
        return self._state

    def __iter__(self) -> Iterator[FrameResult]:
        for frame in range(self._next, self._frames):
            self._memory = (self._memory * 1103515245 + 12345) % 2**31
            time.sleep(self._pause)
            known = (frame + 1) % SNAPSHOT_EVERY == 0
            self._state = {"frame": frame, "memory": self._memory} if known else None
            yield self._result(frame)
        self.report = replace(
            self.report, decoded=self._frames, last_t_ms=(self._frames - 1) * STEP_MS
        )

    def _result(self, frame: int) -> FrameResult:
        n = 0 if frame % 5 == 4 else 2 if frame % 3 == 0 else 1
        x = self._memory % 500
        p = np.full((n, 7), 0.1, np.float32)
        p[:, self._memory % 7] = 0.4 + self._memory % 97 / 1000  # which face is least certain
        one = np.full(n, (self._memory % 1000) / 1000, np.float32)
        return FrameResult(
            frame=frame,
            t_ms=frame * STEP_MS,
            viewer=np.arange(n, dtype=np.int32),
            faces=Faces(
                np.tile(np.array([x, 10, 90, 90], np.float32), (n, 1)),
                np.full(n, 0.9, np.float32),
                np.zeros((n, 5, 2), np.float32),
            ),
            pose=np.zeros((n, 3), np.float32),
            usable=np.ones(n, bool),
            why_not=("",) * n,
            probabilities=p,
            measures=Measures(dict.fromkeys(FACE_MEASURES, one)),
            crops=np.full((n, 8, 8), self._memory % 251, np.uint8) if self._keeps else None,
        )
