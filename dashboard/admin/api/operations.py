"""The operations of the HTTP interface, one row each: what is asked, what may be answered.

The OpenAPI document is made from this table and requests are checked against it, so the two agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from dashboard.shared.web.requests import RequestRefused
from fer_core import __version__
from fer_core.access.api_tokens import Scope
from fer_core.files import JsonObject
from fer_core.measures import MEASURES

ROOT: Final = "/api/v1"
MOST_ROWS: Final = 1000


@dataclass(frozen=True, slots=True)
class Parameter:
    """One in the address. ``pattern`` and the bounds are checked."""

    name: str
    about: str
    kind: str = "string"  # string, integer, number or boolean
    place: str = "query"
    default: Any = None
    lowest: int | None = None
    highest: int | None = None
    choices: tuple[str, ...] = ()
    required: bool = False

    @property
    def schema(self) -> JsonObject:
        made: JsonObject = {"type": self.kind}
        if self.kind == "string" and not self.choices:
            made |= {"minLength": 1, "maxLength": 200}
        for key, value in (("minimum", self.lowest), ("maximum", self.highest),
                           ("default", self.default)):  # fmt: skip
            if value is not None:
                made[key] = value
        if self.choices:
            made["enum"] = list(self.choices)
        return made

    def read(self, text: str | None) -> Any:
        """Its value; RequestRefused, 422, where it is none."""
        if text is None:
            if self.required:
                raise self._wrong("is missing")
            return self.default
        if self.kind == "boolean":
            if text not in ("true", "false"):
                raise self._wrong("is true or false")
            return text == "true"
        if self.kind in ("integer", "number"):
            return self._number(text)
        if not 1 <= len(text) <= 200:
            raise self._wrong("has 1 to 200 letters")
        if self.choices and text not in self.choices:
            raise self._wrong(f"is one of {', '.join(self.choices)}")
        return text

    def _number(self, text: str) -> float | int:
        try:
            value: float | int = int(text) if self.kind == "integer" else float(text)
        except ValueError:
            raise self._wrong(f"is a {self.kind}") from None
        low, high = self.lowest, self.highest
        out = (low is not None and value < low) or (high is not None and value > high)
        if out or not math.isfinite(value):  # a whole number may be larger than any float
            raise self._wrong(f"lies from {low} to {high}")
        return value

    def _wrong(self, said: str) -> RequestRefused:
        return RequestRefused(f"The parameter {self.name} {said}.", "See openapi.json.", 422)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. ``statuses``: what it may answer beside those that every one may."""

    name: str
    method: str
    path: str
    scope: Scope | None
    about: str
    parameters: tuple[Parameter, ...] = ()
    answer: str = "object"  # a schema's name below
    status: int = 200
    statuses: tuple[int, ...] = ()
    body: str = ""  # "recording": bytes; else the name of a schema
    media: str = "application/json"

    @property
    def reads(self) -> bool:
        return self.method == "GET" and self.media == "application/json"


_PAGE: Final = (
    Parameter("limit", "Rows of an answer.", "integer", default=100, lowest=1, highest=MOST_ROWS),
    Parameter("offset", "Rows passed over; `next_offset` of an answer says where to go on.",
              "integer", default=0, lowest=0, highest=10**9),
)  # fmt: skip
_STUDY: Final = Parameter("study_id", "A study's id.", place="path", required=True)
_SESSION: Final = Parameter("session_id", "A session's id.", place="path", required=True)
_MEASURE: Final = Parameter("measure", "A measure.", default="engagement", choices=MEASURES)
_MINIMUM: Final = Parameter("minimum", "The smallest group whose seconds are shown.", "integer",
                            default=5, lowest=1, highest=100_000)  # fmt: skip
_CORRECTED: Final = Parameter("corrected", "With each viewer's resting face taken out.", "boolean",
                              default=False)  # fmt: skip
_BELONGS: Final = tuple(
    Parameter(name, about)
    for name, about in (("study", "A study's name or id; a new name makes one."),
                        ("stimulus", "What was watched."), ("condition", "The group."),
                        ("model", "Another model than the one in use."))
)  # fmt: skip

OPERATIONS: Final = (
    Operation("openapi", "GET", "/openapi.json", None, "This document."),
    Operation("studies", "GET", "/studies", Scope.READ, "The studies.", _PAGE, "studies"),
    Operation("study", "GET", "/studies/{study_id}", Scope.READ,
              "A study with its films, conditions and sessions' numbers.", (_STUDY,), "study",
              statuses=(404,)),
    Operation("curve", "GET", "/studies/{study_id}/curve", Scope.READ,
              "An audience's curve with its 95 % band.",
              (_STUDY, _MEASURE, Parameter("of", "A condition or a film; else all viewers."),
               _MINIMUM, _CORRECTED), "curve", statuses=(404, 409)),
    Operation("comparison", "GET", "/studies/{study_id}/comparison", Scope.READ,
              "Two groups compared, as `rapt compare --json` has them.",
              (_STUDY, Parameter("a", "A condition, film or session.", required=True),
               Parameter("b", "Another.", required=True), _MINIMUM, _CORRECTED), "comparison",
              statuses=(404, 409)),
    Operation("sessions", "GET", "/sessions", Scope.READ, "Sessions, the newest first.",
              (*_PAGE, Parameter("study", "Those of a study, by its id.")), "sessions",
              statuses=(404,)),
    Operation("session", "GET", "/sessions/{session_id}", Scope.READ, "A session's numbers.",
              (_SESSION,), "session", statuses=(404,)),
    Operation("seconds", "GET", "/sessions/{session_id}/seconds", Scope.SECONDS,
              "Every viewer's second of a session.", (_SESSION, *_PAGE), "seconds",
              statuses=(404,)),
    Operation("events", "GET", "/sessions/{session_id}/events", Scope.LIVE,
              "Seconds of a session that runs, as server-sent events: `second` for each viewer's "
              "second, `end` when it is over.", (_SESSION,), "string", statuses=(404, 503),
              media="text/event-stream"),
    Operation("jobs", "GET", "/jobs", Scope.READ, "Jobs, the newest first.", _PAGE, "jobs"),
    Operation("job", "GET", "/jobs/{job_id}", Scope.READ, "How far a job is.",
              (Parameter("job_id", "A job's id.", place="path", required=True),), "job",
              statuses=(404,)),
    Operation("analyze", "POST", "/analyses", Scope.ANALYZE,
              "Upload a recording as the request's body and have it analysed.",
              (Parameter("name", "The file's name.", required=True), *_BELONGS,
               Parameter("fps", "Look at so many frames a second.", "number", lowest=0,
                         highest=1000)),
              "analysis", 202, (409, 411, 413, 429, 507), "recording"),
    Operation("analyze_again", "POST", "/sessions/{session_id}/analyses", Scope.ANALYZE,
              "Analyse a session's recording again, with another model.",
              (_SESSION, Parameter("model", "The model's name.", required=True)), "analysis", 202,
              (404, 409)),
)  # fmt: skip

_NUMBER: Final = {"type": ["number", "null"]}
_TEXT: Final = {"type": ["string", "null"]}


def _object(required: JsonObject, **more: Any) -> JsonObject:
    return {"type": "object", "required": list(required), "properties": {**required, **more}}


def _rows(of: str) -> JsonObject:
    return _object(
        {
            of: {"type": "array", "items": {"type": "object"}},
            "total": {"type": "integer"},
            "next_offset": {"type": ["integer", "null"]},
        }
    )


SCHEMAS: Final[JsonObject] = {
    "object": {"type": "object"},
    "string": {"type": "string"},
    "studies": _rows("studies"),
    "study": _object({"study_id": {"type": "string"}, "name": {"type": "string"},
                      "conditions": {"type": "array"}, "stimuli": {"type": "array"},
                      "sessions": {"type": "integer"}, "simulated": {"type": "boolean"}}),
    "curve": _object({"measure": {"type": "string"}, "unit": {"type": "string"},
                      "version": {"type": "string"}, "audience": {"type": "string"},
                      "viewers": {"type": "integer"},
                      "seconds": {"type": "array", "items": _object(
                          {"second": {"type": "integer"}, "mean": _NUMBER, "low": _NUMBER,
                           "high": _NUMBER, "n": {"type": "integer"}})}}),
    "comparison": _object({"a": {"type": "string"}, "b": {"type": "string"},
                           "sentence": {"type": "string"}}),
    "sessions": _rows("sessions"),
    "session": _object({"session_id": {"type": "string"}, "name": {"type": "string"},
                        "status": {"type": "string"}}, engagement=_NUMBER, study_id=_TEXT),
    "seconds": _rows("seconds"),
    "jobs": _rows("jobs"),
    "job": _object({"job_id": {"type": "string"}, "status": {"type": "string"},
                    "progress": _NUMBER}, session_id=_TEXT, error=_TEXT),
    "analysis": _object({"session_id": {"type": "string"}}, job_id=_TEXT,
                        duplicate={"type": "boolean"}),
    "error": _object({"error": _object({"code": {"type": "string"}, "message": {"type": "string"},
                                        "hint": {"type": "string"}})}),
}  # fmt: skip

#: What any operation may answer, with the words of the document.
ALWAYS: Final = {
    401: "No token, or one that holds no more.", 403: "A token of another scope, or not allowed.",
    422: "A parameter that does not fit.", 429: "Too many requests; see Retry-After.",
    503: "The store cannot be reached; try again.",
}  # fmt: skip
_WORDS: Final = {
    **ALWAYS, 304: "Not changed since the ETag that was sent.", 404: "Not here.",
    409: "It cannot be done with what is there.", 411: "The length is missing.",
    413: "Too large.", 507: "No room.",
}  # fmt: skip


def document() -> JsonObject:
    """The OpenAPI 3.1 document."""
    paths: dict[str, JsonObject] = {}
    for one in OPERATIONS:
        paths.setdefault(f"{ROOT}{one.path}", {})[one.method.lower()] = _described(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rapt", "version": __version__,
                 "description": "How an audience responds, second by second. Numbers are those of "
                                "the pages; what is not known is null, never 0."},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }  # fmt: skip


def _described(one: Operation) -> JsonObject:
    def content(schema: str, media: str) -> JsonObject:
        return {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}

    answers: JsonObject = {
        str(one.status): {"description": "Done.", "content": content(one.answer, one.media)}
    }
    if one.reads:
        answers["304"] = {"description": _WORDS[304]}
    for status in sorted({*ALWAYS, *one.statuses}):
        answers[str(status)] = {
            "description": _WORDS[status], "content": content("error", "application/json")
        }  # fmt: skip
    made: JsonObject = {
        "operationId": one.name,
        "summary": one.about + (f" Scope `{one.scope}`." if one.scope else " Any scope."),
        "parameters": [
            {"name": p.name, "in": p.place, "required": p.required, "description": p.about,
             "schema": p.schema} for p in one.parameters
        ],
        "responses": answers,
    }  # fmt: skip
    if one.body:
        made["requestBody"] = {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string",
                                                                "format": "binary"}}},
        }  # fmt: skip
    return made
