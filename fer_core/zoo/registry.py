"""The registry of architectures. A family has a file of its own and registers here.

A builder makes a Keras model whose one output is a row of logits: the labels of each of
the card's outputs, one output after another. It imports Keras inside, so that listing
the zoo costs nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fer_core.errors import ModelError

Builder = Callable[..., Any]

#: The files of this package that register architectures; imported when one is asked for.
FAMILIES = ("classics", "flagship", "tiny")


@dataclass(frozen=True, slots=True)
class Entry:
    """An architecture: what it is, the crop it takes and how to build it."""

    name: str
    about: str
    size: int
    channels: int
    build: Builder


_entries: dict[str, Entry] = {}


def register_architecture(
    name: str, *, about: str, size: int = 48, channels: int = 1
) -> Callable[[Builder], Builder]:
    """Enter a builder ``(classes, size, **options) -> keras.Model`` under ``name``."""

    def enter(build: Builder) -> Builder:
        known = _entries.get(name)
        if known is not None and known.build is not build:
            raise ValueError(f"two architectures are called {name}")
        _entries[name] = Entry(name, about, size, channels, build)
        return build

    return enter


def architectures() -> tuple[Entry, ...]:
    """All architectures, sorted by name."""
    for family in FAMILIES:
        importlib.import_module(f"fer_core.zoo.{family}")
    return tuple(_entries[name] for name in sorted(_entries))


def architecture(name: str) -> Entry:
    """One architecture; the error lists the names that exist."""
    names = {entry.name: entry for entry in architectures()}
    if name not in names:
        raise ModelError(
            f"There is no architecture {name!r}.", f"These exist: {', '.join(sorted(names))}."
        )
    return names[name]


def create(name: str, *, classes: int = 7, size: int | None = None, **options: Any) -> Any:
    """A fresh Keras model; ``size=0`` leaves height and width open, to train at growing sizes."""
    entry = architecture(name)
    return entry.build(classes=classes, size=entry.size if size is None else size, **options)
