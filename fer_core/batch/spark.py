"""The job of kind ``spark``: recordings analysed by the executors of a Spark cluster.

Every task is a piece of a recording, every Python worker keeps its detector and model. Rows go to
the shared folder, not through Spark: what comes back is how many frames each task had.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from fer_core.batch.gather import gather
from fer_core.batch.pieces import Asked, SharedRecording, analyse_piece
from fer_core.errors import Cancelled, JobError, RaptError
from fer_core.faces.networks import load_networks
from fer_core.files import JsonObject, lock
from fer_core.home import Home
from fer_core.jobs.kinds import Progress
from fer_core.memory import limit_hard

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import SparkSession

LOOK_EVERY_S: Final = 0.5
#: Where the models and the detector's networks lie in the shared folder, for all executors.
NETWORKS: Final = "networks"
RESULT: Final = "session_id string, piece string, frames long, seconds double, host string"
#: Rows do not go through Spark, so Java only starts tasks: compiling its code well, with threads of
#: its own, would take 16 s of a core from them (18 s instead of 34 s for the first job).
_JAVA: Final = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run_job(home: Home, spec: JsonObject, progress: Progress) -> Mapping[str, object]:
    """Analyse the recordings of a batch; which of them failed, and why."""
    shared = Path(str(spec["shared"]))
    shared.mkdir(parents=True, exist_ok=True)
    held = lock(shared / "lock")
    if held is None:
        raise JobError(f"Another batch works in {shared} now.", "Wait for it, or take another.")
    try:
        progress(0, None, "Starting Spark")
        _share_networks(home, shared)
        session = open_session(str(spec["master"]), cast(Mapping[str, str], spec["conf"]))
        try:
            return _Cluster(home, shared, session, progress).run(
                cast(Sequence[str], spec["recordings"])
            )
        finally:
            session.stop()
    finally:
        held.release()


def open_session(master: str, conf: Mapping[str, str]) -> SparkSession:
    """The session; ``conf`` has the last word on every setting."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise JobError("Spark is not installed.", "pip install 'rapt[spark]'") from error
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        raise JobError("Spark needs Java 17 or later.", "Install openjdk-17-jre-headless.")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.update({name: "1" for name in _THREADS if name not in os.environ})
    local = re.fullmatch(r"local\[(\d+|\*)\]", master)
    builder = SparkSession.builder.appName("Rapt")
    settings = {
        # a film that ends its worker is tried again there as on a cluster
        "spark.master": f"local[{local[1]},8]" if local else master,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.task.maxFailures": "8",
        "spark.driver.defaultJavaOptions": _JAVA,
        "spark.executor.defaultJavaOptions": _JAVA,
        **{f"spark.executorEnv.{name}": "1" for name in _THREADS},
        **{
            f"spark.executorEnv.{name}": os.environ[name]
            for name in ("PYTHONPATH",)
            if name in os.environ
        },
        **conf,
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        session: SparkSession = builder.getOrCreate()
    except Exception as error:  # Java's own, of any class
        raise JobError(
            f"Spark at {master} cannot be reached: {_first_line(error)}",
            "Check the address, and that Java 17 or later is installed.",
        ) from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def _share_networks(home: Home, shared: Path) -> None:
    """Models of this home, and the detector's networks, for machines that do not see the home."""
    target = Home(shared / NETWORKS)
    load_networks(home.cache)
    if home.models.is_dir():
        shutil.copytree(home.models, target.models, dirs_exist_ok=True)
    for folder in home.cache.glob("mtcnn-*"):
        shutil.copytree(folder, target.cache / folder.name, dirs_exist_ok=True)


class _Cluster:
    """The recordings of one job, while the executors work on them."""

    def __init__(self, home: Home, shared: Path, session: SparkSession, progress: Progress) -> None:
        self._home = home
        self._shared = shared
        self._session = session
        self._progress = progress
        self._open: dict[str, tuple[SharedRecording, Asked]] = {}
        self._failed: dict[str, str] = {}
        self._frames = 0  # of recordings that are over
        self._told = 0

    def run(self, recordings: Sequence[str]) -> Mapping[str, object]:
        """All of them, in as many rounds as seams need."""
        for session_id in recordings:
            recording = SharedRecording(self._shared / session_id)
            asked = recording.asked()
            if asked is not None:
                self._open[session_id] = recording, asked
                self._drop_failed(recording, asked)
        total = len(self._open)
        executors: set[str] = set()
        with ThreadPoolExecutor(1, "spark") as pool:
            while self._open:
                tasks = self._tasks()
                job = pool.submit(self._collect, tasks)
                self._watch(job, total)
                executors |= {row["host"] for row in job.result()}
        return {"failed": self._failed, "recordings": total, "hosts": sorted(executors)}

    @staticmethod
    def _drop_failed(recording: SharedRecording, asked: Asked) -> None:
        """What failed in an earlier run is tried again."""
        for tried in recording.path.glob("*.tried-*"):
            tried.unlink()
        for piece in asked.pieces:
            if recording.error(piece) is not None:
                recording.drop(piece)

    def _tasks(self) -> list[tuple[str, str]]:
        """Pieces that are to be done and can be, the longest first."""
        found = []
        for session_id, (recording, asked) in self._open.items():
            for piece in asked.pieces:
                if not recording.is_done(piece):
                    size = piece.part.end - piece.part.begin if piece.part else None
                    weight = Path(asked.spec.path).stat().st_size if size is None else size * 5_000
                    found.append((-weight, session_id, piece.name))
        return [(session_id, name) for _, session_id, name in sorted(found)]

    def _collect(self, tasks: Sequence[tuple[str, str]]) -> list[Any]:
        """Have the executors do the tasks, one a partition."""
        if not tasks:
            return []
        work = partial(_work, tuple(tasks), str(self._shared))
        ids = self._session.range(0, len(tasks), 1, len(tasks))
        return list(ids.mapInPandas(work, RESULT).collect())

    def _watch(self, job: Future[list[Any]], total: int) -> None:
        """Take what is done and tell how far all is, until the round is over."""
        over = threading.Event()
        job.add_done_callback(lambda _: over.set())
        while True:
            last = over.wait(LOOK_EVERY_S)
            if self._progress.should_stop():
                self._session.sparkContext.cancelAllJobs()
                raise Cancelled
            self._take_done()
            frames, share = self._done(total)
            text = f"{total - len(self._open):,} of {total:,} recordings"
            self._progress(frames, round(frames / share) if share else None, text)
            if last:
                if job.exception() is not None:
                    raise JobError(
                        f"Spark gave up: {_first_line(job.exception())}",
                        "What is done stays done: the same command goes on from here.",
                    )
                return

    def _done(self, total: int) -> tuple[int, float]:
        """Frames that are analysed, and the share of all recordings that they are."""
        frames, share = self._frames, float(total - len(self._open))
        for recording, asked in self._open.values():
            for piece in asked.pieces:
                done, of = recording.progress(piece)
                frames += done
                share += done / max(of, 1) / len(asked.pieces)
        self._told = max(self._told, frames)  # a seam may have a part done anew
        return self._told, share / max(total, 1)

    def _take_done(self) -> None:
        """Give the store the sessions whose pieces are all there."""
        for session_id, (recording, asked) in list(self._open.items()):
            if not all(map(recording.is_done, asked.pieces)):
                continue
            frames = sum(recording.progress(piece)[0] for piece in asked.pieces)
            errors = [error for piece in asked.pieces if (error := recording.error(piece))]
            more = None
            try:
                more = None if errors else gather(self._home, recording, asked)
            except RaptError as error:
                errors.append(str(error))
            if errors:
                self._failed[session_id] = errors[0]
            if more is not None:
                recording.ask(more)
                self._open[session_id] = recording, more
            else:
                del self._open[session_id]
                self._frames += frames


def _work(
    tasks: Sequence[tuple[str, str]], shared: str, ids: Iterator[pd.DataFrame]
) -> Iterator[pd.DataFrame]:
    """What a Python worker of an executor does with the numbers of its tasks."""
    import pandas as pd

    limit_hard()
    for batch in ids:
        for number in batch["id"]:
            session_id, name = tasks[number]
            begun = time.monotonic()
            recording = SharedRecording(Path(shared) / session_id)
            frames = analyse_piece(recording, name, Home(Path(shared) / NETWORKS))
            row = session_id, name, frames, time.monotonic() - begun, socket.gethostname()
            yield pd.DataFrame([row], columns=["session_id", "piece", "frames", "seconds", "host"])


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().split("\n")[0][:300]
