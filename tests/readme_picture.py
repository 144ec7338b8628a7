"""What the README's picture shows, in words and colours: a test says when the page says else.

``make shots`` remakes the picture and the list beside it;
``python -m tests.e2e.shots compare`` only those of Compare, in a minute.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from dashboard.navigation import PAGES
from tests.dashboard.pages import open_page

PROJECT: Final = Path(__file__).resolve().parents[1]
PICTURE: Final = PROJECT / "docs" / "images" / "compare.png"
SHOWN: Final = PICTURE.with_suffix(".txt")
_THEME: Final = PROJECT / "dashboard" / ".streamlit" / "config.toml"
#: The first thing below the picture's lower edge.
_BELOW: Final = "Scene by scene"


def shown(study_id: str) -> str:
    """The words on the page Compare down to its curve, the side bar's and the light colours."""
    app = open_page("compare", study=study_id)
    assert not app.exception
    lines = []
    for element in app.main:
        said = _said(element)
        if said == _BELOW:
            break
        lines += [said] if said else []
    theme = tomllib.loads(_THEME.read_text(encoding="utf-8"))["theme"]
    colours = {**theme, **theme.get("light", {})}
    return "\n".join(
        [
            *(f"side bar: {one.title}" for one in PAGES.values()),
            *(f"page: {line}" for line in lines),
            *(f"colour: {key} {colours[key]}" for key in sorted(colours) if "olor" in key),
            "",
        ]
    )
