"""The table of measures: every number of a face that has a curve over time, one row each.

The columns of the timeline and of the seconds, baseline correction, statistics, pages,
reports and exports iterate this table. To add a measure, add a row at its end and a migration
that gives the tables ``timeline`` and ``seconds`` its column; a formula that needs more than
the probabilities and the head's pose also needs the stage that provides it.

A changed formula is a new version, never an edited one, so that a number in an old report
still says how it came about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
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
    DEGREES = "degrees"  # +12°, about zero
    RATE = "rate"  # 17 a minute


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
        is a sum of that, so that it still does; of events, how many begin, as a rate a minute;
        else the median, which one odd frame cannot move.
    whole_axis: charts show the whole range, not as far as the data reach.
    higher: what is said of the side that has more of it; noun: its name within a sentence.
    calibrated: whether it is known only at the session's end, from all of a viewer's raw readings.
    flag: whether it is true or false of a frame.
    optional: whether a session may lack it altogether, as those of earlier versions and those
        analysed without the eyes do; lists and exports then leave it out.
    of_frame: SQL over the stored columns of a frame, for a measure that only seconds have.
    unseen: confidence of the bound for what no viewer of a small audience showed (decision 096).
    caution: what a report says about it under «What this cannot say».
    """

    formula: Callable[[FaceInputs], Float] | None = None
    sql: str | None = None
    settings: tuple[str, ...] = ()
    when_away: float | None = None
    headline: bool = False
    per_second: Literal["mean", "median", "rate"] = "median"
    scale: Scale = Scale.FRACTION
    whole_axis: bool = False
    axis_title: str = "0 to 1"
    higher: str
    noun: str
    calibrated: bool = False
    flag: bool = False
    optional: bool = False
    of_frame: str | None = None
    unseen: float | None = None
    caution: str = ""

    @property
    def reach(self) -> float:
        """How far values usually go: of rates and degrees not as far as they could."""
        return {Scale.RATE: 60.0, Scale.DEGREES: 30.0}.get(self.scale, self.highest)

    @property
    def about_zero(self) -> bool:
        """Whether it goes both ways from 0."""
        return self.scale in (Scale.SIGNED, Scale.DEGREES)


def ramp(angle: Float, full: float, none: float) -> Float:
    """1 up to ``full`` degrees either way, 0 from ``none``, a straight line between."""
    return np.clip((none - np.abs(angle)) / (none - full), 0.0, 1.0).astype(np.float32)


def facing(pose: Float) -> Float:
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


_NOT_THOUGHTS: Final = (
    "Attention follows head, lids and eyes, not thoughts: a viewer who looks at the screen may be "
    "thinking of something else. Where the eyes could not be read it follows the head alone."
)
_HEAD_NOT_EYES: Final = (
    "Attention follows the head, not the eyes: a viewer who faces the screen may be "
    "thinking of something else."
)
_NOUNS: Final = {
    "happy": "happiness", "surprise": "surprise", "sad": "sadness", "fear": "fear",
    "disgust": "disgust", "angry": "anger",
}  # fmt: skip

#: Key, name, sentence, what is said of the side that has more, the name within a sentence.
_MOVEMENTS: Final = (
    ("smile", "Smile", "The mouth and cheeks look as in a smile.", "drew more smiles", "smiling"),
    ("mouth_open", "Mouth open", "The lips part, by the mouth's width.", "opened more mouths",
     "open mouths"),
    ("brows_up", "Brows up", "The brows rise over the eyes.", "raised more brows", "raised brows"),
    ("brows_drawn", "Brows drawn", "The inner brows come down.", "drew more brows together",
     "drawn brows"),
    ("eyes_narrowed", "Eyes narrowed", "The lids narrow without closing.", "narrowed more eyes",
     "narrowed eyes"),
    ("lips_pressed", "Lips pressed", "The lips get thin in a closed mouth.", "pressed more lips",
     "pressed lips"),
)  # fmt: skip

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
        version=2,
        unit="0 to 1",
        sentence="How far the face is turned to the screen (facing), 0 while the eyes are closed "
        "for 0.4 s or more or are away; 0 for a known viewer without a visible face.",
        how_to_read="Blinks, and eyes narrowed by a laugh, do not lower it. Where the eyes could "
        "not be read it is facing alone.",
        lowest=0.0,
        highest=1.0,
        formula=lambda face: facing(face.pose),
        when_away=0.0,
        headline=True,
        scale=Scale.PERCENT,
        whole_axis=True,
        axis_title="Attending, in %",
        higher="held attention better",
        noun="attention",
        caution=_NOT_THOUGHTS,
    ),
    Measure(
        key="engagement",
        name="Engagement",
        version=2,
        unit="0 to 100",
        sentence="100 × attention × (0.4 + 0.6 × expressiveness).",
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
        caution=_NOT_THOUGHTS,
    ),
    Measure(
        key="facing",
        name="Facing",
        version=1,
        unit="0 to 1",
        sentence="How far the face is turned to the screen: full up to 15 degrees to the side and "
        "12 up or down, none from 45 and 35; 0 for a known viewer without a visible face.",
        how_to_read="It follows the head alone. Until version 2 this was attention.",
        lowest=0.0,
        highest=1.0,
        optional=True,
        formula=lambda face: facing(face.pose),
        when_away=0.0,
        scale=Scale.PERCENT,
        whole_axis=True,
        axis_title="Facing the screen, in %",
        higher="faced the screen more",
        noun="facing",
    ),
    Measure(
        key="eyes_open",
        name="Eyes open",
        version=1,
        unit="0 to 1",
        sentence="How far the lids are apart, from the viewer's own shut to her own open eye.",
        how_to_read="Known only of faces from 60 px; narrow eyes count as open when they are as "
        "open as usual.",
        lowest=0.0,
        highest=1.0,
        calibrated=True,
        optional=True,
        higher="opened eyes wider",
        noun="open eyes",
    ),
    Measure(
        key="blink",
        name="Blink rate",
        version=1,
        unit="true or false; a minute",
        sentence="Whether the frame lies in a blink: lids more than half down for less than 0.4 s. "
        "A second has the rate: the blinks that begin in it, times 60.",
        how_to_read="People who watch blink about 5 to 20 times a minute, less often the more "
        "they are absorbed. Unknown where frames are over 0.11 s apart.",
        lowest=0.0,
        highest=300.0,
        calibrated=True,
        optional=True,
        flag=True,
        per_second="rate",
        scale=Scale.RATE,
        axis_title="Blinks a minute",
        higher="made viewers blink more",
        noun="blinking",
    ),
    Measure(
        key="eyes_closed",
        name="Eyes closed",
        version=2,
        unit="true or false",
        sentence="Whether the lids stay down for 0.4 s or more; a second has the share of its "
        "frames.",
        how_to_read="Its mean over 60 s is PERCLOS. Unknown where the head was bent when the lids "
        "went down (a look at a phone covers the iris, too) and while a laugh presses them shut; a "
        "smile that narrows the eyes does not count.",
        lowest=0.0,
        highest=1.0,
        calibrated=True,
        optional=True,
        flag=True,
        per_second="mean",
        scale=Scale.PERCENT,
        axis_title="Closed, in %",
        higher="closed more eyes",
        noun="closed eyes",
    ),
    Measure(
        key="gaze_x",
        name="Gaze aside",
        version=2,
        unit="degrees",
        sentence="Where the eyes look to the picture's right, from the iris's place and the "
        "head's turn, less the viewer's usual.",
        how_to_read="0 is where she usually looks; from 12 to 25 degrees on, by how far hers "
        "strays, the eyes are away. Unknown of fewer than 15 readings, as on a photograph.",
        lowest=-90.0,
        highest=90.0,
        calibrated=True,
        optional=True,
        scale=Scale.DEGREES,
        axis_title="Degrees, right above 0",
        higher="drew the eyes to the right",
        noun="gaze aside",
    ),
    Measure(
        key="gaze_y",
        name="Gaze up",
        version=2,
        unit="degrees",
        sentence="Where the eyes look up, from the iris's place and the head's turn, less the "
        "viewer's usual.",
        how_to_read="Less sure than aside: the opening between the lids is low. Unknown of fewer "
        "than 15 readings, as on a photograph.",
        lowest=-90.0,
        highest=90.0,
        calibrated=True,
        optional=True,
        scale=Scale.DEGREES,
        axis_title="Degrees, up above 0",
        higher="drew the eyes up",
        noun="gaze up",
    ),
    *(
        Measure(
            key=key,
            name=name,
            version=1 if key == "eyes_narrowed" else 2,
            unit="0 to 1",
            sentence=sentence,
            how_to_read="0 is the viewer's own face at rest, 1 as far as people usually go. A "
            "movement, no action unit: it was held against labelled photographs, not coders.",
            lowest=0.0,
            highest=1.0,
            calibrated=True,
            optional=True,
            higher=higher,
            noun=noun,
        )
        for key, name, sentence, higher, noun in _MOVEMENTS
    ),
    Measure(
        key="eyes_away",
        name="Eyes away",
        version=2,
        unit="share of the second's frames",
        sentence="Whether open eyes look 12 to 25 degrees or more, by how far this viewer's gaze "
        "strays, from where she usually looks, or the lids are down in a bent head.",
        how_to_read="It takes 1 s of readings to know what is usual. No place on a screen is "
        "known.",
        lowest=0.0,
        highest=1.0,
        optional=True,
        of_frame="eyes_away",
        per_second="mean",
        scale=Scale.PERCENT,
        axis_title="Eyes away, in %",
        higher="sent more eyes away",
        noun="eyes away",
    ),
    Measure(
        key="smile_eyes",
        name="Smile with the eyes",
        version=1,
        unit="0 to 1",
        sentence="The lesser of smile and eyes narrowed: both move.",
        how_to_read="A smile without narrowed eyes is 0 here, and so are eyes narrowed by light.",
        lowest=0.0,
        highest=1.0,
        optional=True,
        of_frame="CASE WHEN eyes_narrowed IS NOT NULL THEN least(smile, eyes_narrowed) END",
        higher="drew more smiles with the eyes",
        noun="smiling with the eyes",
    ),
    Measure(
        key="engagement_facing",
        name="Engagement by facing",
        version=1,
        unit="0 to 100",
        sentence="100 × facing × (0.4 + 0.6 × expressiveness).",
        how_to_read="Until version 2 this was engagement: it takes no account of the eyes.",
        lowest=0.0,
        highest=100.0,
        optional=True,
        of_frame="100 * facing * (engagement_base + engagement_expressive * expressiveness)",
        sql="100 * facing * (engagement_base + engagement_expressive * (1 - p_neutral))",
        settings=("engagement_base", "engagement_expressive"),
        when_away=0.0,
        scale=Scale.POINTS,
        whole_axis=True,
        axis_title="Points of 100",
        higher="engaged more by facing",
        noun="engagement by facing",
    ),
)

BY_KEY: Final[dict[str, Measure]] = {one.key: one for one in TABLE}
#: What each frame has beside the model's probabilities.
FACE_MEASURES: Final = tuple(one.key for one in TABLE if one.formula is not None or one.calibrated)
#: Those that only seconds have.
OF_SECONDS: Final = tuple(one.key for one in TABLE if one.of_frame is not None)
#: Those that are known only when all of a viewer's readings are.
CALIBRATED: Final = tuple(one.key for one in TABLE if one.calibrated)
FLAGS: Final = tuple(one.key for one in TABLE if one.flag)
_FIRST_LISTED: Final = ("engagement", "attention", "valence", "expressiveness", "activation")
#: All of them in the order in which pages and reports list them: the emotions come last.
MEASURES: Final[tuple[str, ...]] = tuple(
    dict.fromkeys((*_FIRST_LISTED, *FACE_MEASURES, *OF_SECONDS, *PROBABILITY_COLUMNS))
)
#: Those that each session keeps its mean of; a comparison takes them without being asked.
HEADLINES: Final = tuple(key for key in MEASURES if BY_KEY[key].headline)

#: Attention and engagement of sessions that know nothing of eyes: those made before version 2,
#: and those that were analysed without them.
EARLIER: Final[dict[str, Measure]] = {
    one.label: one
    for one in (
        replace(
            BY_KEY["attention"],
            version=1,
            sentence=BY_KEY["facing"].sentence,
            how_to_read="It follows the head, not the eyes: a viewer who faces the screen may be "
            "thinking of something else.",
            caution=_HEAD_NOT_EYES,
        ),
        replace(BY_KEY["engagement"], version=1, caution=_HEAD_NOT_EYES),
    )
}
#: What a session with eyes has for them.
WITHOUT_EYES: Final = {"attention": "facing", "engagement": "engagement_facing"}

#: What is read of a face raw, in the order of ``faces.readings``: how far each eye is open and
#: where its iris stands, in widths of the eye and as seen in the picture, and the signs that
#: movements are read from.
LIDS: Final = ("lid_left", "lid_right")
IRIS: Final = ("iris_left_x", "iris_left_y", "iris_right_x", "iris_right_y")
SIGNS: Final = ("smile_sign", "mouth_open_sign", "brows_up_sign", "brows_drawn_sign", "lips")
READINGS: Final = (*LIDS, *IRIS, *SIGNS)

_LEADING: Final = ("emotion", "confidence")
#: The columns of a viewer's second: who, when, the frames in which the face was usable, seen,
#: and not to be seen though the viewer was known, and the means and medians.
SECOND_COLUMNS: Final = (
    "session_id", "viewer", "second", "n", "seen", "away", *PROBABILITY_COLUMNS, *_LEADING,
    *FACE_MEASURES, *OF_SECONDS,
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
    **{key: "BOOLEAN" if key in FLAGS else "FLOAT" for key in FACE_MEASURES},
}
#: What the store and its shards keep of a face: also what is shown by the second alone, and what
#: is raw and shown nowhere.
STORED_COLUMNS: Final[dict[str, str]] = (
    TIMELINE_COLUMNS | {"eyes_away": "BOOLEAN"} | dict.fromkeys(READINGS, "FLOAT")
)


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
        elif one.calibrated:
            found[one.key] = np.full(len(p), np.nan, np.float32)
    return Measures(found)


def measure_versions(*, eyes: bool = True) -> dict[str, str]:
    """The definition's version behind each measure; kept with every session.

    Args:
        eyes: whether eyes and movements are read. Without them attention follows the head.
    """
    if eyes:
        return {key: BY_KEY[key].label for key in FACE_MEASURES}
    usual = {key: BY_KEY[key].label for key in FACE_MEASURES if not BY_KEY[key].calibrated}
    return usual | {one.key: one.label for one in EARLIER.values()}


def has_eyes(versions: Mapping[str, str]) -> bool:
    """Whether a session of these versions has eyes and movements, and its attention them in it."""
    return versions.get("attention") == BY_KEY["attention"].label


def definition_of(key: str, *, eyes: bool) -> Measure:
    """A measure as it stands with the eyes or, of earlier sessions, without them."""
    earlier = {one.key: one for one in EARLIER.values()}
    return BY_KEY[key] if eyes or key not in earlier else earlier[key]


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
