"""What lies directly in a home: a row a file or folder, with how it is kept, backed up, forgotten.

``Home`` takes the names it protects from here; backups take what they hold. What has no row is
found by ``tests/test_registries.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class InBackup(StrEnum):
    """Whether a backup holds a place."""

    ALWAYS = "always"
    WHOLE = "whole"  # only one that was asked for recordings and data sets as well
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder of the home. ``name`` may be a pattern."""

    name: str
    holds: str
    forget: str  # what *forget for good* does with it
    kept: str  # how long it stays by itself
    backup: InBackup = InBackup.NEVER


PLACES: Final = (
    Place("rapt.duckdb", "the store", "its rows go, then the file is written anew",
          "until its rows are deleted (fer_core.storage.tables)", InBackup.ALWAYS),
    Place("rapt.duckdb.wal", "changes since the last checkpoint", "emptied by writing anew",
          "until the next checkpoint"),
    Place("rapt.before-*", "the store before an update", "removed", "until something is deleted"),
    Place("sessions", "session.json, timeline shards, faces kept for review",
          "the session's folder is removed; of one viewer: shards and faces",
          "shards 15 minutes after the end; faces as long as retention.faces_days says",
          InBackup.ALWAYS),
    Place("archive", "timelines of old sessions as Parquet files, by study and month",
          "the session's file is removed; of one viewer: its rows are taken back, then removed",
          "until its session is deleted or taken back", InBackup.ALWAYS),
    Place("archive.lock", "held while the archive is copied", "holds nothing of it", "for ever"),
    Place("uploads", "recordings and stimulus films that came through a page",
          "the session's recording and the study's films are removed",
          "as long as retention.uploads_days and retention.films_days say", InBackup.WHOLE),
    Place("models", "models that were trained or fetched here",
          "stay: no picture can be taken out of one", "until deleted", InBackup.ALWAYS),
    Place("runs", "trainings: checkpoints, figures, a few faces as examples",
          "examples of runs with own labels are removed", "until deleted", InBackup.WHOLE),
    Place("data-sets", "data sets that were added on a page", "stay: they are not of a session",
          "until deleted", InBackup.WHOLE),
    Place("jobs", "what jobs are to do, how far they are, what they printed",
          "the session's jobs are removed", "until the job or its session is deleted"),
    Place("spark", "what a Spark cluster is to analyse, and parts of timelines",
          "the session's folder is removed", "until the session is in the store"),
    Place("inbox", "commands that wait for the store's owner", "none is left waiting",
          "until carried out"),
    Place("cache", "what can be made again", "copies of labelled faces are removed",
          "until it is out of date"),
    Place("problems", "notes on what is damaged", "notes on what is gone are removed",
          "until mended or gone"),
    Place("backups", "copies of the store and of what belongs to it",
          "rewritten without it, or dropped", "as many as backup.keep says"),
    Place("forgotten.json", "ids of what was forgotten for good", "grows by the ids", "for ever"),
    Place("restored", "a backup that is just being put in place", "replayed before it is used",
          "seconds"),
    Place("damaged-*", "a store that could not be opened, set aside by recovery", "removed",
          "until a person or *forget for good* removes it"),
    Place("rapt.duckdb.wal.sum", "the log's length and checksum", "holds nothing of it",
          "until the next checkpoint"),
    Place("owner.*", "who owns the store", "holds nothing of it", "while a process runs"),
    Place("tls", "the certificate of this machine", "holds nothing of it", "until it ends"),
    Place("audit", "who saw, exported and deleted what, by ids", "stays: it names nobody",
          "as long as audit.keep_days says"),
    Place("oidc.toml", "how people log in elsewhere", "holds nothing of it", "until removed"),
    Place("slides.*", "the template and logo of slides, put there by a person",
          "holds nothing of it", "until removed", InBackup.ALWAYS),
    Place("api-tokens.json", "digests of the tokens that programs use", "holds nothing of it",
          "until revoked; never in a backup: a revoked one must not come back"),
    Place("share-key", "what signs the links of shared reports", "holds nothing of it",
          "until removed, which ends all of them; never in a backup"),
    Place("webhooks", "addresses that are told when something is done, what they answered",
          "stays: it names ids alone",
          "the last 500 deliveries; never in a backup: it holds secrets"),
    Place("start-token", "what lets a browser in", "holds nothing of it", "until removed"),
    Place("served.json", "where the dashboard answers", "holds nothing of it", "while it runs"),
    Place("open.html", "the address for a browser", "holds nothing of it", "until the next one"),
    Place("erase-pending", "that something is to be erased", "holds nothing of it",
          "until it is erased"),
)  # fmt: skip
