"""Architectures, cards and weights. Nothing here imports Keras until a model is built."""

from fer_core.zoo.card import Card, ModelFile
from fer_core.zoo.model_store import (
    StoredModel,
    Use,
    find_model,
    go_back,
    in_use,
    list_cards,
    load_card,
    previous_model,
    stored_models,
    use_history,
    use_model,
)
from fer_core.zoo.registry import Entry, architecture, architectures, create, register_architecture

__all__ = [
    "Card",
    "Entry",
    "ModelFile",
    "StoredModel",
    "Use",
    "architecture",
    "architectures",
    "create",
    "find_model",
    "go_back",
    "in_use",
    "list_cards",
    "load_card",
    "previous_model",
    "register_architecture",
    "stored_models",
    "use_history",
    "use_model",
]
