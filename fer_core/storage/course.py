"""Courses of studies, and respondents' way through one: answers, films shown, what they told.

Each screen of a visit is acknowledged by one command. What it kept is in the store before the
respondent's page hears of it, so a visit goes on there after any break. Quotas are counted in the
same transaction that takes the answer: respondents who come at once cannot share the last place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final

import pandas as pd

from fer_core.course.course import Course, Outcome, Unit, units
from fer_core.course.questions import as_texts, checked
from fer_core.errors import StoreError
from fer_core.files import Json, JsonObject
from fer_core.storage.codec import Row, TableRow, to_json
from fer_core.storage.commands import Change, command
from fer_core.storage.ids import new_id
from fer_core.storage.links import Link
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries
from fer_core.storage.removal import erasure
from fer_core.storage.respondents import WAITS, Response, ResponseState
from fer_core.storage.sessions.commands import DeleteSession
from fer_core.storage.sessions.rows import Session
from fer_core.storage.studies import Study

MOST_NAME: Final = 200
MOST_RATINGS: Final = 20_000
_HERE: Final = (
    "(r.state IN ('recording', 'done', 'broken') OR "
    "(r.state IN ('begun', 'seen') AND r.heard > $since))"
)


@dataclass(frozen=True, slots=True)
class SavedCourse(TableRow):
    """A course that can still be changed; links hold copies of their own."""

    TABLE: ClassVar[str] = "courses"
    KEY: ClassVar[str] = "course_id"

    course_id: str
    study_id: str
    name: str
    content: Course
    created: datetime
    changed: datetime


@dataclass(frozen=True, slots=True)
class Position(Row):
    """Where a respondent stands: the screen that is next, or how the visit ended.

    ``wrong``: by question, why its answer was not taken; then nothing was kept.
    """

    step: int
    state: ResponseState
    wrong: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Answer(Row):
    question: str
    about: str
    value: str


class Courses(Queries):
    """``store.courses``."""

    def get(self, course_id: str) -> SavedCourse:
        """One course; StoreError where there is none."""
        found = self._first(SavedCourse, "SELECT * FROM courses WHERE course_id = $c", c=course_id)
        if found is None:
            raise StoreError(f"There is no course {course_id!r}.")
        return found

    def of_study(self, study_id: str) -> list[SavedCourse]:
        """A study's courses, the one changed last first."""
        return self._all(
            SavedCourse,
            "SELECT * FROM courses WHERE study_id = $s ORDER BY changed DESC LIMIT 1000",
            s=study_id,
        )

    def visit(self, digest: str) -> Response | None:
        """The respondent whose visit goes on with a key of this digest."""
        return self._first(Response, "SELECT * FROM responses WHERE visit = $v", v=digest)

    def answers(self, response_id: str, about: str = "") -> JsonObject:
        """What a respondent answered about a film; "": about none."""
        found = self._all(
            _Answer, "SELECT question, about, value FROM answers WHERE response_id = $r",
            r=response_id,
        )  # fmt: skip
        return {one.question: json.loads(one.value) for one in found if one.about == about}

    def answers_of(self, study_id: str) -> pd.DataFrame:
        """A study's answers: response_id, respondent, number, question, about, value (JSON)."""
        return self._frame(
            """
            SELECT a.response_id, r.respondent, r.number, a.link_id, a.question, a.about, a.value
            FROM answers a JOIN responses r ON r.response_id = a.response_id
            WHERE a.link_id IN (SELECT link_id FROM links WHERE study_id = $s)
            ORDER BY r.begun, a.response_id, a.answered, a.question
            """,
            s=study_id,
        )

    def recordings_of(self, study_id: str) -> pd.DataFrame:
        """Whose recordings a study's are: session_id, response_id, stimulus_id, language, device,
        position."""
        return self._frame(
            """
            SELECT s.session_id, s.response_id, s.stimulus_id, s.position, r.language, r.device
            FROM showings s JOIN responses r ON r.response_id = s.response_id
            WHERE s.link_id IN (SELECT link_id FROM links WHERE study_id = $s)
            """,
            s=study_id,
        )

    def ratings(self, session_ids: list[str]) -> pd.DataFrame:
        """What was told by the second: session_id, t_ms (of the film), value; in order."""
        return self._frame(
            "SELECT session_id, t_ms, value FROM ratings "
            "WHERE list_contains($s::VARCHAR[], session_id) ORDER BY session_id, t_ms",
            s=session_ids,
        )

    def fieldwork(self, study_id: str) -> pd.DataFrame:
        """Who came: link_id, state, step, begun, heard, language, device, films, quality."""
        return self._frame(
            """
            SELECT r.link_id, r.response_id, r.state, r.step, r.begun, r.heard, r.language,
                   r.device, r.panel_id, count(s.session_id) AS films, avg(y.quality) AS quality
            FROM responses r
            LEFT JOIN showings s ON s.response_id = r.response_id
            LEFT JOIN sessions y ON y.session_id = coalesce(s.session_id, r.session_id)
            WHERE r.link_id IN (SELECT link_id FROM links WHERE study_id = $s)
            GROUP BY ALL ORDER BY r.begun
            """,
            s=study_id,
        )


@command
class SaveCourse:
    """Keep a course under a name; without an id it is a new one. Returns its id."""

    study_id: str
    name: str
    content: Course
    course_id: str | None = None

    def apply(self, change: Change) -> str:
        name = " ".join(self.name.split())[:MOST_NAME]
        if not name:
            raise StoreError("A course needs a name.", "Write one.")
        content = to_json(self.content)
        if self.course_id is None:
            change.get(Study, self.study_id)
            key = new_id("course")
            change.insert(
                "courses", course_id=key, study_id=self.study_id, name=name, content=content,
                created=now(), changed=now(),
            )  # fmt: skip
            return key
        change.update(SavedCourse, self.course_id, name=name, content=content, changed=now())
        return self.course_id


@command
class DeleteCourse:
    """Remove a course; links that were made of it keep their copies."""

    course_id: str

    def apply(self, change: Change) -> None:
        change.get(SavedCourse, self.course_id)
        change.delete(SavedCourse, self.course_id)


@command
class AnswerStep:
    """A respondent is done with a screen; what was answered is kept, and what is next returned.

    ``at``: which screen it was. One that is behind already changes nothing, so a page may send
    again what it does not know to have arrived. ``late``: its time limit was reached.
    """

    response_id: str
    at: int
    answers: JsonObject = field(default_factory=dict)
    late: bool = False

    def apply(self, change: Change) -> Position:
        response, course, screens = _visit(change, self.response_id)
        step = response.step or 0
        if response.state.over or self.at != step or step >= len(screens):
            return Position(step, response.state)
        unit = screens[step]
        before = _answers(change, self.response_id, unit.about)
        late = self.late and unit.limit_s > 0
        kept, wrong = checked(unit.questions, self.answers, before, late=late)
        if wrong:
            return Position(step, response.state, wrong)
        _keep(change, response, unit, kept)
        everything = {**before, **kept}
        if any(one.holds(kept) for one in unit.step.leave):
            return self._leave(change, step, ResponseState.SCREENED)
        stale = response.heard is not None and response.heard < now() - WAITS
        if (kept or stale) and _is_full(change, response, course, everything, set(kept), stale):
            return self._leave(change, step, ResponseState.FULL)
        state, ended = response.state, None
        if step + 1 == len(screens):
            state, ended = ResponseState.DONE, now()
        change.update(
            Response, self.response_id, step=step + 1, heard=now(), state=state, ended=ended
        )
        return Position(step + 1, state)

    def _leave(self, change: Change, step: int, state: ResponseState) -> Position:
        """Whoever does not take part leaves no answer behind."""
        change.cursor.execute("DELETE FROM answers WHERE response_id = ?", [self.response_id])
        change.update(Response, self.response_id, state=state, ended=now(), heard=now())
        return Position(step, state)


@command
class GoBack:
    """Back to the questions before, where the screen that was left was one of questions too."""

    response_id: str

    def apply(self, change: Change) -> Position:
        response, _, screens = _visit(change, self.response_id)
        step = response.step or 0
        if not response.state.over and may_go_back(screens, step):
            step -= 1
            change.update(Response, self.response_id, step=step, heard=now())
        return Position(step, response.state)


def may_go_back(screens: list[Unit], step: int) -> bool:
    """Back does no harm between screens of questions about the same, unless one sends away."""
    if not 0 < step < len(screens):
        return False
    here, before = screens[step], screens[step - 1]
    alike = bool(here.questions) and bool(before.questions) and here.about == before.about
    return alike and not before.step.leave


@command
class ShowFilm:
    """A film of the course begins for a respondent, and is recorded as this session."""

    response_id: str
    stimulus_id: str
    session_id: str
    position: int

    def apply(self, change: Change) -> list[str]:
        """The sessions of the same film that were cut off before."""
        response = change.get(Response, self.response_id)
        before = change.cursor.execute(
            "SELECT session_id FROM showings WHERE response_id = ? AND stimulus_id = ?",
            [self.response_id, self.stimulus_id],
        )
        cut_off = [str(one) for (one,) in before.fetchall()]
        change.insert(
            "showings", response_id=self.response_id, link_id=response.link_id,
            stimulus_id=self.stimulus_id, session_id=self.session_id, position=self.position,
            began=now(),
        )  # fmt: skip
        change.update(Response, self.response_id, heard=now())
        return cut_off


@command
class KeepRatings:
    """What a respondent told while a film played: pairs of the film's milliseconds and a value."""

    session_id: str
    points: tuple[tuple[float, ...], ...]

    def apply(self, change: Change) -> int:
        had = change.cursor.value(
            "SELECT count(*) FROM ratings WHERE session_id = ?", [self.session_id]
        )
        room = max(0, MOST_RATINGS - int(had or 0))
        for t_ms, value in self.points[:room]:
            change.insert("ratings", session_id=self.session_id, t_ms=round(t_ms), value=value)
        return min(room, len(self.points))


@command
class WithdrawResponse:
    """A respondent takes everything back: answers, recordings and what was told of them."""

    response_id: str

    def apply(self, change: Change) -> None:
        erasure.ask(change.home)
        found = change.cursor.execute(
            "SELECT session_id FROM showings WHERE response_id = ?", [self.response_id]
        )
        for (session_id,) in found.fetchall():
            sql = f"SELECT 1 FROM {Session.TABLE} WHERE session_id = ?"
            if change.cursor.value(sql, [session_id]) is not None:
                DeleteSession(session_id=str(session_id)).apply(change)
            change.cursor.execute("DELETE FROM ratings WHERE session_id = ?", [session_id])
        for table in ("answers", "showings"):
            change.cursor.execute(f"DELETE FROM {table} WHERE response_id = ?", [self.response_id])
        change.update(
            Response, self.response_id, state=ResponseState.WITHDRAWN, ended=now(),
            session_id=None, panel_id=None,
        )  # fmt: skip


def outcome(state: ResponseState) -> Outcome | None:
    """How a panel provider calls the end of a visit; None while it goes on."""
    return {
        ResponseState.DONE: Outcome.COMPLETE,
        ResponseState.SCREENED: Outcome.SCREENED,
        ResponseState.FULL: Outcome.FULL,
    }.get(state)


def _visit(change: Change, response_id: str) -> tuple[Response, Course, list[Unit]]:
    response = change.get(Response, response_id)
    course = change.get(Link, response.link_id).course
    if course is None:
        raise StoreError("This link has no course.")
    return response, course, units(course, response.route or {})


def _answers(change: Change, response_id: str, about: str) -> JsonObject:
    """What was answered before of the whole visit and about one film."""
    found = change.cursor.execute(
        "SELECT question, value FROM answers WHERE response_id = ? AND about IN ('', ?)",
        [response_id, about],
    )
    return {str(question): json.loads(value) for question, value in found.fetchall()}


def _keep(change: Change, response: Response, unit: Unit, kept: Mapping[str, Json]) -> None:
    for one in unit.questions:  # after going back, what is not shown any more is gone
        change.cursor.execute(
            "DELETE FROM answers WHERE response_id = ? AND question = ? AND about = ?",
            [response.response_id, one.name, unit.about],
        )
    for name, value in kept.items():
        change.insert(
            "answers", response_id=response.response_id, link_id=response.link_id, question=name,
            about=unit.about, value=json.dumps(value, ensure_ascii=False), answered=now(),
        )  # fmt: skip


def _is_full(
    change: Change,
    response: Response,
    course: Course,
    answers: Mapping[str, Json],
    new: set[str],
    stale: bool,
) -> bool:
    """Whether a quota is full for these answers: those given now, or all after a long break."""
    for quota in course.quotas:
        among = quota.among
        if not among.holds(answers) or not (stale or among.question in new):
            continue
        found = change.cursor.execute(
            "SELECT a.value FROM answers a JOIN responses r ON r.response_id = a.response_id "
            f"WHERE r.link_id = $l AND r.response_id <> $me AND a.question = $q AND {_HERE}",
            {
                "l": response.link_id,
                "me": response.response_id,
                "q": among.question,
                "since": now() - WAITS,
            },
        )
        n = sum(
            any(one in among.answers for one in as_texts(json.loads(value)))
            for (value,) in found.fetchall()
        )
        if n >= quota.most:
            return True
    return False
