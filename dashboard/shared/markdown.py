"""Text that people typed, safe to show where Streamlit reads Markdown."""

from __future__ import annotations


def escape_markdown(text: str) -> str:
    """Put a backslash before every character that Markdown would read."""
    return "".join("\\" + c if c in r"\`*_{}[]()#+-.!|~$:<>" else c for c in text)
