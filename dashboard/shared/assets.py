"""A feature's own files: styles, scripts, markup, read once."""

from functools import cache
from pathlib import Path


@cache
def text(beside: str, name: str) -> str:
    """The file ``name`` in the folder of the module ``beside`` (its ``__file__``)."""
    return Path(beside).with_name(name).read_text("utf-8")
