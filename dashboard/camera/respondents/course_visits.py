"""Visits of links with a course: made, found again after a restart, ended, taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

from dashboard.camera.respondents.refusals import RespondentRefused
from dashboard.camera.respondents.visit import Visit
from fer_core.course.course import Course, Outcome, StepKind, Unit, said, units
from fer_core.course.questions import FACES, LONGEST_TEXT, Question, Texts
from fer_core.files import JsonObject, sha256_of
from fer_core.live import Engines
from fer_core.storage import Store
from fer_core.storage.course import (
    KeepRatings,
    Position,
    ShowFilm,
    WithdrawResponse,
    may_go_back,
    outcome,
)
from fer_core.storage.links import Link
from fer_core.storage.migrations import now
from fer_core.storage.respondents import BeginResponse, Place, Response, ResponseState
from fer_core.storage.sessions import IncludeSession

#: Pairs of the film's milliseconds and a value.
Points = tuple[tuple[float, ...], ...]
#: How long after the end somebody may still take everything back.
TAKEN_BACK: Final = timedelta(hours=1)
SHOWN_AGAIN: Final = "cut off; the film was shown again"
LONGEST_PANEL_ID: Final = 200


@dataclass(frozen=True, slots=True)
class Coming:
    """What is known of a respondent who agrees, besides their name."""

    language: str = "en"
    consent: str = ""  # in that language
    device: str = ""
    panel_id: str = ""


ALONE: Final = Coming()


def digest(key: str) -> str:
    """What the store keeps of a visit's key."""
    return sha256_of(key.encode())


def device_of(browser: str) -> str:
    """Phone, tablet or computer, by the name that a browser gives itself."""
    if "iPad" in browser or ("Android" in browser and "Mobile" not in browser):
        return "tablet"
    return "phone" if "Mobi" in browser or "iPhone" in browser else "computer"


def begun(link: Link, key: str, respondent: str, coming: Coming) -> BeginResponse:
    """What the store keeps of whoever begins; of a course's visit, also how it is found again."""
    begin = BeginResponse(
        link_id=link.link_id, consent=coming.consent or link.consent, respondent=respondent
    )
    if link.course is None:
        return begin
    return replace(
        begin,
        visit=digest(key),
        language=coming.language,
        device=coming.device or None,
        panel_id=coming.panel_id[:LONGEST_PANEL_ID] or None,
    )


def make(
    store: Store, link: Link, key: str, place: Place, engines: Engines | None, language: str
) -> Visit:
    """A visit that stands at the beginning of its course."""
    course = link.course
    assert course is not None
    paths = {
        one.stimulus_id: Path(store.studies.stimulus(one.stimulus_id).path or "")
        for one in course.films(place.condition or "")
    }
    if not all(path.is_file() for path in paths.values()):
        raise RespondentRefused(
            "The film cannot be shown just now.", "Please tell the people who sent you here."
        )
    visit = Visit(key, link, place, paths[place.stimulus_id], engines)
    visit.screens, visit.language = units(course, place.route or {}), language
    visit.paths = paths
    return visit


def load(store: Store, link: Link, key: str, engines: Engines) -> Visit | None:
    """A visit as the store knows it, by its key; None where there is none of this link."""
    response = store.courses.visit(digest(key))
    if response is None or response.link_id != link.link_id or link.course is None:
        return None
    if response.state is ResponseState.WITHDRAWN:
        return None
    arm = link.arms[response.arm]
    place = Place(
        response.response_id, response.number, response.respondent, response.arm,
        arm.stimulus_id, arm.condition, response.route,
    )  # fmt: skip
    visit = make(store, link, key, place, engines, response.language or link.course.languages[0])
    visit.at = response.step or 0
    visit.placed = response.state in (ResponseState.SEEN, ResponseState.RECORDING)
    return visit


def show_film(store: Store, visit: Visit, session_id: str) -> None:
    """Note whose recording it is; one of the same film that was cut off before does not count."""
    film = visit.screen.film if visit.screen else None
    assert film is not None
    cut_off = store.run(
        ShowFilm(
            response_id=visit.place.response_id,
            stimulus_id=film.stimulus_id,
            session_id=session_id,
            position=visit.at,
        )
    )
    for one in cut_off:
        if store.sessions.exists(one):
            store.run(IncludeSession(session_id=one, included=False, reason=SHOWN_AGAIN))


def keep(store: Store, session_id: str, points: Points) -> None:
    """Keep what was told by the second."""
    if points:
        store.run(KeepRatings(session_id=session_id, points=points))


def withdraw(store: Store, key: str) -> bool:
    """Take everything back; False where there is no such visit, or it ended too long ago."""
    response = store.courses.visit(digest(key))
    if response is None or (response.ended and now() - response.ended > TAKEN_BACK):
        return False
    store.run(WithdrawResponse(response_id=response.response_id))
    return True


# -- what the page is told ------------------------------------------------------------------


def first(store: Store, visit: Visit) -> JsonObject | None:
    """The screen at which a visit stands when its page opens; None without a course."""
    if not visit.screens:
        return None
    response = store.courses.visit(digest(visit.key))
    state = response.state if response else ResponseState.WITHDRAWN
    return screen(store, visit, Position(visit.at, state))


def needs_camera(visit: Visit) -> bool:
    """Whether a page that opens anew must set up its camera before the next screen."""
    kinds = [one.kind for one in visit.screens]
    behind = StepKind.CAMERA in kinds[: visit.at]
    return behind and visit.films_to_come


def screen(store: Store, visit: Visit, position: Position) -> JsonObject:
    """The next screen in the visit's language, or how it ended."""
    course = visit.link.course
    assert course is not None
    if position.wrong:
        return {"wrong": {name: str(why) for name, why in position.wrong.items()}}
    if position.state.over:
        return ended(store, visit, position.state)
    unit = visit.screens[position.step]
    about = unit.about
    before = {
        **store.courses.answers(visit.place.response_id),
        **(store.courses.answers(visit.place.response_id, about) if about else {}),
    }
    return {
        **shown(course, unit, visit.language),
        "at": position.step,
        "of": len(visit.screens),
        "film": f"/r/{visit.link.token}/film/{visit.key}?at={position.step}",
        "answers": before,
        "back": may_go_back(visit.screens, position.step),
        "camera": visit.films_to_come,
    }


def shown(course: Course, unit: Unit, language: str) -> JsonObject:
    """A screen's texts in one language."""

    def text(texts: Texts) -> str:
        return said(texts, language, course)

    return {
        "kind": unit.kind,
        "title": text(unit.step.title),
        "text": text(unit.step.text),
        "questions": [_question(one, text) for one in unit.questions],
        "record": unit.film is not None and not unit.film.clutter,
        "rating": unit.step.rating if unit.film and not unit.film.clutter else "none",
        "pause_s": unit.pause_s,
        "limit_s": unit.limit_s,
    }


def _question(one: Question, text: Callable[[Texts], str]) -> JsonObject:
    return {
        "name": one.name,
        "kind": one.kind,
        "text": text(one.text),
        "choices": [
            {"key": choice.key, "text": text(choice.text) or choice.key} for choice in one.choices
        ],
        "points": one.top,
        "low": text(one.low),
        "high": text(one.high),
        "least": one.least,
        "most": one.most,
        "required": one.required,
        "longest": LONGEST_TEXT,
        "faces": FACES,
        "shown_if": None
        if one.shown_if is None
        else {"question": one.shown_if.question, "answers": one.shown_if.answers},
    }


def ended(store: Store, visit: Visit, state: ResponseState) -> JsonObject:
    """How a visit ended, and where a panel provider takes its respondent."""
    course = visit.link.course
    assert course is not None
    how = outcome(state)
    response = store.courses.visit(digest(visit.key))
    return {
        "kind": "over",
        "state": str(state),
        "redirect": redirect(course, how, response) if how and response else "",
        "camera": False,
    }


def redirect(course: Course, how: Outcome, response: Response) -> str:
    """The address of a panel provider for this end, with their respondent's id; "": none."""
    address = course.redirects.get(how, "").strip()
    return address.replace("{id}", quote(response.panel_id or "", safe=""))
