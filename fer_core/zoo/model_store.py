"""The model store: where models lie, and which one is in use.

A model is a card NAME.json with its weight files beside it. It is looked for in
HOME/models first (trained or fetched here), then in the models/ folder that ships: beside
the package in a source tree, under share/rapt/models of an installation.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import fer_core
from fer_core import problems
from fer_core.errors import ModelError
from fer_core.files import read_json, sha256_of, write_json
from fer_core.home import Home
from fer_core.zoo.card import Card

DEFAULT: Final = "rapt-1"


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A card and the folder in which it and its weight files lie."""

    card: Card
    folder: Path

    def file(self, kind: str) -> Path:
        """The path of a weight file whose SHA-256 is that on the card; else ModelError."""
        return self.checked(kind)[0]

    def content(self, kind: str) -> bytes:
        """The bytes of a weight file, checked as ``file`` checks them."""
        return self.checked(kind)[1]

    def checked(self, kind: str) -> tuple[Path, bytes]:
        """The path and the bytes of a weight file (``keras``, ``litert`` or ``int8``)."""
        entry = self.card.files.get(kind)
        if entry is None:
            raise ModelError(
                f"{self.card.name} has no {kind} file.",
                f"It has: {', '.join(self.card.files) or 'none'}.",
            )
        path = self.folder / entry.name
        if Path(entry.name).name != entry.name:
            raise ModelError(
                f"The card of {self.card.name} names a file outside its folder.",
                "Do not use this model.",
            )
        return path, read_checked(path, entry.sha256)


def read_checked(path: Path, sha256: str) -> bytes:
    """A weight file's bytes; ModelError where they do not have this checksum."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read.", "Take the model's files anew, or train it again."
        ) from error
    if sha256_of(content) != sha256:
        raise ModelError(
            f"{path} is not the file that its card describes: the SHA-256 differs.",
            "Take the model's files anew; do not use this one.",
        )
    return content


def shipped() -> Path:
    """The models/ folder that comes with Rapt."""
    beside = Path(fer_core.__file__).resolve().parents[1] / "models"
    installed = Path(sys.prefix) / "share" / "rapt" / "models"
    # among installed packages a folder of this name could be another package's: it has no cards
    return beside if any(beside.glob("*.json")) else installed


def folders(home: Home | None) -> tuple[Path, ...]:
    """Where models are looked for: the home's own folder first."""
    return ((home.models,) if home is not None else ()) + (shipped(),)


def list_cards(home: Home | None = None) -> tuple[Card, ...]:
    """Every readable card, sorted by name; the home's own comes before a shipped namesake."""
    return tuple(stored.card for stored in stored_models(home))


def stored_models(home: Home | None = None) -> tuple[StoredModel, ...]:
    """Every model with a readable card, sorted by name; the home's own before a namesake."""
    found: dict[str, StoredModel] = {}
    for folder in folders(home):
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            if path.name == IN_USE or path.stem in found:
                continue
            try:
                found[path.stem] = StoredModel(Card.read(path), folder)
            except ModelError as error:  # one damaged card hides that model alone
                if home is not None and folder == home.models:
                    problems.note(home, path, error.message)
    return tuple(found[name] for name in sorted(found))


def find_model(name: str | None = None, home: Home | None = None) -> StoredModel:
    """A model by name; the one in use where none is given."""
    name = name or in_use(home)
    for folder in folders(home):
        path = folder / f"{name}.json"
        if Path(name).name == name and path.is_file():
            return StoredModel(Card.read(path), folder)
    names = [stored.card.name for stored in stored_models(home)]
    raise ModelError(
        f"There is no model {name!r}.",
        f"These exist: {', '.join(names)}." if names else "Train one with rapt train.",
    )


def load_card(name: str | None = None, home: Home | None = None) -> Card:
    """A model's card by its name; that of the one in use where none is given."""
    return find_model(name, home).card


IN_USE: Final = "in-use.json"


@dataclass(frozen=True, slots=True)
class Use:
    """A model was put into use; ``back`` where that was a return to the one before."""

    name: str
    at: str  # ISO time, UTC; "" for the one that a new home begins with
    back: bool = False


def _chosen(home: Home) -> Any:
    """What the file says that names the model in use; None where it says nothing."""
    try:
        return read_json(home.models / IN_USE)
    except ValueError as error:
        problems.note(home, home.models / IN_USE, error)
        return None


def in_use(home: Home | None = None) -> str:
    """The model that analyses use where none is named."""
    if home is not None:
        chosen = _chosen(home)
        if isinstance(chosen, dict) and isinstance(chosen.get("name"), str):
            return str(chosen["name"])
    return DEFAULT


def use_history(home: Home) -> tuple[Use, ...]:
    """Every model that was put into use in this home, the first one first."""
    chosen = _chosen(home)
    if not isinstance(chosen, dict):
        return (Use(DEFAULT, ""),)
    try:
        known = tuple(Use(**entry) for entry in chosen.get("history", ()))
    except TypeError as error:
        problems.note(home, home.models / IN_USE, error)
        known = ()
    if known:
        return known
    name = in_use(home)  # a file of an older version holds the name alone
    return (Use(DEFAULT, ""),) + (() if name == DEFAULT else (Use(name, ""),))


def previous_model(home: Home) -> str | None:
    """The model to go back to: the one in use before this one that is still here."""
    stack: list[str] = []
    for use_ in use_history(home):
        if not use_.back:
            stack.append(use_.name)
            continue
        while stack and stack[-1] != use_.name:
            stack.pop()
    here = {path.stem for folder in folders(home) for path in folder.glob("*.json")}
    left = [name for name in stack[:-1] if name in here and name != in_use(home)]
    return left[-1] if left else None


def use_model(name: str, home: Home) -> Card:
    """Make a model the one in use in this home."""
    card = find_model(name, home).card
    if card.practice:
        raise ModelError(
            f"{card.name} is a practice model: it learned from drawn faces.",
            "Train one on photographs of faces to put it into use.",
        )
    if card.name != in_use(home) or not (home.models / IN_USE).exists():
        _put_into_use(home, Use(card.name, _now()))
    return card


def go_back(home: Home) -> Card:
    """Put the model before this one into use again."""
    name = previous_model(home)
    if name is None:
        raise ModelError(
            f"{in_use(home)} is the first model of this home: there is none to go back to.",
            "Choose one with rapt models use NAME.",
        )
    card = find_model(name, home).card
    _put_into_use(home, Use(card.name, _now(), back=True))
    return card


def _put_into_use(home: Home, now: Use) -> None:
    history = [asdict(one) for one in (*use_history(home), now)]
    write_json(home.models / IN_USE, {"name": now.name, "history": history})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
