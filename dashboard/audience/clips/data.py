"""What the page Clips needs: the moments of a study, its clips, and how far each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from fer_core.clips.job import KIND, clip_path, enqueue_clip
from fer_core.clips.moments import Moment, audience_of, moments, reel, response_of
from fer_core.clips.spec import ClipSpec
from fer_core.errors import RaptError, SettingsError
from fer_core.storage import Store
from fer_core.storage.jobs import Job
from fer_core.studies.membership import Study

COLUMNS: Final = ("show", "moment", "from", "to", "why")
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip that was asked for. ``path`` is there once it is done."""

    job: Job
    form: str
    path: Path | None

    @property
    def mime(self) -> str:
        return "image/gif" if self.form == "gif" else "video/mp4"


def chosen(store: Store, study: Study, of: str | None, measure: str, minimum: int) -> pd.DataFrame:
    """The moments as a table that a person may change; those of a reel are to be shown."""
    one = audience_of(study, of)
    found = response_of(store, study, one, measure, corrected=False, minimum=minimum)
    every = moments(store, study, found, one)
    best = reel(every)
    rows = [(one in best, one.name, one.from_ms / 1000, one.to_ms / 1000, one.why) for one in every]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def spans(table: pd.DataFrame) -> tuple[Moment, ...]:
    """The rows that are to be shown, in the film's order."""
    found = []
    for row in table[table["show"].fillna(False).astype(bool)].to_dict("records"):
        if pd.isna(row["from"]) or pd.isna(row["to"]):
            raise SettingsError("A moment has no beginning or no end.", "Write both in seconds.")
        name = "" if pd.isna(row["moment"]) else str(row["moment"])
        begin, end = round(1000 * float(row["from"])), round(1000 * float(row["to"]))
        found.append(Moment(name or "Moment", begin, end))
    return tuple(sorted(found, key=lambda one: one.from_ms))


def make(store: Store, spec: ClipSpec, title: str) -> str:
    """Queue a clip; the job's id."""
    return enqueue_clip(store, spec, title)


def clips(store: Store, study: Study) -> list[Clip]:
    """The clips of a study and of its sessions, the latest first."""
    sessions = set(study.sessions["session_id"])
    found = [
        job
        for job in store.jobs.list(kind=KIND, limit=_MOST)
        if job.spec.get("study") == study.study_id or job.session_id in sessions
    ]
    return [_clip(store, job) for job in sorted(found, key=lambda one: one.created, reverse=True)]


def _clip(store: Store, job: Job) -> Clip:
    form = str(job.spec.get("form") or "mp4")
    path = clip_path(store.home, job.job_id, form)
    return Clip(job, form, path if path.is_file() else None)


def recordings(study: Study) -> dict[str, str]:
    """Sessions of the study whose recording is still here, by id with their names."""
    rows: Sequence[dict[Any, Any]] = study.sessions.to_dict("records")
    return {
        str(row["session_id"]): str(row["name"])
        for row in rows
        if isinstance(row.get("path"), str) and Path(row["path"]).is_file()
    }


def cannot(store: Store, study: Study, of: str | None) -> str:
    """Why there can be no clip of this audience's film; "" where there can."""
    from fer_core.clips.render import film_of

    try:
        film_of(store, audience_of(study, of))
    except RaptError as error:
        return f"{error.message} {error.hint}".strip()
    return ""
