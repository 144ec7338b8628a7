"""Standing worker processes: each works on one job after the other and keeps its models.

A worker is handed a job's folder and the lock on it over a socket, and answers with one byte
when it is ready for the next. It outlives whoever started it by the job that it works on: when
the socket closes it ends.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import IO, Final

from fer_core.jobs.folder import LOCK_FD, JobFolder
from fer_core.machine import cores
from fer_core.memory import available

#: What a worker that analyses 640×360 holds (docs/benchmarks/batch.md).
WORKER_BYTES: Final = 320 << 20
#: Left to everything else on the machine.
SPARED_BYTES: Final = 512 << 20
#: How a worker is told that it stands in a pool; the socket's number follows.
STAND: Final = "--stand"
READY: Final = b"."
ENDS_WITHIN_S: Final = 5.0
#: The command that works on the job whose folder follows it.
WORKER: Final = (sys.executable, "-m", "fer_core.jobs.worker")


def most_workers() -> int:
    """As many analyses at once as there are cores, and memory for; at least one."""
    room = available()
    fitting = cores() if room is None else (room - SPARED_BYTES) // WORKER_BYTES
    return max(1, min(cores(), fitting))


@dataclass(slots=True)
class _Member:
    process: subprocess.Popen[bytes]
    link: socket.socket
    job_id: str | None = None


class WorkerPool:
    """At most ``most`` workers of the same command, started when there is work for them."""

    def __init__(self, worker: Sequence[str], most: int) -> None:
        self.most = most
        self._worker = tuple(worker)
        self._members: list[_Member] = []
        self._codes: dict[str, int] = {}  # of jobs whose worker ended in the middle

    def has_room(self) -> bool:
        """Whether a job would begin at once."""
        self._look()
        if not self._members or any(member.job_id is None for member in self._members):
            return True
        room = available()
        return len(self._members) < self.most and (room is None or room > WORKER_BYTES)

    def begin(self, folder: JobFolder, lock_fd: int) -> None:
        """Hand a job to a worker that waits, or to a new one."""
        for member in [member for member in self._members if member.job_id is None]:
            try:
                self._hand(member, folder, lock_fd)
            except OSError:
                continue  # it has just ended, and is taken note of at the next look
            return
        self._hand(self._start(), folder, lock_fd)

    @staticmethod
    def _hand(member: _Member, folder: JobFolder, lock_fd: int) -> None:
        socket.send_fds(member.link, [f"{folder.path}\n".encode()], [lock_fd])
        member.job_id = folder.id

    def code(self, job_id: str) -> int | None:
        """The exit code of a worker that ended in the middle of a job; None: nobody knows it."""
        for member in [member for member in self._members if member.job_id == job_id]:
            # the lock goes a moment before the process is ready to be reaped
            with contextlib.suppress(subprocess.TimeoutExpired):
                return member.process.wait(ENDS_WITHIN_S)
        return self._codes.pop(job_id, None)

    def wait(self, wait_s: float) -> None:
        """Until a worker has something to say, or the time is over."""
        wait([member.link for member in self._members], wait_s)

    def close(self) -> None:
        """Let every worker go: at once where it waits, else after its job."""
        for member in self._members:
            member.link.close()
        self._members.clear()

    def _look(self) -> None:
        """Take note of who is ready again, and of who is gone."""
        heard = wait([member.link for member in self._members], 0)
        for member in [member for member in self._members if member.link in heard]:
            try:
                said = member.link.recv(64)
            except ConnectionError:
                said = b""
            if not said:
                self._bury(member)
            member.job_id = None

    def _bury(self, member: _Member) -> None:
        member.link.close()
        self._members.remove(member)
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = member.process.wait(ENDS_WITHIN_S)
            if member.job_id is not None:
                self._codes[member.job_id] = code

    def _start(self) -> _Member:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [*self._worker, STAND, str(theirs.fileno())]
            process = _spawn(command, subprocess.DEVNULL, theirs.fileno(), {}, self.most)
        member = _Member(process, ours)
        self._members.append(member)
        return member


def start_worker(
    folder: JobFolder, lock_fd: int, worker: Sequence[str] = WORKER
) -> subprocess.Popen[bytes]:
    """A worker for one job, with the job's lock in its hand."""
    with folder.log.open("ab") as out:
        return _spawn([*worker, str(folder.path)], out, lock_fd, {LOCK_FD: str(lock_fd)}, 1)


def _spawn(
    command: Sequence[str], out: int | IO[bytes], fd: int, more: dict[str, str], beside: int
) -> subprocess.Popen[bytes]:
    """A process in a session of its own that inherits ``fd``; ``beside``: how many run at once."""
    threads = str(max(1, cores() // max(1, beside)))
    environment = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads),
        **more,
    }
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=[fd],
        env=environment,
        cwd=Path(__file__).resolve().parents[2],
    )
