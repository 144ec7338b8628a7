"""A study's film and recordings as its set-up takes them in and assigns them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dashboard.audience.analyze.data import drop
from dashboard.shared.queue import batches, jobs
from dashboard.shared.web.upload.uploads import Arrived
from fer_core.errors import SettingsError, StoreError
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.queue import Belongs
from fer_core.storage import Store
from fer_core.storage.studies import AddStimulus, Study
from fer_core.studies.membership import MOST_SESSIONS
from fer_core.text import count
from fer_core.video import probe

#: What an upload says that it is for.
FOR_FILM: Final = "film"
#: The columns of a list of sessions that make a ``Recording``.
_SHOWN: Final = ("session_id", "name", "status", "stimulus", "condition", "respondent")


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording of a study, analysed or waiting; "" where nothing is said yet."""

    session_id: str
    name: str
    state: str
    stimulus: str = ""
    condition: str = ""
    respondent: str = ""


def take_film(_home: Home, store: Store, arrived: Arrived) -> JsonObject:
    """Make a film that was dropped a stimulus of its study, unless it is one already."""
    study = store.studies.get(str(arrived.options.get("study") or ""))
    for known in store.studies.stimuli(study.study_id):
        if known.digest == arrived.digest:
            if known.path != str(arrived.path):
                drop(arrived.path)
            return {"name": known.title, "stimulus_id": known.stimulus_id, "duplicate": False}
    info = probe(arrived.path)
    if info.is_picture:
        raise SettingsError(f"{arrived.name} is a picture.", "Drop the film that was watched.")
    title = Path(arrived.title or arrived.name).stem
    stimulus_id = store.run(
        AddStimulus(
            title=title,
            study_id=study.study_id,
            path=str(arrived.path),
            digest=arrived.digest,
            length_ms=round(info.duration_ms),
        )
    )
    return {"name": title, "stimulus_id": stimulus_id, "duplicate": False}


def recordings(store: Store, study: Study) -> list[Recording]:
    """A study's recordings in the order in which they came; those that wait are last."""
    rows = store.sessions.list(study_id=study.study_id, limit=MOST_SESSIONS)
    known = rows.astype(object).where(rows.notna(), "").iloc[::-1]
    found = [
        Recording(*(str(row[column]) for column in _SHOWN))
        for row in known[list(_SHOWN)].to_dict("records")
    ]
    there = {one.session_id for one in found}
    titles = {one.stimulus_id: one.title for one in store.studies.stimuli(study.study_id)}
    for job in store.jobs.active():
        spec = job.spec
        if job.session_id in there or spec.get("study") not in (study.study_id, study.name):
            continue
        stimulus = str(spec.get("stimulus") or "")
        found.append(
            Recording(
                str(job.session_id),
                str(spec.get("name") or job.title),
                "waiting",
                titles.get(stimulus, stimulus),
                str(spec.get("condition") or ""),
                str(spec.get("respondent") or ""),
            )
        )
    return found


def summary(found: Sequence[Recording]) -> str:
    """«30 recordings: 15 in A, 14 in B, 1 without a condition»."""
    if not found:
        return "No recordings yet"
    sides = Counter(one.condition for one in found if one.condition)
    parts = [f"{number} in {name}" for name, number in sorted(sides.items())]
    if without := len(found) - sides.total():
        parts.append(f"{without} without a condition")
    return f"{count(len(found), 'recording')}: {', '.join(parts)}"


def assign(
    store: Store, study: Study, said: Mapping[str, Mapping[str, str]]
) -> tuple[int, list[str]]:
    """Store what is said of recordings by their id; how many, and what could not be done."""
    done, problems = 0, []
    for session_id, fields in said.items():
        given: Belongs = {"study": study.study_id}
        for field in ("stimulus", "condition", "respondent"):
            if text := fields.get(field):
                given[field] = as_known(text, study.conditions) if field == "condition" else text
        try:
            queue.assign(store, session_id, **given)
        except StoreError as error:
            problems.append(str(error))
        else:
            done += 1
    return done, problems


def as_known(value: str, known: Iterable[str]) -> str:
    """«b» in a name is the condition «B», where there is one."""
    return next((one for one in known if one.casefold() == value.casefold()), value)


def add_batch(store: Store, study_id: str, batch_id: str) -> int:
    """Put the recordings of a batch into a study; how many there were."""
    found = batches.batches([*jobs.active(store), *jobs.over(store)])
    wanted = [job for one in found if one.batch_id == batch_id for job in one.jobs]
    for job in wanted:
        queue.assign(store, str(job.session_id), study=study_id)
    return len(wanted)
