"""A film read as `rapt analyze` reads it, a frame at a time, and what its crops would give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_core.evaluation.whole_pictures import largest_face
from fer_core.faces import cut
from fer_core.home import Home
from fer_core.measures import READINGS, facing
from fer_core.pipeline import Networks, Perception, TrackedFrame, read_eyes
from fer_core.types import AnalysisSettings, Float, Frame
from fer_core.video import Decoder

#: Grey around a photograph, in its longer side, so that a detector sees its face.
BORDER = 0.5


@dataclass(frozen=True)
class Reading:
    """The n frames of a film that show its largest face."""

    frame: np.ndarray  # (n,) of the film
    t_s: np.ndarray  # (n,)
    viewer: np.ndarray  # (n,)
    boxes: np.ndarray  # (n, 4)
    landmarks: np.ndarray  # (n, 5, 2)
    facing: Float  # (n,)
    detected: np.ndarray  # (n,) by looking everywhere
    probabilities: Float  # (n, 7) as the chain gives them
    signs: np.ndarray  # (n, 11) in the order of measures.READINGS; NaN where not read


#: The boxes at which faces shall be cut instead, from those that the chain found.
Boxes = Callable[[Reading], np.ndarray]


class Chain:
    """The networks, once for all films."""

    def __init__(self, home: Home) -> None:
        self._settings = AnalysisSettings()
        self._networks = Networks(home)
        self.classifier = self._networks.classifier(None)
        self.detector = self._networks.detector(self._settings)

    def read(self, film: Path, *, signs: bool = False) -> tuple[Reading, list[Frame]] | None:
        """What the chain says of the film, and the frames it was said of; None without a face."""
        kept: list[tuple[Frame, TrackedFrame, int]] = []
        reader = self._networks.reader() if signs else None
        perception = Perception(self.detector, self.classifier.crop)
        with Decoder(film, long_side=self.detector.working_side) as decoder:
            for frame, seen in perception.run(iter(decoder)):
                if len(seen.viewer):
                    boxes = seen.faces.boxes
                    largest = int((boxes[:, 2] * boxes[:, 3]).argmax())
                    kept.append((frame, read_eyes(frame, seen, reader), largest))
        return (self._joined(kept), [frame for frame, _, _ in kept]) if kept else None

    def cut_at(self, frames: list[Frame], reading: Reading, boxes: np.ndarray) -> Float:
        """The probabilities (n, 7) of the same faces cut at other boxes."""
        return self.classifier.probabilities(
            np.concatenate(
                [
                    cut(frame.grey, box[None], points[None], self.classifier.crop)
                    for frame, box, points in zip(
                        frames, boxes.astype(np.float32), reading.landmarks, strict=True
                    )
                ]
            )
        )

    def eyes(self, picture: np.ndarray) -> np.ndarray | None:
        """Both eyes (2, 2) of the largest face of a picture; None where there is none."""
        _, faces = largest_face(self.detector, picture, BORDER)
        if not len(faces):
            return None
        return np.asarray(faces.landmarks[0, :2] - round(BORDER * max(picture.shape[:2])))

    def _joined(self, kept: list[tuple[Frame, TrackedFrame, int]]) -> Reading:
        def column(of: Callable[[TrackedFrame], np.ndarray]) -> np.ndarray:
            return np.array([of(seen)[row] for _, seen, row in kept])

        crops = column(lambda seen: seen.crops)
        return Reading(
            frame=np.array([frame.index for frame, _, _ in kept]),
            t_s=np.array([frame.t_ms for frame, _, _ in kept]) / 1000,
            viewer=column(lambda seen: seen.viewer),
            boxes=column(lambda seen: seen.faces.boxes),
            landmarks=column(lambda seen: seen.faces.landmarks),
            facing=facing(column(lambda seen: seen.pose)),
            detected=np.array([seen.detected for _, seen, _ in kept]),
            probabilities=self.classifier.probabilities(crops),
            signs=column(_signs),
        )


def _signs(seen: TrackedFrame) -> np.ndarray:
    if seen.readings is not None:
        return seen.readings
    return np.full((len(seen.viewer), len(READINGS)), np.nan)


def windows(reading: Reading, seconds: float) -> Iterator[slice]:
    """Stretches of the film, one after the other, of one viewer and without a gap."""
    begin = 0
    for end in range(1, len(reading.frame) + 1):
        broken = end == len(reading.frame) or (
            reading.frame[end] != reading.frame[end - 1] + 1
            or reading.viewer[end] != reading.viewer[begin]
        )
        if reading.t_s[end - 1] - reading.t_s[begin] >= seconds - 1e-6:
            yield slice(begin, end)
            begin = end
        elif broken:
            begin = end
