"""What the parts of a visit share: the store, the networks, the places, the records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.camera.respondents.visits.background import Background
from dashboard.camera.respondents.visits.places import Places
from dashboard.camera.respondents.visits.records import Records
from fer_core.home import Home
from fer_core.live import Engines
from fer_core.storage import Store
from fer_core.types import AnalysisSettings


@dataclass(frozen=True, slots=True)
class Parts:
    """One for all visits of a process."""

    home: Home
    store: Callable[[], Store]
    places: Places
    records: Records
    background: Background

    @classmethod
    def of(cls, home: Home, store: Callable[[], Store]) -> Parts:
        return cls(home, store, Places(store), Records(store), Background())

    def engines(self) -> Engines:
        """The networks; they may have to be loaded, so call it in a thread."""
        return Engines.open(self.home, AnalysisSettings())
