"""Architectures, cards and weights. Nothing here imports Keras until a model is built."""

from fer_core.zoo.card import Card, ModelFile
from fer_core.zoo.registry import Entry, architecture, architectures, create, register
from fer_core.zoo.shelf import (
    Shelved,
    Use,
    before,
    find,
    go_back,
    in_use,
    list_cards,
    load_card,
    shelve,
    use,
    uses,
)

__all__ = [
    "Card",
    "Entry",
    "ModelFile",
    "Shelved",
    "Use",
    "architecture",
    "architectures",
    "before",
    "create",
    "find",
    "go_back",
    "in_use",
    "list_cards",
    "load_card",
    "register",
    "shelve",
    "use",
    "uses",
]
