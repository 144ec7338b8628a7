"""One job in a process of its own: ``python -m fer_core.jobs.worker JOB_FOLDER``.

With ``--stand SOCKET`` it is one of a pool (fer_core.jobs.pool) and works on one job after the
other. A thread writes ``state.json`` twice a second and looks for the ``cancel`` file, whatever
the work itself is busy with. The process holds the job's ``alive.lock`` until the job is over.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import Any, Final

from fer_core.errors import Cancelled, RaptError, disk_full
from fer_core.home import PRIVATE
from fer_core.jobs.folder import LOCK_FD, JobFolder, JobState
from fer_core.jobs.kinds import kind
from fer_core.jobs.pool import READY, STAND
from fer_core.memory import MOST_BYTES, held, limit_hard
from fer_core.types import JobStatus

#: Long work gives way to the page that a person looks at.
NICE = 10
WRITE_EVERY_S: Final = 0.5
LOOK_EVERY_S: Final = 0.1
#: The rate is an average over about this long.
RATE_OVER_S: Final = 5.0
#: A worker of a pool that holds more than this after a job makes room for a new one.
TOO_LARGE_BYTES: Final = 1 << 30
#: Kinds that read files of strangers; trainings take what they need.
_LIMITED: Final = ("analyze",)
_SMALLER: Final = "Make a smaller copy, 1920 pixels wide or less, and analyse that."


class Reporter:
    """Progress of one job, written by a thread of its own."""

    def __init__(self, folder: JobFolder, most_bytes: int | None = None) -> None:
        self.job_id = folder.id
        self._most_bytes = most_bytes
        self._folder = folder
        self._lock = threading.Lock()
        self._state = JobState(pid=os.getpid(), message="Starting")
        self._marks: list[tuple[float, int]] = []
        self._stop = threading.Event()
        self._over = threading.Event()
        self.signalled: str | None = None
        self._write()
        self._thread = threading.Thread(target=self._run, name="state", daemon=True)
        self._thread.start()

    def __call__(self, done: int, total: int | None = None, message: str = "") -> None:
        now = time.monotonic()
        with self._lock:
            self._marks.append((now, done))
            while len(self._marks) > 2 and now - self._marks[0][0] > RATE_OVER_S:
                self._marks.pop(0)
            (first, before) = self._marks[0]
            rate = (done - before) / (now - first) if now > first else 0.0
            left = max(0, total - done) / rate if total is not None and rate > 0 else None
            self._state = self._state.at(
                done=done,
                total=total,
                rate=round(rate, 2),
                eta_s=None if left is None else round(left, 1),
                message=message,
            )

    def should_stop(self) -> bool:
        """Whether a person, or a signal, asked for the job to stop."""
        return self._stop.is_set()

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Handle SIGTERM and SIGINT: ask the work to stop."""
        self.signalled = signal.Signals(number).name
        self._stop.set()

    def finish(self, status: JobStatus, **changes: Any) -> None:
        """The last state. Nothing is written after it."""
        self._over.set()
        self._thread.join()
        with self._lock:
            self._state = self._state.at(status=status, eta_s=None, message="", **changes)
        self._write()

    def _run(self) -> None:
        written = time.monotonic()
        while not self._over.wait(LOOK_EVERY_S):
            if self._folder.stop_asked() is not None:
                self._stop.set()
            if self._most_bytes is not None and held() > self._most_bytes:
                self._give_up(self._most_bytes)
            if time.monotonic() - written >= WRITE_EVERY_S:
                with self._lock:
                    self._state = self._state.at()
                self._write()
                written = time.monotonic()

    def _give_up(self, most: int) -> None:
        """End the process at once: the work cannot be asked, it is deep in a library."""
        with self._lock:
            self._state = self._state.at(
                status=JobStatus.FAILED,
                eta_s=None,
                message="",
                error=f"The recording takes more than {most / (1 << 30):.0f} GB of memory.",
                hint=_SMALLER,
            )
            self._write()
            os._exit(1)

    def _write(self) -> None:
        self._folder.write_state(self._state)


def work(folder: JobFolder) -> JobState:
    """Run the job in this folder to its end, and say how it ended."""
    limited = _is_limited(folder)
    if limited:
        limit_hard()
    report = Reporter(folder, MOST_BYTES if limited else None)
    signal.signal(signal.SIGTERM, report.on_signal)
    signal.signal(signal.SIGINT, report.on_signal)
    try:
        spec = folder.spec()
        result = kind(str(spec["job"]))(folder.home, spec, report)
    except Cancelled:
        if report.signalled and folder.stop_asked() is None:
            report.finish(
                JobStatus.FAILED,
                error=f"The job was stopped from outside ({report.signalled}).",
                hint="Resume it: it goes on where it stopped.",
            )
        else:
            report.finish(JobStatus.CANCELLED)
    except RaptError as error:
        traceback.print_exc()
        report.finish(JobStatus.FAILED, error=error.message, hint=error.hint)
    except MemoryError:
        traceback.print_exc()
        report.finish(
            JobStatus.FAILED,
            error="There was no memory left for this job.",
            hint=_SMALLER if limited else "Close other programs and resume it.",
        )
    except OSError as error:
        traceback.print_exc()
        full = disk_full(error)
        report.finish(
            JobStatus.FAILED,
            error="The disk is full." if full else f"{error.strerror or error}.",
            hint="Make room and resume it." if full else f"The job's log has more: {folder.log}",
        )
    except Exception as error:  # noqa: BLE001 - the process's edge: its last state says why
        traceback.print_exc()
        report.finish(
            JobStatus.FAILED,
            error=f"Unexpected {type(error).__name__}: {' '.join(str(error).split())}",
            hint=f"The job's log has more: {folder.log}",
        )
    else:
        report.finish(JobStatus.DONE, result=result)
    state = folder.state()
    assert state is not None  # finish has just written it
    return state


def _is_limited(folder: JobFolder) -> bool:
    try:
        return folder.spec().get("job") in _LIMITED
    except RaptError:
        return False  # there is nothing to work on, and ``work`` will say so


def main(argv: list[str] | None = None) -> int:
    """Work on the job whose folder is named; the process's exit code."""
    args = sys.argv[1:] if argv is None else argv
    if len(args) == 2 and args[0] == STAND:
        return stand(int(args[1]))
    if len(args) != 1:
        sys.stderr.write("usage: python -m fer_core.jobs.worker JOB_FOLDER\n")
        return 1
    folder = JobFolder(Path(args[0]).resolve())
    inherited = os.environ.pop(LOCK_FD, None)
    fd = int(inherited) if inherited else folder.take_lock()
    if fd is None:
        sys.stderr.write(f"Job {folder.id} is already being worked on.\n")
        return 1
    os.set_inheritable(fd, False)
    folder.write_pid(fd, os.getpid())
    _begin()
    return 0 if work(folder).status == JobStatus.DONE else 1


def _begin() -> None:
    """What every worker does before its first job."""
    faulthandler.enable()
    os.umask(PRIVATE)
    os.nice(NICE)


def stand(fd: int) -> int:
    """Work on one job after the other, as they come over a socket, until it is closed."""
    link = socket.socket(fileno=fd)
    link.set_inheritable(False)
    _begin()
    while True:
        job = _next_job(link)
        if job is None:
            return 0
        folder, lock = job
        _print_to(folder.log)
        folder.write_pid(lock, os.getpid())
        work(folder)
        _print_to(Path(os.devnull))
        os.close(lock)
        if held() > TOO_LARGE_BYTES:
            return 0  # what one recording has taken is not held for all that follow
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        try:
            link.sendall(READY)
        except ConnectionError:
            return 0


def _next_job(link: socket.socket) -> tuple[JobFolder, int] | None:
    """The next job's folder and its lock, as a descriptor; None when the socket is closed."""
    try:
        text, locks, _, _ = socket.recv_fds(link, 8192, 1)
        while text and not text.endswith(b"\n"):
            more = link.recv(8192)
            text = text + more if more else b""
    except ConnectionError:
        return None
    return (JobFolder(Path(os.fsdecode(text[:-1]))), locks[0]) if text and locks else None


def _print_to(path: Path) -> None:
    """Have whatever is printed, by any library, go to the end of a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    with path.open("ab") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)


if __name__ == "__main__":
    sys.exit(main())
