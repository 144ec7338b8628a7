"""A course as tables that a person edits, and a link made of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from dashboard.camera.respondents import words
from dashboard.camera.respondents.data import end_of, must_have_purpose, usual_consent
from fer_core.course.course import AGE, Course, Quota, Rating, Shown, Step, StepKind
from fer_core.course.orders import Order
from fer_core.course.problems import problems
from fer_core.course.questions import Among, Choice, Question, QuestionKind, Texts
from fer_core.errors import SettingsError
from fer_core.law.notice import TO_FILL
from fer_core.storage import Store
from fer_core.storage.course import SavedCourse
from fer_core.storage.links import AddLink, Arm
from fer_core.studies.membership import Study

KINDS: Final = {
    QuestionKind.ONE: "One answer",
    QuestionKind.SEVERAL: "Several answers",
    QuestionKind.SCALE: "Scale",
    QuestionKind.NUMBER: "Number",
    QuestionKind.TEXT: "Short text",
    QuestionKind.RANKING: "Ranking",
    QuestionKind.EMOJI: "Faces, bad to good",
}
STEPS: Final = {
    StepKind.WELCOME: "Welcome",
    StepKind.QUESTIONS: "Questions",
    StepKind.CAMERA: "Camera check",
    StepKind.FILMS: "Films",
    StepKind.PAUSE: "Pause",
    StepKind.DEBRIEF: "Debrief",
}
ORDERS: Final = {
    Order.FIXED: "As written",
    Order.RANDOM: "By chance",
    Order.BALANCED: "Balanced (Latin square)",
}
RATINGS: Final = {
    Rating.NONE: "Nothing",
    Rating.SLIDER: "A slider, 0 to 100",
    Rating.KEYS: "Like and dislike",
}
#: The columns of the table of questions, as it is shown.
QUESTIONS: Final = (
    "Name", "Asks", "Kind", "Answers", "Steps", "Low end", "High end", "Smallest", "Largest",
    "Required", "Shown if", "Right answer",
)  # fmt: skip


def new_course(store: Store, study: Study, films: Sequence[str]) -> Course:
    """What a new course begins with: an age question, the camera, the films, liking, thanks."""
    age = Question(
        AGE, QuestionKind.ONE, {"en": "How old are you?"},
        tuple(Choice(key) for key in ("under 18", "18-29", "30-49", "50 or more")),
    )  # fmt: skip
    liking = Question(
        "liking", QuestionKind.SCALE, {"en": "How did you like this film?"},
        low={"en": "not at all"}, high={"en": "very much"},
    )  # fmt: skip
    shown = tuple(Shown(one) for one in films[:3])
    return Course(
        steps=(
            Step("s1", StepKind.WELCOME, {"en": "Welcome"},
                 {"en": "You will answer a few questions and watch short films."}),
            Step("s2", StepKind.QUESTIONS, {"en": "About you"}, questions=(age,),
                 leave=(Among(AGE, ("under 18",)),)),
            Step("s3", StepKind.CAMERA),
            Step("s4", StepKind.FILMS, films=shown, order=Order.BALANCED, after=(liking,)),
            Step("s5", StepKind.DEBRIEF, {"en": "That was all"},
                 {"en": "Thank you. The people who sent you the link can tell you more."}),
        ),
        title={"en": "Watch short films"},
        minors=True,
        consent={"en": usual_consent(store)},
    )  # fmt: skip


def step_ids(course: Course) -> str:
    """An id that no step has yet."""
    taken = {step.id for step in course.steps}
    return next(f"s{n}" for n in range(1, 1000) if f"s{n}" not in taken)


def with_step(course: Course, changed: Step) -> Course:
    """The course with one of its steps changed, or a new one before the debrief."""
    if any(step.id == changed.id for step in course.steps):
        steps = [changed if step.id == changed.id else step for step in course.steps]
    else:
        last = course.steps[-1:] if course.steps[-1:] and (
            course.steps[-1].kind is StepKind.DEBRIEF) else ()  # fmt: skip
        steps = [*course.steps[: len(course.steps) - len(last)], changed, *last]
    return replace(course, steps=tuple(steps))


def moved(course: Course, at: int, by: int) -> Course:
    steps = list(course.steps)
    steps.insert(at + by, steps.pop(at))
    return replace(course, steps=tuple(steps))


def without(course: Course, step_id: str) -> Course:
    return replace(course, steps=tuple(step for step in course.steps if step.id != step_id))


# -- conditions: «has a dog=yes|no» ------------------------------------------------------------


def read_among(text: str) -> Among | None:
    """``question=answer|answer``; None for an empty text."""
    if not text.strip():
        return None
    name, equals, answers = text.partition("=")
    keys = tuple(one.strip() for one in answers.split("|") if one.strip())
    if not equals or not name.strip() or not keys:
        raise SettingsError(f"{text!r} is no condition.", "Write it as: has a dog=yes|no")
    return Among(name.strip(), keys)


def write_among(among: Among | None) -> str:
    return "" if among is None else f"{among.question}={'|'.join(among.answers)}"


def read_lines(text: str) -> tuple[Among, ...]:
    """A condition a line."""
    found = (read_among(line) for line in text.splitlines())
    return tuple(one for one in found if one is not None)


def read_quotas(text: str) -> tuple[Quota, ...]:
    """``question=answer: most``, a line each."""
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        among, colon, most = line.rpartition(":")
        if not colon or not most.strip().isdigit():
            raise SettingsError(f"{line!r} is no quota.", "Write it as: has a dog=yes: 50")
        read = read_among(among)
        if read is not None:
            found.append(Quota(read, int(most)))
    return tuple(found)


def write_quotas(quotas: Iterable[Quota]) -> str:
    return "\n".join(f"{write_among(one.among)}: {one.most}" for one in quotas)


# -- questions as a table -----------------------------------------------------------------------


def to_table(questions: Iterable[Question], language: str) -> pd.DataFrame:
    """A row a question, its texts in one language."""
    rows = [
        {
            "Name": one.name,
            "Asks": one.text.get(language, ""),
            "Kind": KINDS[one.kind],
            "Answers": "; ".join(choice.text.get(language) or choice.key for choice in one.choices),
            "Steps": str(one.points) if one.kind is QuestionKind.SCALE else "",
            "Low end": one.low.get(language, ""),
            "High end": one.high.get(language, ""),
            "Smallest": one.least,
            "Largest": one.most,
            "Required": one.required,
            "Shown if": write_among(one.shown_if),
            "Right answer": one.right,
        }
        for one in questions
    ]
    return pd.DataFrame(rows, columns=list(QUESTIONS))


def from_table(
    table: pd.DataFrame, before: Sequence[Question], language: str, main: str
) -> tuple[Question, ...]:
    """The questions of an edited table; texts of other languages stay as they were."""
    old = {one.name: one for one in before}
    found = []
    for at, row in enumerate(table.to_dict("records")):
        name = text_of(row.get("Name"))
        if not name and not text_of(row.get("Asks")):
            continue
        was = old.get(name) or (before[at] if at < len(before) else None)
        found.append(_question({str(k): v for k, v in row.items()}, name, was, language, main))
    return tuple(found)


def _question(
    row: Mapping[str, object], name: str, was: Question | None, language: str, main: str
) -> Question:
    kinds = {label: kind for kind, label in KINDS.items()}
    kind = kinds.get(text_of(row.get("Kind")), QuestionKind.ONE)

    def texts(column: str, had: Texts | None) -> Texts:
        said, texts = text_of(row.get(column)), dict(had or {})
        return {**texts, language: said} if said or language in texts else texts

    return Question(
        name=name,
        kind=kind,
        text=texts("Asks", was.text if was else None),
        choices=_choices(text_of(row.get("Answers")), was, language, main),
        points=int(text_of(row.get("Steps")) or 7),
        low=texts("Low end", was.low if was else None),
        high=texts("High end", was.high if was else None),
        least=_number(row.get("Smallest")),
        most=_number(row.get("Largest")),
        required=row.get("Required") is not False,
        shown_if=read_among(text_of(row.get("Shown if"))),
        right=text_of(row.get("Right answer")),
    )


def _choices(text: str, was: Question | None, language: str, main: str) -> tuple[Choice, ...]:
    """Answers by their place: in the course's own language a text is its key as well."""
    said = [one.strip() for one in re.split(r"[;\n]", text) if one.strip()]
    had = was.choices if was else ()
    if language == main:
        by_key = {one.key: one for one in had}
        return tuple(by_key.get(key) or Choice(key, {main: key}) for key in said)
    return tuple(
        Choice(one.key, {**one.text, language: said[at] if at < len(said) else ""})
        for at, one in enumerate(had)
    )


def text_of(value: object) -> str:
    """A cell of an edited table as a text; "" where it is empty."""
    return (
        "" if value is None or (isinstance(value, float) and pd.isna(value)) else str(value).strip()
    )


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


# -- languages and links ------------------------------------------------------------------------


def in_languages(course: Course, languages: Sequence[str]) -> Course:
    """The course in these languages; consent is proposed where a dictionary has it."""
    consent = dict(course.consent)
    for one in languages:
        if not consent.get(one) and words.usual_consent(one):
            consent[one] = words.usual_consent(one)
    return replace(course, languages=tuple(languages), consent=consent)


def not_reviewed(course: Course) -> list[str]:
    """Languages of a course whose dictionary no native speaker has reviewed, by name."""
    return [words.NAMES[one] for one in course.languages if not words.reviewed_by(one)]


def arms_of(course: Course) -> tuple[Arm, ...]:
    """An arm for each cell: its first film that counts, and its condition."""
    cells = course.conditions or ("",)
    return tuple(
        Arm(next(one.stimulus_id for one in course.films(cell) if not one.clutter), cell or None)
        for cell in cells
    )


def what_is_wrong(course: Course, films: Mapping[str, str]) -> list[str]:
    """What keeps a course from being used."""
    found = problems(course, films, words.NAMES)
    if any(TO_FILL in text for text in course.consent.values()):
        found.append(
            f"The text of consent does not say who you are: write it in place of «{TO_FILL}»."
        )
    return found


def make_link(
    store: Store,
    saved: SavedCourse,
    films: Mapping[str, str],
    *,
    keep_faces: bool,
    most_uses: int | None,
    last_day: Any,
) -> str:
    """A link whose course is a copy of this one as it is now."""
    must_have_purpose(store, saved.study_id)
    course = saved.content
    wrong = what_is_wrong(course, films)
    if wrong:
        raise SettingsError("This course cannot be used yet.", wrong[0])
    main = course.languages[0]
    return store.run(
        AddLink(
            study_id=saved.study_id,
            title=course.title[main],
            consent=course.consent[main],
            arms=arms_of(course),
            keep_faces=keep_faces,
            most_uses=most_uses,
            ends=end_of(last_day),
            course=course,
        )
    )
