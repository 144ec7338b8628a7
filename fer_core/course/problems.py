"""What keeps a course from being used, as sentences for whoever makes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlsplit

from fer_core.course.course import AGE, MOST_FILMS, Course, Outcome, StepKind
from fer_core.course.questions import (
    LONGEST_NAME,
    MOST_CHOICES,
    SCALE_POINTS,
    Among,
    Question,
    QuestionKind,
)

_CHOOSES = (QuestionKind.ONE, QuestionKind.SEVERAL, QuestionKind.RANKING)


def problems(
    course: Course, films: Collection[str], languages: Mapping[str, str] | None = None
) -> list[str]:
    """What must be mended first; ``films``: stimuli whose film can be shown; ``languages``: their
    names by their codes."""
    return [
        *_steps(course, films),
        *_questions(course),
        *_conditions(course),
        *_minors(course),
        *_texts(course, languages or {}),
        *_redirects(course),
    ]


def _steps(course: Course, films: Collection[str]) -> Iterator[str]:
    kinds = [step.kind for step in course.steps]
    if StepKind.FILMS not in kinds:
        yield "Nothing is shown: add a step with films."
    if kinds.count(StepKind.CAMERA) != 1:
        yield "A course has one camera check."
    elif StepKind.FILMS in kinds and kinds.index(StepKind.CAMERA) > kinds.index(StepKind.FILMS):
        yield "The camera check must come before the films."
    shown = course.films() + [one for step in course.steps for one in step.films if one.condition]
    if len(shown) > MOST_FILMS:
        yield f"A course shows at most {MOST_FILMS} films; this one has {len(shown)}."
    twice = [key for key, n in Counter(one.stimulus_id for one in shown).items() if n > 1]
    if twice:
        yield "A film is shown twice: its answers could not be told apart."
    if any(one.stimulus_id not in films for one in shown):
        yield "A film is not on this machine: name its file in the study's view «Film»."
    if shown and all(one.clutter for one in shown):
        yield "All films are clutter: nothing would be measured."
    if len({step.id for step in course.steps}) < len(course.steps):
        yield "Two steps have the same id."


def _questions(course: Course) -> Iterator[str]:
    names = Counter(one.name.casefold() for one in course.questions)
    for name in [name for name, n in names.items() if n > 1]:
        yield f"Two questions are called «{name}»."
    for step in course.steps:
        if step.kind is StepKind.QUESTIONS and not step.questions:
            yield "A step of questions has none."
        if step.leave and step.limit_s:
            yield "Where somebody may have to leave there is no time limit: all must answer."
        for one in (*step.questions, *step.after):
            yield from (f"«{one.name}»: {why}" for why in _question(one, course))


def _question(one: Question, course: Course) -> Iterator[str]:
    if not one.name.strip() or len(one.name) > LONGEST_NAME or set(one.name) & set('=,;"<>'):
        yield f'give it a name of at most {LONGEST_NAME} letters, without = , ; " < or >.'
    if not one.text.get(course.languages[0], "").strip():
        yield "it asks nothing."
    if one.kind in _CHOOSES:
        keys = one.keys
        if not 2 <= len(keys) <= MOST_CHOICES or len(set(keys)) < len(keys) or not all(keys):
            yield f"it needs 2 to {MOST_CHOICES} different answers."
    if one.kind is QuestionKind.SCALE and one.points not in SCALE_POINTS:
        yield "a scale has 5, 7 or 11 steps."
    if one.least is not None and one.most is not None and one.least > one.most:
        yield "the smallest number is above the largest."


def _conditions(course: Course) -> Iterator[str]:
    """Conditions name answers that were given before."""
    asked: dict[str, Question] = {}
    for step in course.steps:
        for one in (*step.questions, *step.after):
            if one.shown_if is not None:
                yield from _among(one.shown_if, asked, f"«{one.name}» is shown")
            asked[one.name] = one
        for among in step.leave:
            yield from _among(among, {q.name: q for q in step.questions}, "Whoever leaves is told")
    for quota in course.quotas:
        yield from _among(quota.among, asked, "A quota counts")
        if quota.most < 1:
            yield "A quota must let at least one respondent in."


def _minors(course: Course) -> Iterator[str]:
    """Where minors may come, the camera waits for the age, and some answer to it leads away."""
    if not course.minors:
        return
    for step in course.steps:
        if step.kind in (StepKind.CAMERA, StepKind.FILMS):
            break
        asked = next((one for one in step.questions if one.name == AGE), None)
        told = any(one.question == AGE for one in step.leave)
        if asked and asked.required and asked.shown_if is None and told:
            return
    yield (
        f"Minors may come: ask everybody «{AGE}» before the camera, and say in that step who is "
        "thanked and leaves."
    )


def _among(among: Among, asked: dict[str, Question], what: str) -> Iterator[str]:
    found = asked.get(among.question)
    if found is None:
        yield f"{what} by «{among.question}», which is not asked before."
    elif found.keys and not set(among.answers) <= set(found.keys):
        yield f"{what} by an answer that «{among.question}» does not offer."
    elif not among.answers:
        yield f"{what} by no answer of «{among.question}»."


def _texts(course: Course, names: Mapping[str, str]) -> Iterator[str]:
    main = course.languages[0] if course.languages else ""
    if not course.title.get(main, "").strip() or not course.consent.get(main, "").strip():
        yield "The course needs a title and a text of consent."
    for language in course.languages[1:]:
        lacking = sum(
            1 for texts in _all_texts(course) if texts.get(main) and not texts.get(language)
        )
        if lacking:
            yield f"{lacking} texts are missing in the language «{names.get(language, language)}»."


def _all_texts(course: Course) -> Iterator[dict[str, str]]:
    yield course.title
    yield course.consent
    for step in course.steps:
        yield from (step.title, step.text)
        for one in (*step.questions, *step.after):
            yield from (one.text, one.low, one.high)
            yield from (choice.text for choice in one.choices)


def _redirects(course: Course) -> Iterator[str]:
    for outcome, address in course.redirects.items():
        if outcome not in list(Outcome):
            yield f"«{outcome}» is no way in which a visit ends."
        parts = urlsplit(address.strip())
        if address.strip() and (parts.scheme != "https" or not parts.hostname):
            yield "An address for panel providers must begin with https://."
