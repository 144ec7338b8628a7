"""Settings: values that pages and programs keep under a name, as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from fer_core.storage.codec import Row, to_json
from fer_core.storage.commands import Change, command
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries

#: The data sets that were added: a list of ``{name, path, …}``.
DATA_SETS_SETTING: Final = "lab.data_sets"


@dataclass(frozen=True, slots=True)
class _Value(Row):
    value: str


class Settings(Queries):
    """``store.settings``."""

    def get(self, name: str, default: Any = None) -> Any:
        """The value under a name; ``default`` where there is none, or one of another type."""
        found = self._kept(_Value, "SELECT value FROM settings WHERE name = $name", name=name)
        if found is None:
            return default
        value = json.loads(found.value)
        return value if default is None or type(value) is type(default) else default


@command
class SetSetting:
    """Keep a setting; None takes it away."""

    name: str
    value: Any

    def apply(self, change: Change) -> None:
        change.cursor.execute("DELETE FROM settings WHERE name = ?", [self.name])
        if self.value is not None:
            change.insert("settings", name=self.name, value=to_json(self.value), updated=now())
