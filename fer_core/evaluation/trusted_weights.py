"""Which weights may be loaded into TensorFlow: those that ship, and those that Rapt wrote here.

A ``.keras`` file can hold more than numbers. A card beside it is not enough, for whoever
puts a file there can write a card too: the store must remember having written that very
file, or the file must be one that came with Rapt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_core.errors import ModelError
from fer_core.home import Home
from fer_core.zoo.model_store import StoredModel, find_model, shipped

if TYPE_CHECKING:
    from fer_core.storage import Store


def trusted_model(
    store: Store, home: Home, name: str | None = None, kind: str = "keras"
) -> StoredModel:
    """The model by name, if its ``kind`` file is one that Rapt shipped or wrote itself."""
    stored = find_model(name, home)
    card = stored.card
    entry = card.files.get(kind)
    if entry is None:
        raise ModelError(
            f"{card.name} has no {kind} file, and it is needed to look inside.",
            "Train the model again with this version of Rapt.",
        )
    ours = stored.folder == shipped()
    if not ours and entry.sha256 not in recorded_checksums(store, card.name, kind):
        raise ModelError(
            f"{card.name} was not made by this Rapt: its store does not know the file.",
            "Only models that ship with Rapt or were trained in this home are loaded.",
        )
    return stored


def recorded_checksums(store: Store, name: str, kind: str = "keras") -> set[str]:
    """Checksums of a model's files that this store saw written."""
    stored = store.models.find(name)
    entry = stored.card.get("files", {}).get(kind) if stored else None
    known = entry.get("sha256") if isinstance(entry, dict) else None
    return {known} if isinstance(known, str) else set()
