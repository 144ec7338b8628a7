"""Questions, and what counts as an answer to one.

The rules of ``wrong`` and ``is_shown`` stand once more in the respondent's page
(``page/answers.js``), which must not need the server to say what is missing. Both are held to
``tests/course/answers.json``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from fer_core.files import Json, JsonObject

#: A text by language; the first language of the course is shown where one is missing.
Texts = dict[str, str]
#: What a respondent may send as a text; and the names of questions, which become columns.
LONGEST_TEXT: Final = 2000
LONGEST_NAME: Final = 60
MOST_CHOICES: Final = 30
SCALE_POINTS: Final = (5, 7, 11)
#: From very bad to very good.
FACES: Final = ("😞", "🙁", "😐", "🙂", "😀")


class QuestionKind(StrEnum):
    """What is asked for, and so what an answer is."""

    ONE = "one"  # the key of a choice
    SEVERAL = "several"  # keys of choices
    SCALE = "scale"  # 1 to ``points``
    NUMBER = "number"
    TEXT = "text"
    RANKING = "ranking"  # the keys of all choices, the best first
    EMOJI = "emoji"  # 1 to 5


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers offered; ``key`` is what is kept and what filters name."""

    key: str
    text: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Among:
    """True of whoever gave one of these answers to a question."""

    question: str
    answers: tuple[str, ...]

    def holds(self, answers: Mapping[str, Json]) -> bool:
        return any(one in self.answers for one in as_texts(answers.get(self.question)))


@dataclass(frozen=True, slots=True)
class Question:
    """A question. ``name`` is unique in its course, and the column of its answers."""

    name: str
    kind: QuestionKind
    text: Texts
    choices: tuple[Choice, ...] = ()
    points: int = 7  # of a scale
    low: Texts = field(default_factory=dict)  # what a scale's ends mean
    high: Texts = field(default_factory=dict)
    least: float | None = None  # of a number
    most: float | None = None
    required: bool = True
    shown_if: Among | None = None
    right: str = ""  # the answer that whoever reads the question gives: an attention check

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(one.key for one in self.choices)

    @property
    def top(self) -> int:
        """The highest step of a scale or of the faces."""
        return len(FACES) if self.kind is QuestionKind.EMOJI else self.points

    @property
    def numeric(self) -> bool:
        """Whether answers can be averaged."""
        return self.kind in (QuestionKind.SCALE, QuestionKind.NUMBER, QuestionKind.EMOJI)


def as_texts(value: Json) -> tuple[str, ...]:
    """An answer as conditions and filters name it: each of several; 7 for 7.0."""
    if value is None or value == "":
        return ()
    if isinstance(value, list | tuple):
        return tuple(str(one) for one in value)
    if isinstance(value, float) and value.is_integer():
        return (str(int(value)),)
    return (str(value),)


def is_shown(question: Question, answers: Mapping[str, Json]) -> bool:
    """Whether a question is asked of whoever gave these answers before."""
    return question.shown_if is None or question.shown_if.holds(answers)


def is_empty(value: Json) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def wrong(question: Question, value: Any) -> str:
    """Why a value is no answer to a question, as a respondent may read it; "" where it is one.

    The texts are keys of the respondents' dictionaries.
    """
    if is_empty(value):
        return "Please answer this question." if question.required else ""
    match question.kind:
        case QuestionKind.ONE:
            ok = isinstance(value, str) and value in question.keys
            return "" if ok else "Please choose one of these answers."
        case QuestionKind.SEVERAL:
            ok = _keys(value) and set(value) <= set(question.keys)
            return "" if ok else "Please choose among these answers."
        case QuestionKind.RANKING:
            ok = _keys(value) and sorted(value) == sorted(question.keys)
            return "" if ok else "Please put all answers in order."
        case QuestionKind.SCALE | QuestionKind.EMOJI:
            ok = _number(value) and float(value).is_integer() and 1 <= value <= question.top
            return "" if ok else "Please choose a step of the scale."
        case QuestionKind.NUMBER:
            return _wrong_number(question, value)
        case QuestionKind.TEXT:
            ok = isinstance(value, str) and len(value) <= LONGEST_TEXT
            return "" if ok else "This text is too long."


def _keys(value: Any) -> bool:
    """A list of different texts."""
    return (
        isinstance(value, list)
        and all(isinstance(one, str) for one in value)
        and len(set(value)) == len(value)
    )


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _wrong_number(question: Question, value: Any) -> str:
    if not _number(value):
        return "Please write a number."
    if question.least is not None and value < question.least:
        return "This number is too small."
    if question.most is not None and value > question.most:
        return "This number is too large."
    return ""


def checked(
    questions: Sequence[Question],
    given: Mapping[str, Json],
    before: Mapping[str, Json],
    *,
    late: bool = False,
) -> tuple[JsonObject, dict[str, str]]:
    """The answers to keep, and what is wrong, by the questions' names.

    ``before``: what was answered earlier. Questions that are not shown keep no answer, and names
    that are none of these are not kept. ``late``: the time for them is over, so what is no answer
    is left out and not told.
    """
    kept: JsonObject = {}
    found: dict[str, str] = {}
    for one in questions:
        if not is_shown(one, {**before, **kept}):
            continue
        value = given.get(one.name)
        if why := wrong(one, value):
            if not late:
                found[one.name] = why
        elif not is_empty(value):
            kept[one.name] = value.strip() if isinstance(value, str) else value
    return kept, found
