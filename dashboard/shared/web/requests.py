"""What the app's own routes share: who is let in, how a small JSON body is read, errors as JSON."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.shared.web.guard import EVERYDAY, HEADER
from dashboard.state import AppState
from fer_core.errors import RaptError
from fer_core.files import JsonObject, parse_json
from fer_core.storage.codec import check_text

log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]

LONGEST_BODY = 64_000


class RequestRefused(RaptError):
    """A request that is not carried out; ``status`` is the HTTP status it gets, ``again_s`` after
    how long it may be tried again."""

    def __init__(
        self, message: str, hint: str = "", status: int = 400, again_s: int | None = None
    ) -> None:
        super().__init__(message, hint)
        self.status, self.again_s = status, again_s

    def body(self) -> Mapping[str, str | int]:
        """What the page is answered, as JSON."""
        return {"error": self.message, "hint": self.hint}


def errors_as_json(handler: Handler, otherwise: RequestRefused | None = None) -> Handler:
    """Answer with an error's message and hint instead of a traceback.

    With ``otherwise``, refusals alone are told; any other error is logged and answered with it.
    """

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except RequestRefused as error:
            headers = None if error.again_s is None else {"Retry-After": str(error.again_s)}
            return JSONResponse(error.body(), error.status, headers)
        except Exception as error:
            if otherwise is not None:
                log.exception("A request to %s failed", request.url.path)
                return JSONResponse(otherwise.body(), otherwise.status)
            if not isinstance(error, RaptError):
                raise
            return JSONResponse({"error": error.message, "hint": error.hint}, 422)

    return answer


def from_our_pages(
    state: Callable[[], AppState],
    handler: Handler,
    purpose: str = EVERYDAY,
    otherwise: RequestRefused | None = None,
) -> Handler:
    """Let in requests of pages that this server rendered, nobody else's."""

    async def answer(request: Request) -> Response:
        heard = request.headers
        if not state().guard.welcomes(
            heard.get(HEADER), heard.get("origin"), heard.get("host"), purpose
        ):
            raise RequestRefused(
                "This page is older than the server, or not its own.",
                "Reload the page and try again.",
                403,
            )
        return await handler(request)

    return errors_as_json(answer, otherwise)


async def read_json(
    request: Request,
    longest: int = LONGEST_BODY,
    arrived: Callable[[int], None] | None = None,
) -> JsonObject:
    """The body as a JSON object of unchecked values, read no further than ``longest`` bytes; of
    each part ``arrived`` is told how many it has."""
    body = bytearray()
    async for block in request.stream():
        if len(body) + len(block) > longest:
            raise RequestRefused("The request is too long.", "Reload the page.", 413)
        if arrived is not None:
            arrived(len(block))
        body += block
    try:
        value = parse_json(bytes(body))
        check_text(value)
    except ValueError as error:
        raise RequestRefused("The request is not JSON.", "Reload the page.") from error
    if not isinstance(value, dict):
        raise RequestRefused("The request is not a JSON object.", "Reload the page.")
    return value
