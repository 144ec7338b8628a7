"""Things by name that register themselves: one file a thing, a sorted listing, a clear error."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from fer_core.errors import RaptError, SettingsError

T = TypeVar("T")


class Registry(Generic[T]):
    """What a program can choose among, by name.

    what: what one of them is called in an error. package: the package whose modules register
    themselves; they are imported when somebody first asks, so they import what is heavy inside
    their functions. error: what is raised for a name that there is not.
    """

    def __init__(
        self, what: str, *, package: str = "", error: type[RaptError] = SettingsError
    ) -> None:
        self._what, self._package, self._error = what, package, error
        self._known: dict[str, T] = {}

    def add(self, name: str, one: T) -> T:
        """Offer something under a name that nothing else has."""
        if name in self._known:
            raise ValueError(f"two of them are called {name!r}: {self._what}")
        self._known[name] = one
        return one

    def register(self, name: str) -> Callable[[T], T]:
        """The same as a decorator."""
        return lambda one: self.add(name, one)

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        self._import()
        return tuple(sorted(self._known))

    def find(self, name: str) -> T:
        """One of them; the error names those that there are."""
        if name not in self.names():
            raise self._error(
                f"There is no {self._what} {name!r}.", f"Choose {', '.join(self.names())}."
            )
        return self._known[name]

    def __iter__(self) -> Iterator[T]:
        return iter(self._known[name] for name in self.names())

    def _import(self) -> None:
        package, self._package = self._package, ""
        if package:
            for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
                importlib.import_module(f"{package}.{module.name}")
