"""A job's folder: all that the worker, its supervisor and a restarted server agree on.

``spec.json`` is what to do, ``state.json`` how far it is, ``alive.lock`` is held for as
long as the worker lives, ``cancel`` asks it to stop, ``log.txt`` is what it printed. None
of it needs the store, so a worker outlives the process that started it.
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from fer_core import problems
from fer_core.errors import JobError
from fer_core.files import JsonObject, is_locked, lock_to_inherit, read_json, write_json
from fer_core.home import Home
from fer_core.storage.codec import check_text, field_types, from_json
from fer_core.text import whole_number
from fer_core.types import JobStatus

#: Names the file descriptor of ``alive.lock`` that a worker inherits, already locked.
LOCK_FD: Final = "RAPT_JOB_LOCK_FD"


@dataclass(frozen=True, slots=True)
class JobState:
    """How far a job is. ``total`` is None where nobody knows it."""

    status: JobStatus = JobStatus.RUNNING
    done: int = 0
    total: int | None = None
    rate: float = 0.0
    eta_s: float | None = None
    message: str = ""
    error: str = ""
    hint: str = ""
    t: float = field(default_factory=time.time)
    pid: int = 0
    result: JsonObject = field(default_factory=dict)

    def at(self, **changes: Any) -> JobState:
        """The state with these changes, as of now."""
        return replace(self, t=time.time(), **changes)


def _state_of(value: Any) -> JobState | None:
    """A state file's content. ValueError where it is none."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ValueError("it holds no job's state")
    check_text(value)
    hints = field_types(JobState)
    state = JobState(**{key: from_json(value[key], hints[key]) for key in hints if key in value})
    if not all(math.isfinite(_float(n)) for n in (state.done, state.total, state.rate, state.t)):
        raise ValueError("it holds a number that is none")
    return state


def _float(value: float | None) -> float:
    try:
        return float(value or 0)
    except OverflowError:
        return math.inf


@dataclass(frozen=True, slots=True)
class JobFolder:
    """The files of one job."""

    path: Path

    @classmethod
    def of(cls, home: Home, job_id: str) -> JobFolder:
        """The folder of a job, which need not exist yet."""
        return cls(home.job(job_id))

    @property
    def id(self) -> str:
        """The job's id."""
        return self.path.name

    @property
    def log(self) -> Path:
        """The file that the worker prints to."""
        return self.path / "log.txt"

    @property
    def home(self) -> Home:
        """The home that the job belongs to."""
        return Home(self.path.parent.parent)

    def write_spec(self, kind: str, spec: Mapping[str, object]) -> None:
        """Keep what the job is to do, for its worker."""
        # "job", not "kind": an analysis has a kind of its own, the session's
        write_json(self.path / "spec.json", {**spec, "job": kind})

    def spec(self) -> JsonObject:
        """What the job is to do, its kind under ``job``; JobError where nothing was written."""
        try:
            value = read_json(self.path / "spec.json")
        except ValueError as error:
            raise JobError(f"{self.path / 'spec.json'} is damaged: {error}.") from error
        if not isinstance(value, dict) or "job" not in value:
            raise JobError(f"There is no job in {self.path}.", "Start it again from the page.")
        return value

    def write_state(self, state: JobState) -> None:
        """Replace the state in one step."""
        write_json(self.path / "state.json", asdict(state))

    def state(self) -> JobState | None:
        """How far the job is; None before its worker has started.

        A damaged file is set aside: a worker that lives writes the next one at once.
        """
        path = self.path / "state.json"
        try:
            return _state_of(read_json(path))
        except ValueError as error:
            with contextlib.suppress(FileNotFoundError):  # another process was quicker
                problems.set_aside(self.home, path, error)
            return None

    def ask_to_stop(self) -> float:
        """Ask the worker to stop; the time of the first request."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "cancel").open("a"):
            pass
        return self.stop_asked() or time.time()

    def stop_asked(self) -> float | None:
        """When a person asked for the job to stop, or None."""
        try:
            return (self.path / "cancel").stat().st_mtime
        except FileNotFoundError:
            return None

    def clear(self) -> None:
        """Forget the last run's end, before the job runs again."""
        for name in ("cancel", "state.json"):
            path = self.path / name
            if path.is_dir():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)

    def last_words(self) -> str:
        """The line of the log that tells most about a worker that is gone."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, self.log.stat().st_size - 16_384))
                lines = log.read().decode("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return ""
        lines = [line.strip() for line in lines if line.strip()]
        # faulthandler's first line names the fault; the ones after it are addresses
        fatal = [line for line in lines if line.startswith("Fatal Python error")]
        return (fatal or lines or [""])[-1][:300]

    # -- the lock ---------------------------------------------------------------------

    def take_lock(self, wait_s: float = 0.2) -> int | None:
        """The locked descriptor, or None while a worker holds the lock.

        The worker inherits it, so that there is no moment between the supervisor's decision
        and the worker's first line at which the job looks dead. ``wait_s`` outlasts another
        process that only looks whether the worker is alive.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        return lock_to_inherit(self._lock, wait_s=wait_s)

    def alive(self) -> bool:
        """Whether a worker holds the lock."""
        return is_locked(self._lock)

    @property
    def _lock(self) -> Path:
        return self.path / "alive.lock"

    def write_pid(self, fd: int, pid: int) -> None:
        """Note the worker's process in the lock's file."""
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{pid}\n".encode(), 0)

    def pid(self) -> int | None:
        """The worker's process, from the lock's own content; only worth asking while alive."""
        try:
            text = self._lock.read_text().strip()
        except FileNotFoundError:
            return None
        return whole_number(text)
