"""Rapt's core: a video in, an emotion timeline out. No Streamlit in here.

The calls of ``fer_core.research`` can be imported from here; nothing is loaded until one is used.
"""

import importlib
from typing import Any, Final

__version__ = "0.1.0"

#: The calls for scripts and notebooks. ``__init__.pyi`` tells type checkers of them.
CALLS: Final = (
    "analyze", "compare", "curve", "export", "open_home", "report", "seconds", "sessions", "study",
    "timeline",
)  # fmt: skip
__all__ = [*CALLS, "__version__"]


def __getattr__(name: str) -> Any:
    if name in CALLS:
        # by its name: the core's folders import this module and must not depend on all of it
        return getattr(importlib.import_module("fer_core.research"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *CALLS})
