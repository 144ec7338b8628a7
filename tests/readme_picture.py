"""What the README's picture shows, in words and colours: a test says when it is out of date.

    python -m tests.e2e.shots compare

remakes the picture and the list beside it, as ``make shots`` does.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

from dashboard.navigation import PAGES
from tests.dashboard.pages import open_page

PROJECT: Final = Path(__file__).resolve().parents[1]
PICTURE: Final = PROJECT / "docs" / "images" / "compare.png"
SHOWN: Final = PICTURE.with_suffix(".txt")
REMAKE: Final = "The README's picture is out of date: python -m tests.e2e.shots compare"
_THEME: Final = PROJECT / "dashboard" / ".streamlit" / "config.toml"


def shown(study_id: str) -> str:
    """The side bar, the words of the page Compare down to its curve, and the light colours.

    What a picture shows besides, such as distances, may change without a new one.
    """
    app = open_page("compare", study=study_id)
    assert not app.exception
    lines = [f"side bar: {one.title}" for one in PAGES.values() if not one.hidden]
    for element in app.main:
        if element.type == "subheader":  # below the picture's lower edge
            break
        words = getattr(element, "label", "") or str(getattr(element, "value", "") or "")
        if words := " ".join(re.sub(r"<[^>]*>", " ", words).split()):
            lines.append(f"page: {words}")
    colours = tomllib.loads(_THEME.read_text(encoding="utf-8"))["theme"]["light"]
    lines += [f"{key}: {value}" for key, value in colours.items() if key.endswith("Color")]
    return "\n".join([*lines, ""])
