"""Studies, their conditions and stimuli: rows, queries and commands."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import ClassVar

import pandas as pd

from fer_core.access.purpose import Stated, state
from fer_core.errors import StoreError
from fer_core.files import JsonObject
from fer_core.measures import find_measure
from fer_core.storage.codec import TableRow
from fer_core.storage.commands import Change, command, given
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries
from fer_core.storage.removal import erasure
from fer_core.storage.sessions.registration import keep_condition
from fer_core.storage.tables import with_study


@dataclass(frozen=True, slots=True)
class Study(TableRow):
    """One study."""

    TABLE: ClassVar[str] = "studies"
    KEY: ClassVar[str] = "study_id"

    study_id: str
    name: str
    kind: str | None
    question: str | None
    notes: str | None
    simulated: bool  # its sessions were made up, not recorded
    created: datetime
    settings: JsonObject = field(default_factory=dict)
    purpose: Stated | None = None  # None: not stated
    conditions: tuple[str, ...] = ()  # in order; not in lists


@dataclass(frozen=True, slots=True)
class StudyListed(Study):
    """A study as lists show it, with numbers of what belongs to it."""

    sessions: int = 0
    viewers: int = 0
    stimuli: int = 0


@dataclass(frozen=True, slots=True)
class Stimulus(TableRow):
    """What a study's viewers watch. ``path`` and ``digest`` name its film where there is one."""

    TABLE: ClassVar[str] = "stimuli"
    KEY: ClassVar[str] = "stimulus_id"

    stimulus_id: str
    study_id: str | None
    title: str
    path: str | None
    digest: str | None
    length_ms: int | None
    notes: str | None
    created: datetime
    sessions: int = 0  # in lists


class Studies(Queries):
    """``store.studies``."""

    def get(self, study: str) -> Study:
        """One study by id or name, with its ``conditions``; StoreError where there is none."""
        found = self._first(
            Study,
            """
            SELECT y.*, coalesce((SELECT to_json(list(c.condition ORDER BY c.position))::VARCHAR
                                  FROM conditions c WHERE c.study_id = y.study_id), '[]')
                   AS conditions
            FROM studies y WHERE study_id = $s OR name = $s
            ORDER BY study_id = $s DESC, created LIMIT 1
            """,
            s=study,
        )
        if found is None:
            raise StoreError(f"There is no study {study!r}.")
        return found

    def conditions(self) -> dict[str, tuple[str, ...]]:
        """The conditions of every study that has some, in order, by the study's id."""
        found = self._frame(
            "SELECT study_id, list(condition ORDER BY position) AS conditions "
            "FROM conditions GROUP BY study_id"
        )
        pairs = zip(found["study_id"], found["conditions"], strict=True)
        return {str(study_id): tuple(names) for study_id, names in pairs}

    def purpose(self, study: str) -> Stated | None:
        """What a study is for, by its id or name; None where nobody said, or without the study."""
        found = self._first(
            Study,
            "SELECT * FROM studies WHERE study_id = $s OR name = $s "
            "ORDER BY study_id = $s DESC, created LIMIT 1",
            s=study,
        )
        return found.purpose if found else None

    def stimuli(self, study_id: str | None = None) -> list[Stimulus]:
        """Stimuli of a study, or all, oldest first, with the number of sessions of each."""
        return self._all(
            Stimulus,
            """
            SELECT t.*, coalesce(n.sessions, 0) AS sessions FROM stimuli t
            LEFT JOIN (SELECT stimulus_id, count(*) AS sessions FROM sessions
                       GROUP BY stimulus_id) n ON n.stimulus_id = t.stimulus_id
            WHERE $s IS NULL OR t.study_id = $s ORDER BY t.created LIMIT 10000
            """,
            s=study_id,
        )

    def stimulus(self, stimulus_id: str) -> Stimulus:
        """One stimulus; StoreError where there is none."""
        found = self._kept(Stimulus, "SELECT * FROM stimuli WHERE stimulus_id = $t", t=stimulus_id)
        if found is None:
            raise StoreError(f"There is no stimulus {stimulus_id!r}.")
        return found

    def seconds(self, study_id: str, measure: str) -> pd.DataFrame:
        """Every viewer's seconds of a study on the stimulus' clock.

        Columns: session_id, stimulus_id, condition, respondent, viewer, second, n, and the
        measure under its own name.
        """
        return self._frame(
            f"""
            SELECT c.session_id, s.stimulus_id, s.condition, s.respondent, c.viewer, c.second,
                   c.n, c.{find_measure(measure).key}
            FROM seconds c JOIN sessions s ON s.session_id = c.session_id
            WHERE c.session_id IN (SELECT session_id FROM sessions WHERE study_id = $s)
            ORDER BY c.session_id, c.viewer, c.second
            """,
            s=study_id,
        )

    def list(self) -> list[StudyListed]:
        """All studies, newest first, with numbers of sessions, viewers and stimuli."""
        return self._all(
            StudyListed,
            """
            SELECT y.*, coalesce(n.sessions, 0) AS sessions, coalesce(n.viewers, 0) AS viewers,
                   coalesce(t.stimuli, 0) AS stimuli
            FROM studies y
            LEFT JOIN (SELECT study_id, count(*) AS sessions, sum(viewers)::BIGINT AS viewers
                       FROM sessions GROUP BY study_id) n ON n.study_id = y.study_id
            LEFT JOIN (SELECT study_id, count(*) AS stimuli FROM stimuli GROUP BY study_id) t
                ON t.study_id = y.study_id
            ORDER BY y.created DESC LIMIT 10000
            """,
        )


@command
class AddStudy:
    """Make a study; returns its id."""

    name: str
    kind: str | None = None
    question: str | None = None
    notes: str | None = None
    conditions: tuple[str, ...] | None = None
    simulated: bool = False
    settings: JsonObject | None = None
    study_id: str | None = None

    def apply(self, change: Change) -> str:
        if not self.name.strip():
            raise StoreError("A study needs a name.", "Type at least one letter.")
        study_id = self.study_id or new_id("study")
        change.insert(
            "studies", study_id=study_id, name=self.name.strip(), kind=self.kind,
            question=self.question, notes=self.notes, simulated=self.simulated,
            settings=self.settings or {}, created=now(),
        )  # fmt: skip
        for condition in self.conditions or ():
            keep_condition(change.cursor, study_id, condition)
        return study_id


@command
class UpdateStudy:
    """Change what is given. ``conditions`` is the whole new list, in order."""

    study_id: str
    name: str | None = None
    kind: str | None = None
    question: str | None = None
    notes: str | None = None
    conditions: tuple[str, ...] | None = None
    settings: JsonObject | None = None

    def apply(self, change: Change) -> None:
        columns = given(
            name=self.name, kind=self.kind, question=self.question, notes=self.notes,
            settings=self.settings,
        )  # fmt: skip
        change.update(Study, self.study_id, **columns)
        if self.conditions is not None:
            change.cursor.execute("DELETE FROM conditions WHERE study_id = ?", [self.study_id])
            for condition in dict.fromkeys(self.conditions):
                keep_condition(change.cursor, self.study_id, condition)


@command
class StatePurpose:
    """Say what a study is for; Declined where the law forbids it."""

    study_id: str
    purpose: str
    exception: str | None = None
    reason: str = ""

    def apply(self, change: Change) -> None:
        stated = state(self.purpose, self.exception, self.reason)
        change.update(Study, self.study_id, purpose=asdict(stated))


@command
class DeleteStudy:
    """Remove a study with its stimuli and their markers; its sessions stay, without a study."""

    study_id: str

    def apply(self, change: Change) -> None:
        change.get(Study, self.study_id)
        erasure.ask(change.home)
        bound = {"study": self.study_id}
        change.cursor.execute(
            "UPDATE sessions SET study_id = NULL, stimulus_id = NULL, condition = NULL "
            "WHERE study_id = $study",
            bound,
        )
        for table in with_study():
            change.cursor.execute(f"DELETE FROM {table.name} WHERE {table.of_study}", bound)


@command
class AddStimulus:
    """Make a stimulus; returns its id."""

    title: str
    study_id: str | None = None
    path: str | None = None
    digest: str | None = None
    length_ms: int | None = None
    notes: str | None = None
    stimulus_id: str | None = None

    def apply(self, change: Change) -> str:
        if not self.title.strip():
            raise StoreError("A stimulus needs a title.", "Type at least one letter.")
        if self.study_id:
            change.get(Study, self.study_id)
        stimulus_id = self.stimulus_id or new_id("stimulus")
        change.insert(
            "stimuli", stimulus_id=stimulus_id, study_id=self.study_id, title=self.title.strip(),
            path=self.path, digest=self.digest, length_ms=self.length_ms, notes=self.notes,
            created=now(),
        )  # fmt: skip
        return stimulus_id


@command
class UpdateStimulus:
    """Change what is given."""

    stimulus_id: str
    title: str | None = None
    path: str | None = None
    digest: str | None = None
    length_ms: int | None = None
    notes: str | None = None

    def apply(self, change: Change) -> None:
        columns = given(
            title=self.title, path=self.path, digest=self.digest, length_ms=self.length_ms,
            notes=self.notes,
        )  # fmt: skip
        change.update(Stimulus, self.stimulus_id, **columns)


@command
class DeleteStimulus:
    """Remove a stimulus and its markers; its sessions stay, without a stimulus."""

    stimulus_id: str

    def apply(self, change: Change) -> None:
        change.get(Stimulus, self.stimulus_id)
        for sql in (
            "UPDATE sessions SET stimulus_id = NULL WHERE stimulus_id = ?",
            "DELETE FROM markers WHERE stimulus_id = ?",
            "DELETE FROM stimuli WHERE stimulus_id = ?",
        ):
            change.cursor.execute(sql, [self.stimulus_id])
