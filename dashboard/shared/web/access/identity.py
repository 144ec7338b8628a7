"""Who asks: the person on whose behalf this thread works, for the one check of the store.

A request carries its identity from the entrance. A page's script asks Streamlit which browser it
runs for (``visitor.py`` beside this says how). What no person asked for, such as a job or a
respondent's visit, is the program's own work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from fer_core.access.permissions import SYSTEM, Action, Identity, allowed

_acting: ContextVar[Identity | None] = ContextVar("acting", default=None)


def _no_script() -> Identity | None:
    return None


_of_script: Callable[[], Identity | None] = _no_script


@contextmanager
def acting(who: Identity) -> Iterator[None]:
    """What is done inside is done for ``who``, also in threads that anyio starts from it."""
    before = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(before)


def ask_scripts(of_script: Callable[[], Identity | None]) -> None:
    """Have ``of_script`` say whose script this thread runs; None where it runs none."""
    global _of_script
    _of_script = of_script


def current() -> Identity:
    """Who asks now. NotAllowed where a page's browser is no longer logged in."""
    return _acting.get() or _of_script() or SYSTEM


def may(action: Action) -> bool:
    """Whether whoever asks now may do this: what a page need not offer otherwise."""
    return allowed(current(), action)
