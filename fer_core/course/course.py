"""A study's course: the steps that a respondent goes through, and where each stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final

from fer_core.course.orders import Order, draw
from fer_core.course.questions import Among, Question, Texts

MOST_FILMS: Final = 10
#: The question that tells minors, in a course to which they may come.
AGE: Final = "age"


class StepKind(StrEnum):
    WELCOME = "welcome"
    QUESTIONS = "questions"
    CAMERA = "camera"
    FILMS = "films"
    PAUSE = "pause"
    DEBRIEF = "debrief"


class Rating(StrEnum):
    """What a respondent tells by the second while a film plays."""

    NONE = "none"
    SLIDER = "slider"  # 0 to 100
    KEYS = "keys"  # like and dislike: 1 and -1 while a key is held, else 0


class Outcome(StrEnum):
    """How a visit ends, as panel providers name it; the keys of ``Course.redirects``."""

    COMPLETE = "complete"
    SCREENED = "screened"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Shown:
    """A film that a step shows. ``condition``: only to respondents of this one, "": to all."""

    stimulus_id: str
    clutter: bool = False  # shown, never recorded or analysed
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step; which fields count depends on its kind."""

    id: str
    kind: StepKind
    title: Texts = field(default_factory=dict)
    text: Texts = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    leave: tuple[Among, ...] = ()  # whoever answers so is thanked and leaves
    films: tuple[Shown, ...] = ()
    order: Order = Order.FIXED
    after: tuple[Question, ...] = ()  # asked after each film that is not clutter
    rating: Rating = Rating.NONE
    pause_s: float = 0.0  # of a pause, and before each film but the first
    limit_s: float = 0.0  # after which its questions are over as they are; 0: never


@dataclass(frozen=True, slots=True)
class Quota:
    """At most ``most`` respondents who answer so."""

    among: Among
    most: int


@dataclass(frozen=True, slots=True)
class Course:
    """The whole of it. ``languages``: the first is the one that it was written in."""

    steps: tuple[Step, ...]
    languages: tuple[str, ...] = ("en",)
    title: Texts = field(default_factory=dict)
    consent: Texts = field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()
    redirects: dict[str, str] = field(default_factory=dict)  # by outcome; {id} is the panel's
    minors: bool = False  # they may come: the question AGE must then send them away

    def films(self, condition: str = "") -> list[Shown]:
        """All films that respondents of a condition are shown, in the order written."""
        return [
            one for step in self.steps for one in step.films if one.condition in ("", condition)
        ]

    @property
    def conditions(self) -> tuple[str, ...]:
        """The cells that some film is limited to."""
        named = (one.condition for step in self.steps for one in step.films if one.condition)
        return tuple(dict.fromkeys(named))

    @property
    def questions(self) -> list[Question]:
        """Every question, in the order asked."""
        return [one for step in self.steps for one in (*step.questions, *step.after)]


@dataclass(frozen=True, slots=True)
class Unit:
    """One screen of the visit: a step, or one film of it, or the questions after that film."""

    step: Step
    kind: StepKind
    film: Shown | None = None
    questions: tuple[Question, ...] = ()
    pause_s: float = 0.0
    limit_s: float = 0.0

    @property
    def about(self) -> str:
        """The stimulus that its answers are about; "": the whole visit."""
        return self.film.stimulus_id if self.film else ""


#: The order of each step's films, by the step's id: what is drawn for one respondent.
Route = dict[str, list[str]]


def draw_route(
    course: Course, condition: str, used: Sequence[Mapping[str, Sequence[str]]], chance: Random
) -> Route:
    """The order of the films for the next respondent of a condition.

    ``used``: the routes of those of the same condition who count.
    """
    return {
        step.id: draw(
            [one.stimulus_id for one in step.films if one.condition in ("", condition)],
            step.order,
            [route[step.id] for route in used if step.id in route],
            chance,
        )
        for step in course.steps
        if step.kind is StepKind.FILMS
    }


def units(course: Course, route: Mapping[str, Sequence[str]]) -> list[Unit]:
    """The screens of a respondent's visit, in order."""
    return [one for step in course.steps for one in _of_step(step, route.get(step.id, ()))]


def _of_step(step: Step, order: Sequence[str]) -> Iterator[Unit]:
    if step.kind is not StepKind.FILMS:
        yield Unit(
            step, step.kind, questions=step.questions, pause_s=step.pause_s, limit_s=step.limit_s
        )
        return
    films = {one.stimulus_id: one for one in step.films}
    for at, key in enumerate(order):
        film = films[key]
        yield Unit(step, StepKind.FILMS, film, pause_s=step.pause_s if at else 0.0)
        if step.after and not film.clutter:
            yield Unit(step, StepKind.QUESTIONS, film, step.after, limit_s=step.limit_s)


def said(texts: Texts, language: str, course: Course) -> str:
    """A text in a language; in the course's own where there is none in it."""
    return texts.get(language) or texts.get(course.languages[0]) or next(iter(texts.values()), "")
