"""Every table of the store, one row each: what is removed with what, how long it stays, backups.

Deleting and forgetting read their conditions from here, restoring the columns with paths. A table
without a row is found by ``tests/test_registries.py``. The order is that of removal: what names
another table's rows comes before that table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_OF_SESSION: Final = "session_id = $session"
_ROWS: Final = "that viewer's rows are removed"
_ANEW: Final = "made anew from what is left"
#: A respondent's answers go with the last of their recordings.
_LAST_OF_RESPONSE: Final = (
    "response_id IN (SELECT s.response_id FROM showings s WHERE s.session_id = $session AND "
    "NOT EXISTS (SELECT 1 FROM showings o WHERE o.response_id = s.response_id "
    "AND o.session_id <> $session))"
)
#: A report goes with each of the sessions that it shows.
_SHARED: Final = "contains(sessions, '\"' || $session || '\"')"
_LINKS: Final = "link_id IN (SELECT link_id FROM links WHERE study_id = $study)"


@dataclass(frozen=True, slots=True)
class Table:
    """A table. The conditions choose the rows that go with a session and with a study."""

    name: str
    holds: str
    of_session: str | None = None
    of_viewer: str = ""  # what forgetting one viewer does; "": nothing, it names none
    of_study: str | None = None
    kept: str = "until deleted"
    backup: bool = True  # False: emptied in a backup's copy
    paths: tuple[str, ...] = ()  # columns with absolute paths, alone or within JSON


TABLES: Final = (
    Table("timeline", "a row a face and frame", _OF_SESSION, _ROWS),
    Table("archived", "whose timelines lie in files below archive/", _OF_SESSION),
    Table("frames", "when each frame was, and how many faces it has", _OF_SESSION, _ANEW),
    Table("seconds", "a row a viewer and second", _OF_SESSION, _ANEW),
    Table("viewer_edits", "corrections of viewers by hand", _OF_SESSION, _ROWS),
    Table("viewers", "which tracked viewer is shown as whom", _OF_SESSION, _ANEW),
    Table("exclusions", "spans of tracked viewers that do not count", _OF_SESSION, _ANEW),
    Table("left_out", "the same by shown viewer", _OF_SESSION, _ANEW),
    Table("labels", "what people said of faces", _OF_SESSION, _ROWS, paths=("source",)),
    Table("ingested", "which shards were taken", _OF_SESSION),
    Table("jobs", "the queue", _OF_SESSION, paths=("spec",)),
    Table("feedback", "answers to recommendations", _OF_SESSION),
    Table("markers", "moments of sessions and stimuli", _OF_SESSION,
          of_study="stimulus_id IN (SELECT stimulus_id FROM stimuli WHERE study_id = $study)"),
    Table("answers", "what respondents answered", _LAST_OF_RESPONSE, of_study=_LINKS),
    Table("ratings", "what respondents told by the second", _OF_SESSION, of_study=(
        "session_id IN (SELECT session_id FROM showings WHERE "
        "link_id IN (SELECT link_id FROM links WHERE study_id = $study))")),
    Table("showings", "which film a respondent's recording is of", _OF_SESSION, of_study=_LINKS),
    Table("shares", "reports shared by a link, as they were then", _SHARED,
          "those that show its session are removed", of_study="study_id = $study",
          kept="until their links end", backup=False),
    Table("responses", "respondents of links, with their consent", of_study=_LINKS),
    Table("sessions", "recordings and their numbers", _OF_SESSION,
          "counted anew; its recording is removed", paths=("path",)),
    Table("links", "respondents' links", of_study="study_id = $study"),
    Table("courses", "what respondents will go through", of_study="study_id = $study"),
    Table("stimuli", "what studies show", of_study="study_id = $study", paths=("path",)),
    Table("conditions", "studies' groups", of_study="study_id = $study"),
    Table("study_people", "to whom studies are limited", of_study="study_id = $study"),
    Table("studies", "studies", of_study="study_id = $study"),
    Table("deletions", "ids of deleted sessions", paths=("upload",)),
    Table("receipts", "what was removed and why, by ids"),
    Table("orders", "commands that were carried out", kept="30 days", backup=False),
    Table("settings", "settings", kept="until changed", paths=("value",)),
    Table("models", "models made or fetched here", paths=("path",)),
    Table("training_runs", "trainings", paths=("settings", "data")),
    Table("epochs", "figures of trainings"),
    Table("evaluations", "models measured", paths=("data", "report")),
    Table("predictions", "what models said of data sets' faces"),
    Table("items", "what can be recommended"),
    Table("users", "who may log in, as what"),
    Table("logins", "who is logged in", kept="until it expires or is ended", backup=False),
    Table("migrations", "which steps the tables have had", kept="for ever"),
)  # fmt: skip

BY_NAME: Final = {table.name: table for table in TABLES}


def with_session() -> tuple[Table, ...]:
    """The tables whose rows go with a session, in the order of removal."""
    return tuple(table for table in TABLES if table.of_session)


def of_one_session() -> tuple[Table, ...]:
    """The tables each of whose rows belongs to one session."""
    return tuple(table for table in TABLES if table.of_session == _OF_SESSION)


def with_study() -> tuple[Table, ...]:
    """The tables whose rows go with a study."""
    return tuple(table for table in TABLES if table.of_study)
