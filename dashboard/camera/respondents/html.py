"""The respondents' page as it is sent: its files, its headers, and what it is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Final, TypedDict

from starlette.responses import HTMLResponse, Response

from dashboard.camera.respondents import words
from dashboard.camera.respondents.device_files import OnDevice
from dashboard.camera.respondents.refusals import RespondentRefused
from dashboard.shared.assets import text

#: The page's own files are found beside this one.
PAGE: Final = Path(__file__).resolve().parent / "page" / "respondent.html"
STYLE: Final = "respondent.css"
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


class Invitation(TypedDict):
    """What the page is told: its words, and how long the film is at most."""

    title: str
    consent: str
    read: str  # the digest of ``consent``
    keeps: bool
    recipient: str  # whom the numbers go to
    length_ms: int
    language: str
    languages: dict[str, str]  # which others there are, by their own names
    words: dict[str, str]  # what the page says, from English
    course: bool
    device: OnDevice | None  # with what their own device can read the face


class Wrong(TypedDict):
    """What the page is told instead: a message and a hint."""

    wrong: tuple[str, str]
    language: str
    words: dict[str, str]


def page_of_refusal(error: RespondentRefused, language: str = words.ENGLISH) -> Response:
    given: Wrong = {
        "wrong": (error.message, error.hint),
        "language": language,
        "words": words.dictionary(language),
    }
    return as_page(given, error.message, error.status)


def as_page(given: Mapping[str, object], title: str, status: int = 200) -> Response:
    """The page with what it is told; the data stands in a block that no browser runs."""
    data = json.dumps(given, ensure_ascii=False).replace("<", "\\u003c")
    page = text(str(PAGE), PAGE.name).replace("{{title}}", escape(title))
    language = str(given["language"])
    page = page.replace("{{language}}", language)
    page = page.replace("{{direction}}", words.direction(language))
    page = page.replace("{{given}}", data)
    return HTMLResponse(page, status, headers=HEADERS)
