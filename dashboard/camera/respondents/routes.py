"""The respondent's own routes: everything under ``/r/``, and nothing that leads elsewhere.

They are served beside the dashboard, and alone on the second listener. A page is ours from
the first to the last byte; no answer names a path, a study or another respondent.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.camera.connection import network
from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.connection.wire import LONGEST_SDP
from dashboard.camera.respondents import course_visits, words
from dashboard.camera.respondents.bodies import MOST_NUMBERS_FROM_ONE, Bodies
from dashboard.camera.respondents.data import recipient
from dashboard.camera.respondents.device_files import FILES, OnDevice
from dashboard.camera.respondents.html import PAGE, STYLE, Invitation, as_page, page_of_refusal
from dashboard.camera.respondents.misses import Misses
from dashboard.camera.respondents.own_device import LONGEST_DATA
from dashboard.camera.respondents.refusals import (
    SORRY,
    TOO_MANY,
    UNKNOWN,
    RespondentRefused,
    closed,
    gone,
)
from dashboard.camera.respondents.visit import Visit
from dashboard.camera.respondents.visits import Visits
from dashboard.shared.assets import modules
from dashboard.shared.web.films import film_response
from dashboard.shared.web.requests import Handler, RequestRefused, errors_as_json, read_json
from fer_core.course.course import said
from fer_core.files import JsonObject, sha256_of
from fer_core.storage import Store
from fer_core.storage.links import Link
from fer_core.storage.respondents import ResponseState

log = logging.getLogger(__name__)

LONGEST_BODY: Final = LONGEST_SDP + 2_000
LONGEST_NUMBERS: Final = LONGEST_DATA + 2_000
LONGEST_NAME: Final = 80
LONGEST_TOKEN: Final = 64
WAYS_TO_END: Final = (ResponseState.DONE, ResponseState.BROKEN, ResponseState.WITHDRAWN)


class Begun(network.BrowserServers):
    """A visit that has begun: its key, where its film is, and how to reach the server."""

    visit: str
    film: str
    screen: JsonObject | None  # the first of a course
    camera: bool  # whether it must be set up before that screen
    secret: str  # what numbers are signed with; empty after a reload, which keeps it itself
    device: bool  # whether the respondent's own device may read them


def respondent_routes(
    visits: Callable[[], Visits], store: Callable[[], Store], loop: Callable[[], MediaLoop]
) -> list[BaseRoute]:
    """All three are asked at each request: they open after the routes are made."""
    handlers = Handlers(visits, store, loop)
    return [
        Route("/r/-/{name:path}", handlers.asset, methods=["GET"]),
        Route("/r/{token}", handlers.page, methods=["GET"]),
        Route("/r/{token}/begin", handlers.answered(handlers.begin), methods=["POST"]),
        Route("/r/{token}/resume", handlers.answered(handlers.resume), methods=["POST"]),
        Route("/r/{token}/go", handlers.answered(handlers.go), methods=["POST"]),
        Route("/r/{token}/back", handlers.answered(handlers.back), methods=["POST"]),
        Route("/r/{token}/connect", handlers.answered(handlers.connect), methods=["POST"]),
        Route("/r/{token}/start", handlers.answered(handlers.start), methods=["POST"]),
        Route(
            "/r/{token}/numbers",
            handlers.answered(handlers.numbers, LONGEST_NUMBERS, handlers.batches),
            methods=["POST"],
        ),
        Route("/r/{token}/end", handlers.answered(handlers.end), methods=["POST"]),
        Route("/r/{token}/film/{key}", handlers.film, methods=["GET"]),
    ]


class Handlers:
    def __init__(
        self,
        visits: Callable[[], Visits],
        store: Callable[[], Store],
        loop: Callable[[], MediaLoop],
    ) -> None:
        self._visits, self._store, self._loop = visits, store, loop
        self._misses = Misses()
        self._bodies = Bodies()
        self.batches = Bodies(most=MOST_NUMBERS_FROM_ONE)
        self._met: set[str] = set()  # tokens that were right: theirs is never refused

    # -- pages ----------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        try:
            link = await self._link(request)
            if link.closed:
                raise closed(link.closed)
            self._visits().warm()
            given = await to_thread.run_sync(self._given, link, _language(request, link))
            return as_page(given, given["title"])
        except RespondentRefused as error:
            return page_of_refusal(error, _language(request))
        except Exception:
            log.exception("A respondent's page failed")
            return page_of_refusal(SORRY, _language(request))

    def _given(self, link: Link, language: str) -> Invitation:
        stimulus = self._store().studies.stimulus
        lengths = [stimulus(arm.stimulus_id).length_ms or 0 for arm in link.arms]
        title, consent, languages = link.title, link.consent, [language]
        if link.course is not None:
            course = link.course
            lengths = [
                sum(stimulus(one.stimulus_id).length_ms or 0 for one in
                    course.films(arm.condition or ""))
                for arm in link.arms
            ]  # fmt: skip
            title = said(course.title, language, course)
            consent = said(course.consent, language, course)
            languages = list(course.languages)
        return {
            "title": title,
            "consent": consent,
            "read": _digest(consent),
            "keeps": link.keep_faces,
            "recipient": recipient(self._store()),
            "length_ms": max(lengths),
            "language": language,
            "languages": {one: words.NAMES[one] for one in languages},
            "words": words.dictionary(language),
            "course": link.course is not None,
            "device": self._device(link),
        }

    async def asset(self, request: Request) -> Response:
        """The style sheet, and the page's script with all that it imports."""
        name = request.path_params["name"]
        if name.startswith(FILES):
            device = self._visits().device
            return await to_thread.run_sync(device.answer, name, request)
        found = {STYLE: PAGE.with_name(STYLE), **modules(str(PAGE), "respondent.js")}.get(name)
        if found is None:
            return Response(status_code=404)
        return FileResponse(
            found,
            media_type="text/css" if name == STYLE else "text/javascript",
            headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"},
        )

    async def film(self, request: Request) -> Response:
        """The film by ranges, for a visit that has begun."""
        visit = self._visits().places.find(request.path_params["key"])
        if visit is None or visit.link.token != request.path_params["token"]:
            return Response(status_code=404)
        film = visit.film_now
        if not film.is_file():
            return Response(status_code=404)
        return await film_response(film)

    # -- what the page asks for ---------------------------------------------------------------

    def answered(
        self,
        handler: Callable[[Request, JsonObject], Awaitable[Mapping[str, object]]],
        longest: int = LONGEST_BODY,
        bodies: Bodies | None = None,
    ) -> Handler:
        """JSON in, JSON out; an error is a sentence of ours or says nothing."""

        async def answer(request: Request) -> Response:
            these, address = bodies or self._bodies, _address(request)
            with these.held(address) as arrived:
                asked = await these.read(address, _body(request, longest, arrived))
                value = await handler(request, asked)
            return JSONResponse(value, headers={"Cache-Control": "no-store"})

        return errors_as_json(answer, otherwise=SORRY)

    async def begin(self, request: Request, asked: JsonObject) -> Begun:
        link = await self._link(request)
        if link.closed:
            raise closed(link.closed)
        language = str(asked.get("language", ""))
        consent = link.consent
        if link.course is not None:
            language = language if language in link.course.languages else link.course.languages[0]
            consent = said(link.course.consent, language, link.course)
        if asked.get("read") != _digest(consent):
            raise RespondentRefused(
                "The text was changed while you read it.", "Reload the page and read it again."
            )
        name = asked.get("respondent")
        name = " ".join(name.split())[:LONGEST_NAME] if isinstance(name, str) else ""
        coming = course_visits.Coming(
            language,
            consent,
            course_visits.device_of(request.headers.get("user-agent", "")),
            str(asked.get("panel_id") or ""),
        )
        address = _address(request)
        own = asked.get("device") is True
        own = own and await to_thread.run_sync(self._device, link) is not None
        visit = await self._loop().run(self._visits().begin(link, name, address, coming, own))
        return await self._begun(visit, visit.secret, bool(visit.secret))

    async def resume(self, request: Request, asked: JsonObject) -> Begun:
        """A visit goes on after a reload, or after this server was gone."""
        link = await self._link(request)
        if link.course is None or link.closed in ("revoked", "expired"):
            raise gone()
        secret = str(asked.get("secret") or "")
        visit, own = await self._loop().run(
            self._visits().screens.resume(link, _key(asked), _address(request), secret)
        )
        return await self._begun(visit, "", own)

    async def go(self, _request: Request, asked: JsonObject) -> JsonObject:
        """A screen of the course is done: its answers are kept, and the next one is told."""
        at, answers = asked.get("at"), asked.get("answers") or {}
        if not isinstance(at, int) or not isinstance(answers, dict):
            raise RespondentRefused("This cannot be read.", "Reload the page.", 400)
        late = asked.get("late") is True
        visit, position = await self._loop().run(
            self._visits().screens.go(_key(asked), at, answers, late)
        )
        return await to_thread.run_sync(course_visits.screen, self._store(), visit, position)

    async def back(self, _request: Request, asked: JsonObject) -> JsonObject:
        visit, position = await self._loop().run(self._visits().screens.back(_key(asked)))
        return await to_thread.run_sync(course_visits.screen, self._store(), visit, position)

    def _device(self, link: Link) -> OnDevice | None:
        """With what a device can read the face. Pictures to be kept must come here."""
        return None if link.keep_faces else self._visits().device.offer()

    async def _begun(self, visit: Visit, secret: str, device: bool) -> Begun:
        link, store = visit.link, self._store()

        def asked() -> tuple[JsonObject | None, network.BrowserServers]:
            servers = network.for_browser(network.ice_servers(store))
            return course_visits.first(store, visit), servers

        screen, servers = await to_thread.run_sync(asked)
        return {
            "visit": visit.key,
            "secret": secret,
            "device": device,
            "film": f"/r/{link.token}/film/{visit.key}",
            "screen": screen,
            "camera": course_visits.needs_camera(visit),
            **servers,
        }

    async def connect(self, _request: Request, asked: JsonObject) -> dict[str, str]:
        sdp = asked.get("sdp")
        if not isinstance(sdp, str) or len(sdp) > LONGEST_SDP:
            raise RespondentRefused(
                "The camera's connection cannot be read.", "Reload the page.", 400
            )
        return {"sdp": await self._loop().run(self._visits().connect(_key(asked), sdp))}

    async def start(self, _request: Request, asked: JsonObject) -> JsonObject:
        own = asked.get("device") is True
        return {"next": await self._loop().run(self._visits().start(_key(asked), own))}

    async def numbers(self, _request: Request, asked: JsonObject) -> JsonObject:
        """A batch of numbers from a respondent's own device."""
        n, data, signature = asked.get("n"), asked.get("data"), asked.get("signature")
        if not (isinstance(n, int) and isinstance(data, str) and isinstance(signature, str)):
            raise RespondentRefused("These numbers cannot be read.", "Reload the page.", 400)
        taking = self._visits().numbers(_key(asked), n, data, signature)
        return {"next": await self._loop().run(taking)}

    async def end(self, _request: Request, asked: JsonObject) -> JsonObject:
        how = asked.get("how")
        if not isinstance(how, str) or how not in WAYS_TO_END:
            raise RespondentRefused("A visit cannot end this way.", "Reload the page.", 400)
        return {"kept": await self._loop().run(self._visits().end(_key(asked), ResponseState(how)))}

    async def _link(self, request: Request) -> Link:
        token = request.path_params["token"]
        address = _address(request)
        if token not in self._met and self._misses.full(address):
            raise TOO_MANY
        link = None
        if len(token) <= LONGEST_TOKEN:
            link = await to_thread.run_sync(self._visits().link, token)
        if link is None:
            self._misses.add(address)
            raise UNKNOWN
        self._met.add(token)
        return link


def _address(request: Request) -> str:
    """Whom a request comes from; behind a proxy on this machine, whom that names."""
    return request.client.host if request.client else ""


def _key(asked: JsonObject) -> str:
    key = asked.get("visit")
    if not isinstance(key, str):
        raise gone()
    return key


def _digest(text: str) -> str:
    return sha256_of(text.encode())[:16]


async def _body(request: Request, longest: int, arrived: Callable[[int], None]) -> JsonObject:
    """What the page sends; beacons come as text."""
    try:
        return await read_json(request, longest, arrived)
    except RespondentRefused:
        raise
    except RequestRefused as error:
        too_long = error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        what = "This is too long." if too_long else "This cannot be read."
        raise RespondentRefused(what, "Reload the page.", error.status) from error


def _language(request: Request, link: Link | None = None) -> str:
    """The language of the page: of a course's, by the address or by what the browser asks for.

    Links of one film have one text of consent, whose language nobody said: they are English.
    """
    if link is None or link.course is None:
        return words.ENGLISH
    chosen = request.query_params.get("lang", "")
    accepted = request.headers.get("accept-language", "")
    return words.choose(link.course.languages, chosen, accepted)
