"""The table of measures: every number of a face that has a curve over time, one row each.

The columns of the timeline and of the seconds, baseline correction, statistics, pages,
reports and exports iterate this table. To add a measure, add a row at its end and a migration
that gives the tables ``timeline`` and ``seconds`` its column; a formula that needs more than
the probabilities and the head's pose also needs the stage that provides it.

A changed formula is a new version, never an edited one, so that a number in an old report
still says how it came about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import SettingsError
from fer_core.labels import EMOTIONS, NEUTRAL, PROBABILITY_COLUMNS
from fer_core.types import AnalysisSettings, Float, Measures

HAPPY: Final = EMOTIONS.index("happy")
UNPLEASANT: Final = ("angry", "disgust", "fear", "sad")
_AROUSAL: Final = {
    "angry": 0.8, "disgust": 0.5, "fear": 0.9, "happy": 0.6, "sad": 0.3, "surprise": 0.9,
    "neutral": 0.0,
}  # fmt: skip
#: How aroused each emotion counts, in the order of EMOTIONS.
ACTIVATION: Final = np.array([_AROUSAL[name] for name in EMOTIONS], np.float32)

#: What leads a second whose frames, or whose viewers, disagree: the likeliest emotion leads in
#: no more than half of them.
MIXED: Final = "mixed"

#: Degrees up to which a face is fully turned to the screen, and from which not at all.
YAW: Final = (15.0, 45.0)
PITCH: Final = (12.0, 35.0)


class Scale(StrEnum):
    """How a measure's values are written and drawn."""

    POINTS = "points"  # 62, of 100
    PERCENT = "percent"  # 62 %
    SIGNED = "signed"  # +0.21, about zero
    FRACTION = "fraction"  # 0.62


class FaceInputs(NamedTuple):
    """What a formula may use, a row a face."""

    probabilities: Float  # (n, 7) in the order of EMOTIONS
    pose: Float  # (n, 3) yaw, pitch, roll in degrees
    settings: AnalysisSettings
    found: dict[str, Float]  # the measures that stand above it in the table, (n,) each


@dataclass(frozen=True, slots=True)
class Definition:
    """What a number is, and how to read it. ``lowest`` and ``highest`` bound what it can be."""

    key: str
    name: str
    version: int
    unit: str
    sentence: str
    how_to_read: str
    lowest: float = -inf
    highest: float = inf
    experimental: bool = False

    @property
    def label(self) -> str:
        """The name with its version, as it is stored with a result: ``engagement/1``."""
        return f"{self.key}/{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Definition):
    """A row of the table: a number of each face, a column of the timeline and of the seconds.

    formula: (n,) values from the faces' inputs; None for the model's own probabilities.
    sql: the same as SQL over the columns of the timeline, for numbers that baseline correction
        changes; None for those that do not depend on the probabilities.
    settings: the fields of AnalysisSettings that the formula uses; its SQL sees them as columns.
    when_away: what it counts as where a known viewer has no visible face; None: not known.
    headline: whether each session keeps its mean, and a comparison takes it without being asked.
    per_second: how a viewer's second comes of its frames: the mean of what sums to 1, and of what
        is a sum of that, so that it still does; else the median, which one odd frame cannot move.
    whole_axis: charts show the whole range, not as far as the data reach.
    higher: what is said of the side that has more of it; noun: its name within a sentence.
    unseen: confidence of the bound for what no viewer of a small audience showed (decision 096).
    caution: what a report says about it under «What this cannot say».
    """

    formula: Callable[[FaceInputs], Float] | None = None
    sql: str | None = None
    settings: tuple[str, ...] = ()
    when_away: float | None = None
    headline: bool = False
    per_second: Literal["mean", "median"] = "median"
    scale: Scale = Scale.FRACTION
    whole_axis: bool = False
    axis_title: str = "0 to 1"
    higher: str
    noun: str
    unseen: float | None = None
    caution: str = ""


def ramp(angle: Float, full: float, none: float) -> Float:
    """1 up to ``full`` degrees either way, 0 from ``none``, a straight line between."""
    return np.clip((none - np.abs(angle)) / (none - full), 0.0, 1.0).astype(np.float32)


def attention(pose: Float) -> Float:
    """How far each face is turned to the screen, 0 to 1; ``pose`` is (n, 3) yaw, pitch, roll."""
    pose = np.asarray(pose, np.float32).reshape(-1, 3)
    return ramp(pose[:, 0], *YAW) * ramp(pose[:, 1], *PITCH)


def _valence(face: FaceInputs) -> Float:
    p = face.probabilities
    against: Float = p[:, [EMOTIONS.index(name) for name in UNPLEASANT]].max(axis=1)
    return p[:, HAPPY] - against


def _engagement(face: FaceInputs) -> Float:
    base, expressive = face.settings.engagement_base, face.settings.engagement_expressive
    moved = base + expressive * face.found["expressiveness"]
    return (100 * face.found["attention"] * moved).astype(np.float32)


_HEAD_NOT_EYES: Final = (
    "Attention follows the head, not the eyes: a viewer who faces the screen may be "
    "thinking of something else."
)
_NOUNS: Final = {
    "happy": "happiness", "surprise": "surprise", "sad": "sadness", "fear": "fear",
    "disgust": "disgust", "angry": "anger",
}  # fmt: skip

#: In the order of the timeline's columns. A new row comes at the end.
TABLE: Final[tuple[Measure, ...]] = (
    *(
        Measure(
            key=f"p_{emotion}",
            name=emotion.capitalize(),
            version=1,
            unit="probability",
            sentence="The model's calibrated probability that people would call this face "
            f"{emotion}; the seven sum to 1.",
            how_to_read="0.5 and more means that this emotion is likelier than all others "
            "together.",
            lowest=0.0,
            highest=1.0,
            sql=f"p_{emotion}",
            per_second="mean",
            scale=Scale.PERCENT,
            axis_title="Probability, in %",
            higher=f"drew more {_NOUNS[emotion]}"
            if emotion in _NOUNS
            else "left faces more neutral",
            noun=_NOUNS.get(emotion, "neutral faces"),
            unseen=0.5 if emotion in _NOUNS else None,
        )
        for emotion in EMOTIONS
    ),
    Measure(
        key="valence",
        name="Valence",
        version=1,
        unit="-1 to 1",
        sentence="The probability of happy minus the largest of angry, disgust, fear and sad.",
        how_to_read="Above 0 is pleasant. Faces separate pleasant from the rest better than "
        "unpleasant from neutral: take low values with care.",
        lowest=-1.0,
        highest=1.0,
        formula=_valence,
        sql=f"p_happy - greatest({', '.join(f'p_{name}' for name in UNPLEASANT)})",
        headline=True,
        scale=Scale.SIGNED,
        axis_title="Pleasant above 0, unpleasant below",
        higher="drew more pleasant faces",
        noun="valence",
        unseen=0.57,
        caution="Faces separate pleasant from the rest better than unpleasant from neutral: take "
        "low valence with care.",
    ),
    Measure(
        key="activation",
        name="Activation",
        version=1,
        unit="0 to 1",
        sentence="A weighted sum of the probabilities: fear and surprise 0.9, angry 0.8, "
        "happy 0.6, disgust 0.5, sad 0.3, neutral 0.",
        how_to_read="Higher is more aroused. Experimental: compare it within a study, not across.",
        lowest=0.0,
        highest=1.0,
        experimental=True,
        formula=lambda face: face.probabilities @ ACTIVATION,
        # the exponent makes each weight a DOUBLE, with all its digits
        sql=" + ".join(f"{float(w)!r}e0 * p_{name}" for w, name in zip(ACTIVATION, EMOTIONS)),
        per_second="mean",
        axis_title="0 to 1, experimental",
        higher="aroused more",
        noun="activation",
        caution="Activation is experimental: compare it within this study, not across studies.",
    ),
    Measure(
        key="expressiveness",
        name="Expressiveness",
        version=1,
        unit="0 to 1",
        sentence="One minus the probability of neutral.",
        how_to_read="0 is a still face, 1 a face that clearly shows something, pleasant or not.",
        lowest=0.0,
        highest=1.0,
        formula=lambda face: 1 - face.probabilities[:, NEUTRAL],
        sql="1 - p_neutral",
        per_second="mean",
        scale=Scale.PERCENT,
        whole_axis=True,
        axis_title="In %",
        higher="moved faces more",
        noun="expressiveness",
    ),
    Measure(
        key="attention",
        name="Attention",
        version=1,
        unit="0 to 1",
        sentence="How far the face is turned to the screen: full up to 15 degrees to the side and "
        "12 up or down, none from 45 and 35; 0 for a known viewer without a visible face.",
        how_to_read="It follows the head, not the eyes: a viewer who faces the screen may be "
        "thinking of something else.",
        lowest=0.0,
        highest=1.0,
        formula=lambda face: attention(face.pose),
        when_away=0.0,
        headline=True,
        scale=Scale.PERCENT,
        whole_axis=True,
        axis_title="Facing the screen, in %",
        higher="held attention better",
        noun="attention",
        caution=_HEAD_NOT_EYES,
    ),
    Measure(
        key="engagement",
        name="Engagement",
        version=1,
        unit="0 to 100",
        sentence="100 x attention x (0.4 + 0.6 x expressiveness).",
        how_to_read="0 is away, 40 watches quietly, 100 watches and is moved.",
        lowest=0.0,
        highest=100.0,
        formula=_engagement,
        sql="100 * attention * (engagement_base + engagement_expressive * (1 - p_neutral))",
        settings=("engagement_base", "engagement_expressive"),
        when_away=0.0,
        headline=True,
        scale=Scale.POINTS,
        whole_axis=True,
        axis_title="Points of 100",
        higher="engaged more",
        noun="engagement",
        caution=_HEAD_NOT_EYES,
    ),
)

BY_KEY: Final[dict[str, Measure]] = {one.key: one for one in TABLE}
#: Those with a formula: what is worked out of each face beside the model's probabilities.
FACE_MEASURES: Final = tuple(one.key for one in TABLE if one.formula is not None)
_FIRST_LISTED: Final = ("engagement", "attention", "valence", "expressiveness", "activation")
#: All of them in the order in which pages and reports list them: the emotions come last.
MEASURES: Final[tuple[str, ...]] = tuple(
    dict.fromkeys((*_FIRST_LISTED, *FACE_MEASURES, *PROBABILITY_COLUMNS))
)
#: Those that each session keeps its mean of; a comparison takes them without being asked.
HEADLINES: Final = tuple(key for key in MEASURES if BY_KEY[key].headline)

#: What is read of a face raw, in the order of ``faces.readings``: how far each eye is open and
#: where its iris stands, in widths of the eye and as seen in the picture, and the distances that
#: movements change.
LIDS: Final = ("lid_left", "lid_right")
IRIS: Final = ("iris_left_x", "iris_left_y", "iris_right_x", "iris_right_y")
DISTANCES: Final = ("mouth_width", "mouth_lift", "mouth_gap", "lips", "brows", "brows_inner")
READINGS: Final = (*LIDS, *IRIS, *DISTANCES)

_LEADING: Final = ("emotion", "confidence")
#: The columns of a viewer's second: who, when, the frames in which the face was usable, seen,
#: and not to be seen though the viewer was known, and the means and medians.
SECOND_COLUMNS: Final = (
    "session_id", "viewer", "second", "n", "seen", "away", *PROBABILITY_COLUMNS, *_LEADING,
    *FACE_MEASURES,
)  # fmt: skip
#: The timeline's columns and DuckDB types, in the order of every shard and export.
TIMELINE_COLUMNS: Final[dict[str, str]] = {
    "session_id": "VARCHAR",
    **dict.fromkeys(("t_ms", "frame", "viewer"), "INTEGER"),
    **dict.fromkeys(("x", "y", "w", "h", "score", "yaw", "pitch", "roll"), "FLOAT"),
    "usable": "BOOLEAN",
    "why_not": "VARCHAR",
    **dict.fromkeys(PROBABILITY_COLUMNS, "FLOAT"),
    "emotion": "VARCHAR",
    "confidence": "FLOAT",
    **dict.fromkeys(FACE_MEASURES, "FLOAT"),
}


def find_measure(key: str) -> Measure:
    """The row of a measure; SettingsError names those that there are."""
    if key not in BY_KEY:
        raise SettingsError(
            f"{key!r} has no curve over time.", f"Choose one of {', '.join(MEASURES)}."
        )
    return BY_KEY[key]


def measure(
    probabilities: Float, pose: Float, settings: AnalysisSettings | None = None
) -> Measures:
    """The measures of each face; NaN where what they follow from is not known.

    Args:
        probabilities: (n, 7) in the order of EMOTIONS.
        pose: (n, 3) yaw, pitch and roll in degrees.
        settings: the weights of engagement.
    """
    p = np.asarray(probabilities, np.float32).reshape(-1, len(EMOTIONS))
    angles = np.asarray(pose, np.float32).reshape(-1, 3)
    found: dict[str, Float] = {}
    inputs = FaceInputs(p, angles, settings or AnalysisSettings(), found)
    for one in TABLE:
        if one.formula is not None:
            found[one.key] = one.formula(inputs)
    return Measures(found)


def measure_versions() -> dict[str, str]:
    """The definition's version behind each measure; kept with every session."""
    return {key: BY_KEY[key].label for key in FACE_MEASURES}


def leading_emotion(probabilities: NDArray[Any]) -> tuple[NDArray[np.object_], NDArray[Any]]:
    """The likeliest emotion's name and its probability; None and NaN where any is unknown.

    Args:
        probabilities: (n, 7) in the order of EMOTIONS.
    """
    unknown = np.isnan(probabilities).any(axis=1)
    filled = np.where(unknown[:, None], -1.0, probabilities)
    best = filled.argmax(axis=1) if len(filled) else np.zeros(0, np.int64)
    names = np.array(EMOTIONS, dtype=object)[best]
    names[unknown] = None
    return names, np.where(unknown, np.nan, filled.max(axis=1, initial=-1.0))
