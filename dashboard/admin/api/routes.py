"""The HTTP interface for programs: off until a token exists, one shape of error, read by ETag.

A token says who asks; everything goes through the store as that program may use it.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, is_dataclass
from http import HTTPStatus
from typing import Any, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.admin.api import answers
from dashboard.admin.api.operations import OPERATIONS, ROOT, Operation
from dashboard.shared.web.access.identity import acting
from dashboard.shared.web.requests import RequestRefused
from dashboard.state import AppState
from fer_core.access.api_tokens import ApiToken, ApiTokens
from fer_core.access.permissions import NotAllowed
from fer_core.errors import RaptError, StoreError
from fer_core.files import sha256_of

log = logging.getLogger(__name__)
#: Requests that one token, or an address without one, may send in a moment, and each second.
AT_ONCE: Final = 60
A_SECOND: Final = 20.0
_REMEMBERED: Final = 1000
Answering = Callable[[Request, AppState, answers.Asked], Awaitable[Any]]


class Limiter:
    """How many requests are left to each; a bucket that fills with time."""

    def __init__(self, at_once: int = AT_ONCE, a_second: float = A_SECOND) -> None:
        self._at_once, self._a_second = at_once, a_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, who: str, moment: float | None = None) -> float:
        """Take one; 0, or the seconds after which there is one."""
        now = time.monotonic() if moment is None else moment
        with self._lock:
            left, at = self._left.pop(who, (float(self._at_once), now))
            left = min(self._at_once, left + (now - at) * self._a_second)
            enough = left >= 1
            self._left[who] = (left - enough, now)
            while len(self._left) > _REMEMBERED:
                self._left.popitem(last=False)
            return 0.0 if enough else (1 - left) / self._a_second


class Api:
    """Answers every request below ``/api/v1``."""

    def __init__(self, state: Callable[[], AppState], limiter: Limiter | None = None) -> None:
        self._state = state
        self._limiter = limiter or Limiter()
        self._tokens: ApiTokens | None = None

    async def __call__(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except RequestRefused as error:
            return refusal(error.status, error.message, error.hint)
        except NotAllowed as error:
            return refusal(403, error.message, error.hint)
        except StoreError as error:
            gone = error.message.startswith("There is no")
            return refusal(404 if gone else 503, error.message, error.hint)
        except RaptError as error:
            return refusal(409, error.message, error.hint)

    async def _answer(self, request: Request) -> Response:
        tokens = await to_thread.run_sync(self._known)
        if not tokens.any:
            return refusal(404, "There is nothing here.", "")
        token = self._token(request, tokens)
        who = token.token_id if token else f"at {request.client.host if request.client else ''}"
        if wait := self._limiter.wait_s(who):
            answer = refusal(429, "Too many requests.", "Wait, then ask again.")
            answer.headers["Retry-After"] = str(max(1, round(wait)))
            return answer
        if token is None:
            answer = refusal(401, "A token is needed.", "Send Authorization: Bearer TOKEN.")
            answer.headers["WWW-Authenticate"] = 'Bearer realm="Rapt"'
            return answer
        one, path = _operation(request)
        if one.scope is not None and one.scope not in token.scopes:
            raise NotAllowed(f"This token has no scope {one.scope}.", "Make one that has it.")
        asked = _asked(one, request, path)
        with acting_as(token, self._state()):
            found = await answers.ANSWERS[one.name](request, self._state(), asked)
        if isinstance(found, Response):
            return found
        return _json(request, found, one)

    def _known(self) -> ApiTokens:
        if self._tokens is None:
            self._tokens = ApiTokens(self._state().home)
        return self._tokens

    def _token(self, request: Request, tokens: ApiTokens) -> ApiToken | None:
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        return tokens.find(secret.strip()) if kind.lower() == "bearer" and secret else None


def acting_as(token: ApiToken, state: AppState) -> AbstractContextManager[None]:
    """What is done inside is done for this program: no study that is limited to people."""
    return acting(token.identity.limited(state.whole_store.accounts.limits()))


def api_routes(state: Callable[[], AppState]) -> list[BaseRoute]:
    """``state`` is asked at each request: it opens after the routes are made."""
    return [
        Route(f"{ROOT}/{{rest:path}}", Api(state).__call__, methods=["GET", "POST", "PUT", "DELETE",
                                                                     "PATCH"])
    ]  # fmt: skip


def refusal(status: int, message: str, hint: str) -> JSONResponse:
    """The one shape of an error."""
    code = HTTPStatus(status).name.lower()
    return JSONResponse({"error": {"code": code, "message": message, "hint": hint}}, status,
                        headers={"Cache-Control": "no-store"})  # fmt: skip


def _operation(request: Request) -> tuple[Operation, dict[str, str]]:
    """The operation that a request names, and what its path holds."""
    path = request.url.path.removeprefix(ROOT)
    method = "GET" if request.method == "HEAD" else request.method
    allowed = []
    for one in OPERATIONS:
        found = _matched(one.path, path)
        if found is not None:
            if one.method == method:
                return one, found
            allowed.append(one.method)
    if allowed:
        raise RequestRefused("Not by this method.", f"Use {', '.join(allowed)}.", 405)
    raise RequestRefused("There is no such address.", "See openapi.json.", 404)


def _matched(pattern: str, path: str) -> dict[str, str] | None:
    wanted, given = pattern.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    found = {}
    for one, part in zip(wanted, given):
        if one.startswith("{"):
            found[one.strip("{}")] = part
        elif one != part:
            return None
    return found


def _asked(one: Operation, request: Request, path: Mapping[str, str]) -> dict[str, Any]:
    known = {p.name for p in one.parameters}
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise RequestRefused(
            f"There is no parameter {unknown[0][:80]!r}.", "See openapi.json.", 422
        )
    return {
        p.name: p.read(path.get(p.name) if p.place == "path" else request.query_params.get(p.name))
        for p in one.parameters
    }


def _json(request: Request, found: Any, one: Operation) -> Response:
    """The answer with its ETag; 304 where whoever asks has it already."""
    body = json.dumps(found, ensure_ascii=False, default=_plain, allow_nan=False).encode()
    headers = {"Cache-Control": "private, no-cache"}
    if one.reads:
        tag = f'"{sha256_of(body)[:24]}"'
        headers["ETag"] = tag
        sent = {part.strip() for part in request.headers.get("if-none-match", "").split(",")}
        if tag in sent or "*" in sent:
            return Response(status_code=304, headers=headers)
    return Response(body, one.status, headers, media_type="application/json")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    return str(value)
