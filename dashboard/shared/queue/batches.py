"""Recordings that were given together, as one thing: how many are done, and for how long yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.shared.queue import jobs
from dashboard.shared.queue.jobs import Job
from fer_core.errors import StoreError
from fer_core.jobs import queue
from fer_core.storage import Store
from fer_core.storage.jobs import CancelJobs
from fer_core.storage.studies import Study
from fer_core.types import JobStatus

#: Rows of what ended that a page shows beside the queue.
MOST_SINGLE, MOST_BATCHES = 8, 3


@dataclass(frozen=True, slots=True)
class Batch:
    """Two or more recordings that were given together, in the order in which they came."""

    batch_id: str
    jobs: tuple[Job, ...]

    @property
    def active(self) -> bool:
        return any(job.active for job in self.jobs)

    @property
    def share(self) -> float:
        """Of the work, from 0 to 1: a recording counts as one, a running one by its share."""
        parts = (1.0 if job.status.over else job.share or 0.0 for job in self.jobs)
        return sum(parts) / len(self.jobs)

    @property
    def left_s(self) -> float | None:
        """Until the last of them is done; None where nobody knows."""
        ends = [job.ends_in_s for job in self.jobs if job.active]
        return None if None in ends else max((one for one in ends if one is not None), default=0.0)

    @property
    def study(self) -> str:
        """Id or name of the study that most of them belong to; "" where they belong to none."""
        named = Counter(job.study for job in self.jobs if job.study)
        return named.most_common(1)[0][0] if named else ""

    def count(self, *statuses: JobStatus) -> int:
        return sum(job.status in statuses for job in self.jobs)

    def having(self, *statuses: JobStatus) -> list[Job]:
        return [job for job in self.jobs if job.status in statuses]


@dataclass(frozen=True, slots=True)
class Board:
    """The queue as a page shows it: batches, and recordings that were given alone."""

    under_way: tuple[Batch, ...]
    waiting: tuple[Job, ...]
    finished: tuple[Batch, ...]
    over: tuple[Job, ...]

    @property
    def count(self) -> int:
        """Recordings that run or wait."""
        return len(self.waiting) + sum(job.active for one in self.under_way for job in one.jobs)


def board(store: Store) -> Board:
    """What is under way, and what ended. A job that ends between the two looks has ended."""
    active, ended = jobs.active(store), jobs.over(store)
    gone = {job.job_id for job in ended}
    active = jobs.timed([job for job in active if job.job_id not in gone], ended)
    found = batches([*active, *ended])
    grouped = {job.job_id for one in found for job in one.jobs}
    return Board(
        under_way=tuple(one for one in reversed(found) if one.active),
        waiting=tuple(job for job in active if job.job_id not in grouped),
        finished=tuple([one for one in found if not one.active][:MOST_BATCHES]),
        over=tuple([job for job in ended if job.job_id not in grouped][:MOST_SINGLE]),
    )


def batches(found: Iterable[Job]) -> list[Batch]:
    """Jobs by the batch they came in, the newest batch first; one alone is no batch."""
    together: dict[str, list[Job]] = {}
    for job in found:
        if job.batch:
            together.setdefault(job.batch, []).append(job)
    made = [
        Batch(batch_id, tuple(sorted(members, key=lambda job: job.created)))
        for batch_id, members in together.items()
        if len(members) > 1
    ]
    return sorted(made, key=lambda one: one.jobs[0].created, reverse=True)


def study_of(store: Store, batch: Batch) -> Study | None:
    """The study that a batch belongs to, where there is one already."""
    try:
        return store.studies.get(batch.study) if batch.study else None
    except StoreError:
        return None  # made when the first of its recordings starts, or deleted since


def cancel(store: Store, given: Sequence[Job]) -> None:
    store.run(CancelJobs(job_ids=tuple(job.job_id for job in given)))


def resume(store: Store, given: Sequence[Job]) -> None:
    """Queue again what was stopped or failed, in its old order."""
    for job in given:
        queue.resume(store, job.job_id)


def dismiss(store: Store, given: Sequence[Job]) -> None:
    for job in given:
        jobs.dismiss(store, job.job_id)
