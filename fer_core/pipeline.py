"""Frames to an iterator of results. The caller decides where the results go.

Decoding, perception, reading the eyes and classification are the steps of ``stages``: FFmpeg,
OpenCV and LiteRT release the interpreter's lock, so two cores are both used. Every step takes the
frames in order and one at a time, so results do not depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NotRequired, Self, TypedDict

import numpy as np

from fer_core import __version__
from fer_core.faces import appearance, assess, cut, head_pose, make_detector
from fer_core.faces.readings import FaceReader, Reader
from fer_core.faces.registry import Detector
from fer_core.home import Home
from fer_core.inference import Classifier
from fer_core.machine import cores
from fer_core.measures import measure, measure_versions
from fer_core.tracking import VERSION, CutDetector, Tracker
from fer_core.tracking.cuts import CutState
from fer_core.tracking.motion import Motion
from fer_core.tracking.state import TrackerState
from fer_core.types import (
    AnalysisSettings,
    Bytes,
    CropSpec,
    DecodeReport,
    Faces,
    Frame,
    FrameFaces,
    FrameResult,
    Int,
    VideoInfo,
)
from fer_core.video import Decoder, Part
from fer_core.video.stages import Stages, Step
from fer_core.zoo.model_store import StoredModel, find_model

#: A full detection at least this often, in milliseconds of film …
DETECT_EVERY_MS: Final = 400
#: … and this often while nobody is in the picture or a known viewer is missing.
SEARCH_EVERY_MS: Final = 100
#: Frames waiting between two steps: enough to even out detections, little memory.
DEPTH: Final = 8
#: … and where whole frames wait a second time.
FRAMES_DEPTH: Final = 2
#: A snapshot of the tracker's state is taken every so many analysed frames …
SNAPSHOT_EVERY: Final = 50
#: … and this often in milliseconds of film: the part after a seam has what follows the last one.
SNAPSHOT_EVERY_MS: Final = 4_000


class PerceptionState(TypedDict):
    """All that following needs to go on after a frame, as JSON."""

    frame: int
    t_ms: int
    next_detection: int
    next_search: int
    count: int
    tracker: TrackerState
    cuts: NotRequired[CutState | None]  # not in shards written before 0.2


@dataclass(frozen=True, slots=True)
class TrackedFrame(FrameFaces):
    """A frame's n faces with their viewers, before the expressions are read."""

    crops: Bytes  # (n, size, size) grey
    state: PerceptionState | None  # of the tracking after this frame, where it was taken
    detected: bool = False  # by looking everywhere, not only where faces were expected
    before_ms: int | None = None  # the time of the film's frame before this one


class Perception:
    """Finds and follows the faces of one film. Its state is its own."""

    def __init__(
        self,
        detector: Detector,
        crop: CropSpec,
        state: PerceptionState | None = None,
    ) -> None:
        self.detector = detector
        self.crop = crop
        self.tracker = Tracker()
        self.detect_every_ms = DETECT_EVERY_MS
        self.search_every_ms = SEARCH_EVERY_MS
        self._cuts = CutDetector()
        self._anew = True  # nothing to follow from: everywhere is looked at
        self._before_ms: int | None = None  # the time of the frame before
        self._detected = False
        self._next_detection = 0
        self._next_search = 0
        self._count = 0
        self._snapshot_ms = 0  # the time of the last snapshot
        self._skip_until: int | None = None
        if state is not None:
            self.tracker.restore(state["tracker"])
            self._next_detection = int(state["next_detection"])
            self._next_search = int(state["next_search"])
            self._count = int(state["count"])
            self._snapshot_ms = int(state["t_ms"])
            self._skip_until = int(state["frame"])
            self._cuts.restore(state.get("cuts"))

    def run(self, frames: Iterator[Frame]) -> Iterator[tuple[Frame, TrackedFrame]]:
        """Each frame with its faces, for stages that look at the frame again."""
        for frame in frames:
            seen = self.resume(frame)
            if seen is not None:
                yield frame, seen

    def resume(self, frame: Frame) -> TrackedFrame | None:
        """As ``step``; None for a frame that was followed before the break."""
        if self._skip_until is None or frame.index > self._skip_until:
            return self.step(frame)
        self._cuts.step(frame)  # cuts are judged by the last frame before the break
        self._anew = False
        self._before_ms = frame.t_ms
        return None

    def step(self, frame: Frame) -> TrackedFrame:
        """The frame's faces and who they are."""
        self._detected = False
        faces, viewer = self._follow(frame)
        self._anew = False
        self._count += 1
        pose = head_pose(faces.landmarks)
        usable, why_not = assess(frame, faces, pose)
        crops = cut(frame.grey, faces.boxes, faces.landmarks, self.crop)
        before_ms, self._before_ms = self._before_ms, frame.t_ms
        late = frame.t_ms - self._snapshot_ms >= SNAPSHOT_EVERY_MS
        state = self._snapshot(frame) if late or self._count % SNAPSHOT_EVERY == 0 else None
        return TrackedFrame(
            frame.index, frame.t_ms, viewer, faces, pose, usable, why_not, crops, state,
            self._detected, before_ms,
        )  # fmt: skip

    def rescale(self, factor: float) -> None:
        """From the next frame on pictures are larger by this factor, and show the same."""
        state = self.tracker.snapshot()
        for track in state["tracks"]:
            track["motion"] = Motion.load(track["motion"]).scaled(factor).dump()
        self.tracker.restore({**state, "size": None})
        self._anew = True

    def _follow(self, frame: Frame) -> tuple[Faces, Int]:
        """Faces and viewers: refined where they are expected, or by a full detection."""
        t_ms, size = frame.t_ms, (frame.width, frame.height)
        cut_here = self._cuts.step(frame)
        if not (self._anew or cut_here) and t_ms < self._next_detection:
            expected, boxes = self.tracker.predict(t_ms)
            faces = self.detector.refine(frame, boxes) if len(expected) else Faces.empty()
            found = faces is not None and bool((faces.scores > 0).all())
            if faces is not None and (found or t_ms < self._next_search):
                # One viewer cannot be taken for another: appearance is not worth its time.
                seen = appearance(frame, faces) if len(faces) > 1 else None
                viewer = self.tracker.update(t_ms, faces, seen, from_detection=False, size=size)
                return self._confirmed(faces, viewer)
        self._detected = True
        faces = self.detector.detect(frame)
        seen = appearance(frame, faces)
        viewer = self.tracker.update(
            t_ms, faces, seen, from_detection=True, cut=cut_here, size=size
        )
        calm = len(viewer) > 0 and not self.tracker.missing and not self.tracker.doubtful
        self._next_search = t_ms + self.search_every_ms
        self._next_detection = t_ms + (self.detect_every_ms if calm else self.search_every_ms)
        return self._confirmed(faces, viewer)

    @staticmethod
    def _confirmed(faces: Faces, viewer: Int) -> tuple[Faces, Int]:
        order = np.argsort(viewer, kind="stable")
        order = order[(viewer[order] >= 0) & (faces.scores[order] > 0)]
        return faces[order], viewer[order].astype(np.int32)

    def _snapshot(self, frame: Frame) -> PerceptionState:
        self._snapshot_ms = frame.t_ms
        return {
            "frame": frame.index,
            "t_ms": frame.t_ms,
            "next_detection": self._next_detection,
            "next_search": self._next_search,
            "count": self._count,
            "tracker": self.tracker.snapshot(),
            "cuts": self._cuts.snapshot(),
        }


def read_eyes(frame: Frame, seen: TrackedFrame, reader: Reader | None) -> TrackedFrame:
    """A frame's faces with what is read of their eyes and movements; as they are without a
    reader."""
    if reader is None:
        return seen
    found = reader.read(frame, seen.faces, seen.usable, seen.before_ms)
    return replace(seen, readings=found)


def read_expressions(
    seen: TrackedFrame, classifier: Classifier, settings: AnalysisSettings
) -> FrameResult:
    """The last stage: a frame's crops to probabilities and the measures of docs/metrics.md."""
    probabilities = classifier.probabilities(seen.crops)
    return FrameResult(
        frame=seen.frame,
        t_ms=seen.t_ms,
        viewer=seen.viewer,
        faces=seen.faces,
        pose=seen.pose,
        usable=seen.usable,
        why_not=seen.why_not,
        probabilities=probabilities,
        measures=measure(probabilities, seen.pose, settings),
        crops=seen.crops if settings.keep_faces else None,
        readings=seen.readings,
    )


class Networks:
    """The networks of an analysis, kept for the next one of this process: one at a time uses them.

    A model that was put into use since, or whose files changed, is loaded anew.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.forget()

    def forget(self) -> None:
        """Load all of them anew next time."""
        self._classifier: tuple[StoredModel, Classifier] | None = None
        self._detector: tuple[tuple[str, int], Detector] | None = None
        self._reader: FaceReader | None = None

    def classifier(self, model: str | None) -> Classifier:
        stored = find_model(model, self.home)
        if self._classifier is None or self._classifier[0] != stored:
            self._classifier = stored, Classifier(stored)
        return self._classifier[1]

    def detector(self, settings: AnalysisSettings) -> Detector:
        asked = settings.detector, settings.min_face
        if self._detector is None or self._detector[0] != asked:
            made = make_detector(asked[0], cache=self.home.cache, min_face=asked[1])
            self._detector = asked, made
        return self._detector[1]

    def reader(self) -> FaceReader:
        self._reader = self._reader or FaceReader()
        return self._reader


class Analysis:
    """One file's analysis: a context manager and an iterator of results in frame order."""

    def __init__(
        self,
        path: str | Path,
        settings: AnalysisSettings | None = None,
        *,
        home: Home,
        resume_from: PerceptionState | None = None,
        threads: int | None = None,
        networks: Networks | None = None,
        part: Part | None = None,
    ) -> None:
        self.settings = settings or AnalysisSettings()
        self._networks = networks = networks or Networks(home)
        self._classifier = networks.classifier(self.settings.model)
        self._detector = networks.detector(self.settings)
        self._perception = Perception(self._detector, self._classifier.crop, resume_from)
        self._reader = networks.reader() if self.settings.eyes else None
        self._threads = threads or cores()
        self._stages: Stages | None = None
        self._state: PerceptionState | None = None
        self._decoder = Decoder(
            path,
            long_side=self._detector.working_side,
            fps=self.settings.fps,
            start=int(resume_from["frame"]) if resume_from else 0,
            part=part,
        )

    @property
    def info(self) -> VideoInfo:
        return self._decoder.info

    @property
    def report(self) -> DecodeReport:
        return self._decoder.report

    @property
    def versions(self) -> dict[str, str]:
        """What made the numbers, kept with the session."""
        card = self._classifier.card
        return {
            "rapt": __version__,
            "model": f"{card.name}@{self._classifier.digest[:12]}",
            "detector": self._detector.name,
            "viewer": VERSION,
            **measure_versions(eyes=self.settings.eyes),
        }

    def snapshot(self) -> PerceptionState | None:
        """All state to go on after the last result; None between two snapshots."""
        return self._state

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stages is not None and not self._stages.close():
            self._networks.forget()  # a thread may be inside one yet
        self._decoder.close()

    def __iter__(self) -> Iterator[FrameResult]:
        steps = [
            Step(self._perceive, DEPTH),
            Step(self._read_eyes, FRAMES_DEPTH),
            Step(self._read_expressions, DEPTH),
        ]
        if self._reader is None:
            del steps[1]
        threads = min(self._threads, 1 + len(steps))
        self._stages = Stages(iter(self._decoder), steps, threads=threads, depth=DEPTH)
        for state, result in self._stages:
            self._state = state
            yield result

    def _perceive(self, frame: Frame) -> tuple[Frame | None, TrackedFrame] | None:
        """The frame itself goes on with its faces only where the eyes are read."""
        seen = self._perception.resume(frame)
        return None if seen is None else (frame if self._reader else None, seen)

    def _read_eyes(self, found: tuple[Frame, TrackedFrame]) -> tuple[None, TrackedFrame]:
        return None, read_eyes(*found, self._reader)

    def _read_expressions(
        self, found: tuple[None, TrackedFrame]
    ) -> tuple[PerceptionState | None, FrameResult]:
        seen = found[1]
        return seen.state, read_expressions(seen, self._classifier, self.settings)
