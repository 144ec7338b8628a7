"""Types that several packages share: frozen values, checked where they are made.

All coordinates are in pixels of the original picture after rotation, whatever size a
stage worked at. Times are whole milliseconds from the file's first frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from fer_core.labels import EMOTIONS

Float = NDArray[np.float32]
Int = NDArray[np.int32]
Bool = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Array = NDArray[np.float64]


class _Status(StrEnum):
    """What the states of jobs and sessions have in common."""

    @property
    def over(self) -> bool:
        """Whether the work has ended, well or badly."""
        return self not in ("queued", "running")

    @property
    def resumable(self) -> bool:
        """Whether it ended before the work was done, so that it can be resumed."""
        return self in ("failed", "cancelled")


class JobStatus(_Status):
    """How a job stands; a training run, which a job carries out, uses the same words."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SessionStatus(_Status):
    """How a session's recording or analysis stands. ``session.json`` holds one of these."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture: colour at working size, grey at the original size.

    Detectors look at ``rgb``; crops are cut from ``grey``, so that a small working
    picture costs no detail of the face.
    """

    index: int
    t_ms: int
    rgb: Bytes
    grey: Bytes

    def __post_init__(self) -> None:
        if self.rgb.ndim != 3 or self.rgb.shape[2] != 3 or self.rgb.dtype != np.uint8:
            raise ValueError(f"rgb must be (h, w, 3) uint8, not {self.rgb.shape} {self.rgb.dtype}")
        if self.grey.ndim != 2 or self.grey.dtype != np.uint8:
            raise ValueError(f"grey must be (h, w) uint8, not {self.grey.shape} {self.grey.dtype}")

    @property
    def width(self) -> int:
        """Pixels of the original picture."""
        return int(self.grey.shape[1])

    @property
    def height(self) -> int:
        """Pixels of the original picture."""
        return int(self.grey.shape[0])

    @property
    def scale(self) -> float:
        """Original pixels per working pixel."""
        return float(self.grey.shape[1] / self.rgb.shape[1])


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces of one picture, a row each.

    ``boxes`` are x, y, width, height. ``landmarks`` are five points, x and y: the eye on
    the picture's left, the eye on its right, the nose, the mouth's corner on the left, on
    the right; NaN from a detector that has none.
    """

    boxes: Float
    scores: Float
    landmarks: Float

    def __post_init__(self) -> None:
        n = len(self.boxes)
        if self.boxes.shape != (n, 4) or self.scores.shape != (n,):
            raise ValueError(f"boxes {self.boxes.shape} and scores {self.scores.shape} do not fit")
        if self.landmarks.shape != (n, 5, 2):
            raise ValueError(f"landmarks must be ({n}, 5, 2), not {self.landmarks.shape}")

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, rows: Any) -> Faces:
        return Faces(self.boxes[rows], self.scores[rows], self.landmarks[rows])

    def scaled(self, factor: float) -> Faces:
        """The same faces in a picture that is larger by this factor."""
        k = np.float32(factor)
        return Faces(self.boxes * k, self.scores, self.landmarks * k)

    @classmethod
    def empty(cls) -> Faces:
        """No faces."""
        return cls(
            np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32)
        )

    @classmethod
    def join(cls, parts: Sequence[Faces]) -> Faces:
        """The faces of several, one after the other."""
        parts = [part for part in parts if len(part)]
        if not parts:
            return cls.empty()
        return cls(
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.landmarks for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class CropSpec:
    """How a face is cut out for a model. It belongs to the model's card.

    ``margin`` scales the square around the box's centre: its side is ``margin`` times the
    box's longer side. ``align`` is ``none`` or ``eyes`` (rotated so that the eyes are level).
    """

    size: int = 48
    margin: float = 1.0
    align: str = "none"
    channels: int = 1
    dy: float = 0.0  # the square's centre moves down by this share of the longer side

    def __post_init__(self) -> None:
        if self.align not in ("none", "eyes"):
            raise ValueError(f"align must be none or eyes, not {self.align!r}")
        if self.size < 8 or self.margin <= 0:
            raise ValueError(f"a crop of size {self.size} and margin {self.margin} is no picture")


@dataclass(frozen=True, slots=True)
class Measures:
    """The faces' numbers of one frame by measure (``fer_core.measures``), (n,) float32 each."""

    values: Mapping[str, Float]

    def __post_init__(self) -> None:
        if len({len(values) for values in self.values.values()}) != 1:
            lengths = {key: len(values) for key, values in self.values.items()}
            raise ValueError(f"every measure needs a value a face, not {lengths}")

    def __getitem__(self, key: str) -> Float:
        return self.values[key]

    def __len__(self) -> int:
        """How many faces."""
        return len(next(iter(self.values.values())))


@dataclass(frozen=True, slots=True)
class FrameFaces:
    """The n visible faces of one frame, a row each."""

    frame: int
    t_ms: int
    viewer: Int  # (n,)
    faces: Faces
    pose: Float  # (n, 3) yaw, pitch, roll in degrees; NaN where unknown
    usable: Bool  # (n,)
    why_not: tuple[str, ...]  # "" where usable, else codes joined by commas
    # (n, 11) faces.readings.READINGS; None where no eyes are read at all
    readings: Float | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class FrameResult(FrameFaces):
    """Everything known of one frame, a row a visible face."""

    probabilities: Float  # (n, 7) in the order of labels.EMOTIONS; NaN where not classified
    measures: Measures
    crops: Bytes | None = None  # the faces as the model saw them, where they are to be kept

    def __post_init__(self) -> None:
        _check_rows(self, () if self.crops is None else ("crops",))

    def __len__(self) -> int:
        return len(self.viewer)


@dataclass(frozen=True, slots=True)
class FrameBatch:
    """The same of f successive frames of one recording: their n visible faces, in order."""

    frame: Int  # (f,)
    t_ms: Int  # (f,)
    counts: Int  # (f,) how many faces each has
    viewer: Int  # (n,)
    faces: Faces
    pose: Float
    usable: Bool
    why_not: tuple[str, ...]
    probabilities: Float
    measures: Measures
    readings: Float | None = None

    def __post_init__(self) -> None:
        _check_rows(self)
        if not len(self.frame) == len(self.t_ms) == len(self.counts):
            raise ValueError("frames, times and counts do not fit")
        if self.counts.sum() != len(self.viewer):
            raise ValueError(f"{self.counts.sum()} faces counted, but {len(self.viewer)} viewers")

    def __len__(self) -> int:
        return len(self.viewer)


def _check_rows(of: FrameResult | FrameBatch, more: tuple[str, ...] = ()) -> None:
    """ValueError unless everything known has a row a face."""
    n = len(of.viewer)
    names = ["faces", "pose", "usable", "why_not", "probabilities", "measures", *more]
    if of.readings is not None:
        names.append("readings")
    wrong = [name for name in names if len(getattr(of, name)) != n]
    if wrong:
        raise ValueError(f"{n} viewers, but other lengths in {', '.join(wrong)}")
    if n and of.probabilities.shape[1] != len(EMOTIONS):
        raise ValueError(f"probabilities must have {len(EMOTIONS)} columns")


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a file says of itself. Sizes are after rotation."""

    path: str
    container: str
    codec: str
    width: int
    height: int
    rotation: int
    duration_ms: int
    fps: float
    frames_estimate: int
    is_picture: bool


class InfoJson(TypedDict, total=False):
    """A ``VideoInfo`` as ``session.json`` and the store hold it, or some of its fields."""

    path: str
    container: str
    codec: str
    width: int
    height: int
    rotation: int
    duration_ms: int
    fps: float
    frames_estimate: int
    is_picture: bool


@dataclass(frozen=True, slots=True)
class DecodeReport:
    """What came out of a file, and what did not."""

    decoded: int
    lost: int
    last_t_ms: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """What a person may choose for an analysis; stored with the session."""

    fps: float | None = None  # None: every frame
    model: str | None = None  # None: the model in use
    detector: str = "mtcnn"
    min_face: int = 40  # pixels of the original picture
    keep_faces: bool = False  # keep small pictures of faces for review
    eyes: bool = True  # read eyes and movements; without, attention follows the head alone
    engagement_base: float = 0.4
    engagement_expressive: float = 0.6


class SettingsJson(TypedDict, total=False):
    """``AnalysisSettings`` as ``session.json`` and the store hold them; older ones lack some."""

    fps: float | None
    model: str | None
    detector: str
    min_face: int
    keep_faces: bool
    eyes: bool
    engagement_base: float
    engagement_expressive: float


class ScoresJson(TypedDict, total=False):
    """The scores of one output on one set of faces, as JSON (``docs/metrics.md``)."""

    output: str
    labels: list[str]
    n: int
    accuracy: float
    macro_f1: float
    ece: float
    top2: float
    top3: float
    per_class: dict[str, dict[str, float]]
    counts: dict[str, dict[str, int]]
    confusion: list[list[int]]


class LabelErrorJson(TypedDict):
    """A face whose label is probably wrong; ``doubt`` is 0 to 1."""

    item: str
    label: str
    likely: str
    doubt: float


class LabelErrorsJson(TypedDict):
    """How many labels are suspected, and the most doubtful of them."""

    suspects: int
    faces: list[LabelErrorJson]


class ReportJson(ScoresJson, total=False):
    """A model's evaluation as the store keeps it and `rapt evaluate --json` prints it."""

    model: str
    file: str
    digest: str
    data: str
    split: str
    missed: int  # whole pictures without a face
    detector: str
    accuracy_without_copies: float
    ferplus: ScoresJson
    ferplus_agreed: ScoresJson
    ranks: list[float]
    reliability: list[dict[str, float]]
    leaked: list[dict[str, str]]
    label_errors: LabelErrorsJson
    problems: list[str]
    ms_per_face: dict[str, float]
