"""The store: DuckDB behind one owner, Parquet shards, commands, and queries by subject.

Names are loaded when first used: a worker that only writes shards needs no DuckDB.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fer_core.storage.ids import check_id, new_id
    from fer_core.storage.store import Store, open_store
    from fer_core.storage.timeline.ingest import Ingester
    from fer_core.storage.timeline.shards import (
        FRAMES_SCHEMA,
        TIMELINE_SCHEMA,
        Shard,
        ShardWriter,
        last_state,
        read_frames,
        read_shard,
        read_shards,
        remove_shards,
        shard_files,
        to_timeline,
    )

__all__ = [
    "FRAMES_SCHEMA",
    "TIMELINE_SCHEMA",
    "Ingester",
    "Shard",
    "ShardWriter",
    "Store",
    "check_id",
    "last_state",
    "new_id",
    "open_store",
    "read_frames",
    "read_shard",
    "read_shards",
    "remove_shards",
    "shard_files",
    "to_timeline",
]

_WHERE = {
    "Ingester": "timeline.ingest",
    "Store": "store",
    "open_store": "store",
    "check_id": "ids",
    "new_id": "ids",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE.get(name, 'timeline.shards')}"), name)
