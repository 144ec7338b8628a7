"""What respondents' pages say, in each language: dictionaries from English, a file each.

English texts stand in the page's own files. ``words/LANGUAGE.json`` holds their translations, and
who reviewed them; tests/dashboard/camera/respondents/test_words.py finds what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

ENGLISH: Final = "en"
#: Every language, by its own name.
NAMES: Final = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "hi": "हिन्दी",
    "ja": "日本語",
    "ar": "العربية",
}
FOLDER: Final = Path(__file__).resolve().parent / "words"
_RIGHT_TO_LEFT: Final = frozenset({"ar"})
#: The text of consent that a new course proposes, by its key in a dictionary.
CONSENT: Final = "consent"


def offered() -> list[str]:
    """The languages that there is a dictionary for."""
    return [one for one in NAMES if one == ENGLISH or (FOLDER / f"{one}.json").is_file()]


def direction(language: str) -> str:
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


@cache
def _file(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return found


def dictionary(language: str) -> dict[str, str]:
    """From English; empty for English itself."""
    return {} if language == ENGLISH else dict(_file(language)["words"])


def reviewed_by(language: str) -> str:
    """The native speaker who has reviewed a dictionary; "": nobody has."""
    return "its authors" if language == ENGLISH else str(_file(language)["reviewed_by"])


def usual_consent(language: str) -> str:
    """The text of consent that is proposed in a language; "" for English, which has its own."""
    return "" if language == ENGLISH else str(_file(language)["consent"])


def choose(offered: Sequence[str], chosen: str, accepted: str) -> str:
    """One of the languages offered: the one chosen, else the browser's first, else the first.

    ``accepted``: an Accept-Language header, such as ``de-AT, en;q=0.7``.
    """
    if chosen in offered:
        return chosen
    wanted = []
    for part in accepted.split(","):
        name, _, quality = part.partition(";q=")
        try:
            wanted.append((-float(quality or 1), name.strip().split("-")[0].lower()))
        except ValueError:
            continue
    ranked = sorted(wanted, key=lambda one: one[0])
    return next((name for _, name in ranked if name in offered), offered[0])
