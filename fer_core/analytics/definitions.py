"""Every number that a page, an export or a report shows: what it is, and how to read it.

The measures of ``fer_core.measures``, and what seconds, sessions and studies make of them. A
changed rule is a new version, never an edited one, so that a number in an old report still
says how it came about.
"""

from __future__ import annotations

from typing import Final

from fer_core.analytics.statistics import STATISTICS
from fer_core.errors import SettingsError
from fer_core.measures import BY_KEY, Definition, definition_of

_OF_A_FACE = [
    Definition(
        "emotion",
        "Emotion",
        1,
        "",
        "The emotion with the largest probability.",
        "Read it with its confidence: close probabilities change their order easily.",
    ),
    Definition(
        "confidence",
        "Confidence",
        1,
        "probability",
        "The largest of the seven probabilities.",
        "Of faces shown with 0.7, about seven in ten carry the label that people gave them.",
        0.0,
        1.0,
    ),
    Definition(
        "usable",
        "Usable",
        1,
        "",
        "Whether the face is large, sharp, lit, turned and whole enough to be read.",
        "Rows that are not usable are kept and left out of every average; why_not says why.",
    ),
    Definition(
        "shown",
        "A face on Live",
        1,
        "",
        "Each viewer's probabilities through a one-euro filter over their logarithms (1 Hz, and "
        "0.3 for each unit that they change by in a second), and the measures that follow.",
        "It takes away the flicker of single frames and comes half a frame later. What is stored, "
        "and all that is made of it, stays as the model reads each frame.",
    ),
]

_PER_SECOND = [
    Definition(
        "second",
        "A viewer's second",
        2,
        "",
        "Over the viewer's usable frames in that second the mean of each probability, of "
        "expressiveness and of activation, and the median of the rest; for attention and "
        "engagement also over the frames in which the known viewer has no visible face. Its "
        "emotion is the likeliest, or mixed where that leads no more than half of the frames.",
        "The seven probabilities sum to 1. n is the number of those frames; a second without "
        "any is empty, not 0.",
    ),
    Definition(
        "presence",
        "Known viewer",
        1,
        "",
        "A viewer is known from first to last sight, and to the session's end where the "
        "session has one viewer; a frame of that time without a visible face has "
        "attention 0 and engagement 0.",
        "Looking away counts against attention; having left a room of several does not.",
    ),
    Definition(
        "audience",
        "Audience curve",
        1,
        "",
        "The mean over viewers of their second, with a 95 % band from resampling viewers "
        "(studentised bootstrap; attention and engagement leave room for viewers who look "
        "away, rare expressions for viewers who show them, though none of these did) and n, "
        "the viewers in it.",
        "In 95 of 100 studies like this one, the band holds the mean of the audience that "
        "these viewers stand for. A small n gives a wide band.",
    ),
    Definition(
        "share",
        "Share showing an emotion",
        1,
        "%",
        "Of the viewers with a readable second, those whose probability of the emotion "
        "exceeds the threshold (0.5 unless changed), with a 95 % Wilson interval.",
        "30 % happy: three in ten of the faces that could be read showed happiness.",
        0.0,
        100.0,
    ),
    Definition(
        "baseline",
        "Baseline correction",
        1,
        "",
        "Each probability times reference / the viewer's mean in the pre-roll, renormalised.",
        "It takes a resting face that looks sad or angry back to neutral; both the raw and "
        "the corrected numbers are kept.",
    ),
]

_PER_SESSION = [
    Definition(
        "quality",
        "Quality",
        1,
        "share of time, 0 to 1",
        "Share of the session's time with a usable face, each frame weighted by its time.",
        "Under 85 % a session is flagged, under 60 % left out of a study unless taken back.",
        0.0,
        1.0,
    ),
    Definition(
        "emotion_share",
        "Time by emotion",
        1,
        "share of time, 0 to 1",
        "Share of the usable face time in which each emotion was the likeliest.",
        "The seven sum to 100 % of the time in which a face could be read.",
        0.0,
        1.0,
    ),
    Definition(
        "smoothed",
        "Smoothed curve",
        1,
        "",
        "Centred mean over three seconds, narrower at the ends and where a second is empty.",
        "Used to tell which peaks stand out beside a marker; it is not drawn.",
    ),
    *(one.definition for one in STATISTICS if one.definition is not None),
    Definition(
        "key_moments",
        "Key moments",
        1,
        "",
        "The three highest and the three lowest seconds of the curve as it is drawn, each three "
        "seconds from others of its kind, the highest above the curve's mean, the lowest below.",
        "Where to look first; with few viewers or a flat curve their places are chance.",
    ),
    Definition(
        "lift",
        "Lift",
        2,
        "",
        "The scene's mean minus the mean of the whole, as both are shown.",
        "Above 0 the scene does better than the rest of the same film.",
    ),
    Definition(
        "peak_to_marker",
        "Peak to marker",
        2,
        "s",
        "Seconds from a marker to the nearest peak before it and after it. A peak stands out of "
        "the smoothed curve by a tenth of its range, and lies where the drawn curve is highest.",
        "A short time after: the marked moment is followed by a response.",
        0.0,
    ),
    Definition(
        "perclos",
        "PERCLOS",
        1,
        "share of time, 0 to 1",
        "The largest share of any 60 s in which a viewer's eyes were closed, of spans with at "
        "least 30 known seconds.",
        "Known from studies of drowsy drivers; at a screen it may be boredom, or a glance down.",
        0.0,
        1.0,
    ),
    Definition(
        "synchrony",
        "Synchrony",
        1,
        "-1 to 1",
        "Mean correlation of each viewer's curve with the mean of the others', beside the "
        "95 % range that shifting the curves in a circle gives by chance.",
        "Above the range, viewers respond together; inside it, this may be chance.",
        -1.0,
        1.0,
    ),
]

_PER_STUDY = [
    Definition(
        "difference_over_time",
        "Difference over time",
        1,
        "",
        "Cluster-based permutation test over the seconds (t at 0.02, 2,000 permutations of "
        "viewers), corrected for all measures compared together.",
        "A shaded span differs somewhere within it; its exact edges are not tested.",
    ),
    Definition(
        "difference_in_scene",
        "Difference in a scene",
        1,
        "",
        "Difference of the viewers' scene means with a 95 % bootstrap interval and Welch's "
        "or the paired t-test, p corrected over all rows by Benjamini-Hochberg.",
        "Of the rows with a corrected p under 0.05, about one in twenty is chance.",
    ),
    Definition(
        "effect",
        "Effect size",
        1,
        "standard deviations",
        "Cohen's d, the difference over the pooled standard deviation; paired: dz, over that "
        "of the differences.",
        "0.2 is small, 0.5 medium, 0.8 large. In a span that was found by searching it is "
        "somewhat too large.",
    ),
    Definition(
        "norm",
        "Norm",
        3,
        "percentile",
        "Share of the store's other studies of the same kind whose mean, as their pages show it, "
        "lies below; half of the equal ones count. Where some know nothing of eyes, attention "
        "and engagement of all of them follow the head alone.",
        "80: better than eight in ten of your own. Refused with fewer than ten others.",
        0.0,
        100.0,
    ),
]

#: By key: the measures first, then what is made of them.
DEFINITIONS: Final[dict[str, Definition]] = BY_KEY | {
    one.key: one for one in (*_OF_A_FACE, *_PER_SECOND, *_PER_SESSION, *_PER_STUDY)
}


def definition(key: str, *, eyes: bool = True) -> Definition:
    """The definition of one number; an unknown key is told which exist.

    ``eyes`` False: as it was before attention knew of eyes.
    """
    try:
        return definition_of(key, eyes=eyes) if key in BY_KEY else DEFINITIONS[key]
    except KeyError as error:
        raise SettingsError(
            f"There is no measure called {key!r}.", f"Known: {', '.join(DEFINITIONS)}."
        ) from error
