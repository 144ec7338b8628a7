"""A course as tests use it: screening, three films with a clutter film, questions, debrief."""

from __future__ import annotations

from collections.abc import Sequence

from fer_core.course.course import Course, Quota, Rating, Shown, Step, StepKind
from fer_core.course.orders import Order
from fer_core.course.questions import Among, Choice, Question, QuestionKind


def text(english: str) -> dict[str, str]:
    return {"en": english}


def choices(*keys: str) -> tuple[Choice, ...]:
    return tuple(Choice(key, text(key)) for key in keys)


AGE = Question("age", QuestionKind.ONE, text("How old are you?"),
               choices("under 18", "18-29", "30 or more"))  # fmt: skip
DOG = Question("has a dog", QuestionKind.ONE, text("Do you have a dog?"), choices("yes", "no"))
LIKING = Question("liking", QuestionKind.SCALE, text("How did you like it?"), points=7,
                  low=text("not at all"), high=text("very much"))  # fmt: skip
WHY = Question("why", QuestionKind.TEXT, text("What stays in mind?"), required=False)


def course(
    films: Sequence[str],
    *,
    clutter: Sequence[str] = (),
    order: Order = Order.RANDOM,
    rating: Rating = Rating.SLIDER,
    quotas: tuple[Quota, ...] = (),
    languages: tuple[str, ...] = ("en",),
    redirects: dict[str, str] | None = None,
) -> Course:
    shown = [*(Shown(one) for one in films), *(Shown(one, clutter=True) for one in clutter)]
    return Course(
        steps=(
            Step("hello", StepKind.WELCOME, text("Welcome"), text("Thank you for coming.")),
            Step("who", StepKind.QUESTIONS, text("About you"), questions=(AGE, DOG),
                 leave=(Among("age", ("under 18",)),)),
            Step("camera", StepKind.CAMERA),
            Step("films", StepKind.FILMS, films=tuple(shown), order=order, rating=rating,
                 after=(LIKING,)),
            Step("end", StepKind.QUESTIONS, text("Last questions"), questions=(WHY,)),
            Step("thanks", StepKind.DEBRIEF, text("Thank you"), text("That was all.")),
        ),
        languages=languages,
        title=text("Three films"),
        consent=text("We measure your face. Do you agree?"),
        quotas=quotas,
        redirects=redirects or {},
    )  # fmt: skip
