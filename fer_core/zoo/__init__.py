"""Architectures, cards and weights. Nothing here imports Keras until a model is built."""

from fer_core.zoo.card import Card, ModelFile
from fer_core.zoo.registry import Entry, architecture, architectures, create, register
from fer_core.zoo.shelf import Shelved, find, in_use, list_cards, load_card, shelve, use

__all__ = [
    "Card",
    "Entry",
    "ModelFile",
    "Shelved",
    "architecture",
    "architectures",
    "create",
    "find",
    "in_use",
    "list_cards",
    "load_card",
    "register",
    "shelve",
    "use",
]
