"""The preview of a course: the respondent's page, which keeps nothing and needs no camera."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dashboard.camera.respondents import course_visits, words
from dashboard.camera.respondents.data import recipient
from dashboard.camera.respondents.html import as_page
from dashboard.state import AppState
from fer_core.course.course import Course, draw_route, said, units
from fer_core.errors import RaptError
from fer_core.storage import Store


def preview_routes(state: Callable[[], AppState]) -> list[BaseRoute]:
    async def preview(request: Request) -> Response:
        store, guard = state().store, state().guard
        language = request.query_params.get("lang", "")

        def film(stimulus_id: str) -> str:
            return f"/stimulus/{stimulus_id}?k={guard.sign(f'stimulus:{stimulus_id}')}"

        try:
            course = await to_thread.run_sync(_find, store, request.path_params["course_id"])
        except RaptError:
            return Response("There is no such course.", 404)
        given = await to_thread.run_sync(given_of, store, course, language, film)
        return as_page(given, f"Preview: {given['title']}")

    return [Route("/course-preview/{course_id}", preview, methods=["GET"])]


def _find(store: Store, course_id: str) -> Course:
    return store.courses.get(course_id).content


def given_of(
    store: Store, course: Course, language: str, film: Callable[[str], str]
) -> Mapping[str, object]:
    """All that the page shows, one screen after the other."""
    language = language if language in course.languages else course.languages[0]
    condition = course.conditions[0] if course.conditions else ""
    screens = units(course, draw_route(course, condition, [], Random()))
    return {
        "title": said(course.title, language, course),
        "consent": said(course.consent, language, course),
        "read": "",
        "keeps": False,
        "recipient": recipient(store),
        "length_ms": sum(
            store.studies.stimulus(one.stimulus_id).length_ms or 0
            for one in course.films(condition)
        ),
        "language": language,
        "languages": {one: words.NAMES[one] for one in course.languages},
        "words": words.dictionary(language),
        "course": True,
        "preview": [
            {
                **course_visits.shown(course, unit, language),
                "at": at,
                "of": len(screens),
                "film": film(unit.film.stimulus_id) if unit.film else "",
                "leave": [
                    {"question": one.question, "answers": one.answers} for one in unit.step.leave
                ],
                "camera": True,
                "back": at > 0,
            }
            for at, unit in enumerate(screens)
        ],
    }
