"""What a new store is given to look at: the demo study and the sample clip, as jobs of the queue.

They are queued once in a store's life, and only where it is empty; pages show them on their way.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fer_core.errors import Cancelled
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.kinds import Progress
from fer_core.storage import Store, open_store
from fer_core.storage.jobs import AddJob, Job, RequeueJob, UpdateJob
from fer_core.storage.settings import SetSetting
from fer_core.types import JobStatus

SAMPLE_NAME: Final = "Sample clip"
STUDY_TITLE: Final = "Demo study: simulated viewers of a 30 s ad"
#: Ids that are known beforehand: the store takes none of them twice.
STUDY_JOB: Final = "first-run-study"
SAMPLE_JOB: Final = "first-run-sample"
#: Whether both have been queued, also where they were dismissed since.
_QUEUED: Final = "first_run.queued"


def sample_path(home: Home) -> Path:
    """Where the sample clip lies: with the uploads, so that a page plays it, and deleting its
    session removes it."""
    return home.uploads / "sample-clip.mp4"


def queue_first_run(store: Store) -> list[Job]:
    """Queue both jobs in an empty store, or go on with a first run that was cut short.

    Returns those that run or wait. What was finished, dismissed, or stopped by a person is left
    as it is.
    """
    mine = _jobs(store)
    if not store.settings.get(_QUEUED):
        if not mine and not _is_empty(store):
            return []
        # whoever runs it draws the clip
        spec = AnalysisSpec.new(sample_path(store.home), kind="demo", name=SAMPLE_NAME)
        study = AddJob(kind="demo", spec={}, title=STUDY_TITLE, job_id=STUDY_JOB)
        sample = AddJob(
            kind="analyze",
            spec=spec.to_json(),
            title=spec.name,
            session_id=spec.session_id,
            job_id=SAMPLE_JOB,
        )
        for command in (study, sample):
            if command.job_id not in mine:
                store.run(command)
        store.run(SetSetting(name=_QUEUED, value=True))
    for job in mine.values():
        _go_on(store, job)
    return _active(store)


def under_way(store: Store) -> bool:
    """Whether a first run is waiting or at work."""
    return bool(_active(store))


def _active(store: Store) -> list[Job]:
    return [job for job in store.jobs.active() if job.job_id in (STUDY_JOB, SAMPLE_JOB)]


def _jobs(store: Store) -> dict[str, Job]:
    """The first run's jobs by id, those that were not dismissed."""
    found = store.jobs.list(kind=("demo", "analyze"), limit=1_000_000)
    return {job.job_id: job for job in found if job.job_id in (STUDY_JOB, SAMPLE_JOB)}


def _is_empty(store: Store) -> bool:
    store.sync()
    return not (store.sessions.count() or store.studies.list() or store.jobs.list(limit=1))


def _go_on(store: Store, job: Job) -> None:
    """Queue a job again that failed, or whose process and server were killed."""
    if job.status is JobStatus.RUNNING and store.is_owner:  # no other process looks after it
        folder = JobFolder.of(store.home, job.job_id)
        state = folder.state()
        if folder.alive() or (state is not None and state.status.over):
            return
        store.run(UpdateJob(job_id=job.job_id, status=JobStatus.FAILED))
    elif job.status is not JobStatus.FAILED:
        return
    store.run(RequeueJob(job_id=job.job_id))


def run_job(home: Home, spec: JsonObject, progress: Progress) -> Mapping[str, object]:
    """The job of kind ``demo``: the demo study and its film."""
    from fer_core.studies.demo import plant_demo  # SciPy and more, which queueing does not need

    def note(done: int, total: int) -> None:
        progress(done, total, "Simulating viewers")
        if progress.should_stop():
            raise Cancelled

    progress(0, None, "Drawing the film")
    with open_store(home) as store:
        study_id, added = plant_demo(store, with_film=True, on_progress=note)
    return {"study_id": study_id, "sessions_added": added}
