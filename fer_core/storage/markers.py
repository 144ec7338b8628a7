"""Markers and scenes: named moments and spans of a session or of a stimulus."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from fer_core.errors import StoreError
from fer_core.storage.codec import Row, TableRow
from fer_core.storage.commands import Change, command, given
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries
from fer_core.storage.sessions.rows import Session
from fer_core.storage.studies import Stimulus


class MarkerKind(StrEnum):
    MARKER = "marker"
    SCENE = "scene"
    BRAND = "brand"
    NOTE = "note"
    PRE_ROLL = "pre-roll"


@dataclass(frozen=True, slots=True)
class NewMarker(Row):
    """A marker to add. Without a kind it is a scene where it has an end, else a marker."""

    name: str
    from_ms: int
    to_ms: int | None = None
    kind: MarkerKind | None = None
    note: str | None = None

    def checked(self) -> NewMarker:
        """The same with its kind and a tidy name; StoreError where it cannot be kept."""
        kind = self.kind or (MarkerKind.MARKER if self.to_ms is None else MarkerKind.SCENE)
        name = self.name.strip()
        if not name:
            raise StoreError(f"A marker needs a name and a time, not {name!r} at {self.from_ms}.")
        if self.to_ms is not None and self.to_ms <= self.from_ms:
            raise StoreError(
                f"The scene {name!r} ends at {self.to_ms} ms, before it begins ({self.from_ms} ms)."
            )
        return NewMarker(name, self.from_ms, self.to_ms, kind, self.note)


@dataclass(frozen=True, slots=True)
class Marker(TableRow):
    """One marker, on the clock of its stimulus, or of its session where it has none."""

    TABLE: ClassVar[str] = "markers"
    KEY: ClassVar[str] = "marker_id"

    marker_id: str
    session_id: str | None
    stimulus_id: str | None
    kind: MarkerKind
    name: str
    from_ms: int
    to_ms: int | None  # None: a moment, not a span
    note: str | None
    source: str
    created: datetime


class Markers(Queries):
    """``store.markers``."""

    def in_recordings(self, study_id: str) -> list[Marker]:
        """Markers that lie in the recordings of a study's sessions, by session and time."""
        return self._all(
            Marker,
            "SELECT m.* FROM markers m JOIN sessions s ON s.session_id = m.session_id "
            "WHERE s.study_id = $s ORDER BY m.session_id, m.from_ms, m.marker_id",
            s=study_id,
        )

    def list(
        self,
        *,
        session_id: str | None = None,
        stimulus_id: str | None = None,
        study_id: str | None = None,
    ) -> list[Marker]:
        """Markers and scenes in order of time: of a session, a stimulus, or of every stimulus
        of a study."""
        return self._all(
            Marker,
            """
            SELECT * FROM markers
            WHERE session_id = $session_id OR stimulus_id = $stimulus_id
               OR stimulus_id IN (SELECT stimulus_id FROM stimuli WHERE study_id = $study_id)
            ORDER BY from_ms, to_ms, marker_id LIMIT 100000
            """,
            session_id=session_id,
            stimulus_id=stimulus_id,
            study_id=study_id,
        )


@command
class AddMarkers:
    """Add markers and scenes; returns their ids.

    Times are those of the stimulus, or of the session where no stimulus is given.
    """

    markers: tuple[NewMarker, ...]
    session_id: str | None = None
    stimulus_id: str | None = None
    source: str = "typed"

    def apply(self, change: Change) -> list[str]:
        if (self.session_id is None) == (self.stimulus_id is None):
            raise StoreError("Markers belong to a session or to a stimulus: give one of the two.")
        if self.session_id is not None:
            change.get(Session, self.session_id)
        if self.stimulus_id is not None:
            change.get(Stimulus, self.stimulus_id)
        ids = []
        for marker in self.markers:
            ids.append(new_id("marker"))
            change.insert(
                "markers", marker_id=ids[-1], session_id=self.session_id,
                stimulus_id=self.stimulus_id, source=self.source, created=now(),
                **asdict(marker.checked()),
            )  # fmt: skip
        return ids


@command
class UpdateMarker:
    """Change what is given."""

    marker_id: str
    name: str | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    kind: MarkerKind | None = None
    note: str | None = None

    def apply(self, change: Change) -> None:
        before = change.get(Marker, self.marker_id)
        merged = NewMarker(
            before.name if self.name is None else self.name,
            before.from_ms if self.from_ms is None else self.from_ms,
            before.to_ms if self.to_ms is None else self.to_ms,
            self.kind or before.kind,
            before.note if self.note is None else self.note,
        )
        change.update(Marker, self.marker_id, **given(**asdict(merged.checked())))


@command
class DeleteMarkers:
    marker_ids: tuple[str, ...]

    def apply(self, change: Change) -> None:
        change.cursor.execute(
            "DELETE FROM markers WHERE marker_id IN (SELECT unnest($ids))",
            {"ids": list(self.marker_ids)},
        )
