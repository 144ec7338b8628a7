"""The components' own files: styles, scripts, markup."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def text(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")
