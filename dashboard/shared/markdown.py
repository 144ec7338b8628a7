"""Text that people typed, safe to show where Streamlit reads Markdown."""

from __future__ import annotations

import re

#: Where an address would begin or go on: Markdown makes links of these without being asked to.
_ADDRESS = re.compile(r"(?i)(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)")
_JOINER = "\u2060"  # shows nothing, and no address has it


def escape_markdown(text: str) -> str:
    """Put a backslash before every character that Markdown would read; break addresses."""
    text = _ADDRESS.sub(_JOINER, text)
    return "".join("\\" + c if c in r"\`*_{}[]()#+-.!|~$:<>" else c for c in text)
