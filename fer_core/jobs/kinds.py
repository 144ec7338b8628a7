"""The kinds of jobs, one row each. A kind's module is imported only by the worker that runs it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from fer_core.errors import JobError
from fer_core.files import JsonObject
from fer_core.home import Home


class Progress(Protocol):
    """How a kind tells how far it is, and hears that it should stop."""

    @property
    def job_id(self) -> str:
        """The job's own id."""

    def __call__(self, done: int, total: int | None = None, message: str = "") -> None: ...

    def should_stop(self) -> bool:
        """Whether a person, or a signal, asked for the job to stop."""


#: Runs one job: (home, spec, progress) → a result for state.json.
Kind = Callable[[Home, JsonObject, Progress], Mapping[str, object]]

KINDS: Final = {
    "analyze": "fer_core.jobs.analysis:run_job",
    "spark": "fer_core.batch.spark:run_job",
    "demo": "fer_core.first_run:run_job",
    "train": "fer_core.jobs.training:run_job",
    "look": "fer_core.jobs.data_inspection:run_job",
    "evaluate": "fer_core.jobs.evaluation:run_job",
    "map": "fer_core.jobs.evaluation:run_map_job",
    "clip": "fer_core.clips.job:run_job",
    "backup": "fer_core.keeping.upkeep:back_up_job",
    "retention": "fer_core.keeping.upkeep:retention_job",
}


def known(name: str) -> None:
    """Refuse a kind that is not in the table."""
    if name not in KINDS:
        raise JobError(f"There is no job of kind {name!r}.", f"Known: {', '.join(sorted(KINDS))}.")


def kind(name: str) -> Kind:
    """The function that runs jobs of this kind."""
    known(name)
    module, _, function = KINDS[name].partition(":")
    run: Kind = getattr(importlib.import_module(module), function)
    return run
