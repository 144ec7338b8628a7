"""A live session on the disk: ``session.json`` from the first picture on, a shard a second.

What a person sets while it runs (markers, notes, pauses, where the stimulus began) is in
``session.json`` before the call returns, so a killed server loses none of it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import Any, Final, Required, TypedDict

from fer_core.errors import Cancelled, RaptError
from fer_core.home import Home
from fer_core.jobs.summary import Tally, summary_of_live
from fer_core.live.values import LiveCounts, LiveSpec
from fer_core.storage import ShardWriter, new_id
from fer_core.storage.timeline.session_file import (
    SessionFile,
    SessionSummary,
    change_session,
    session_path,
    write_session,
    writing,
)
from fer_core.types import FrameBatch, FrameResult, InfoJson, SessionStatus

log = logging.getLogger(__name__)

FLUSH_S: Final = 1.0
#: Results that wait for a disk that cannot take them; more are given up and counted.
MOST_WAITING: Final = 20_000


class _SetByPerson(TypedDict, total=False):
    """What a person sets while the session runs, as fields of its file."""

    markers: Required[tuple[Mapping[str, object], ...]]
    pauses: Required[tuple[tuple[int, int | None], ...]]
    offset_ms: int
    aligned_ms: int


class Record:
    """Holds the session's lock from its making to ``close``. Any thread.

    ``keeps``: whether it writes a shard a second by itself; else whoever adds calls ``flush``.
    """

    def __init__(self, home: Home, session_id: str, spec: LiveSpec, *, keeps: bool = True) -> None:
        self._home = home
        self.session_id = session_id
        self._spec = spec
        self._keeps = keeps
        self._lock = threading.RLock()
        self._stack = ExitStack()
        self._stack.enter_context(writing(home, session_id))
        self._writer = ShardWriter(home, session_id)
        self._waiting: list[FrameResult | FrameBatch] = []
        self._markers: list[Mapping[str, object]] = []
        self._pauses: list[tuple[int, int | None]] = []
        self._aligned_ms: int | None = None
        self._begun = False
        self._closed = False
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._tally = Tally()
        self._width = self._height = 0
        self.lost = 0  # results that no disk would take
        self.gone = False  # the session was deleted while it ran
        self.problem = ""

    @property
    def begun(self) -> bool:
        """Whether a picture came, so that there is a session on the disk."""
        return self._begun

    def begin(self, width: int, height: int, versions: dict[str, str]) -> None:
        """The first picture: from now on there is a session."""
        spec = self._spec
        with self._lock:
            self._width, self._height = width, height
            session = SessionFile(
                session_id=self.session_id,
                name=spec.name,
                kind="live",
                path=spec.source,
                study=spec.study,
                stimulus=spec.stimulus,
                condition=spec.condition,
                respondent=spec.respondent,
                offset_ms=spec.offset_ms,
                tags=spec.tags,
                notes=spec.notes,
                purpose=asdict(spec.purpose) if spec.purpose else None,
                settings=spec.settings,
                versions=versions,
                info=info_of(spec.source, width, height, 0, 0.0),
            )
            write_session(self._home, replace(session, **self._set_by_person()))
            self._begun = True
        log.info("Live session %s has begun.", self.session_id)
        if not self._keeps:
            return
        self._thread = threading.Thread(
            target=self._keep, name=f"live-record-{self.session_id}", daemon=True
        )
        self._thread.start()

    def add(self, result: FrameResult) -> None:
        """Keep an analysed picture for the next shard."""
        with self._lock:
            self._waiting.append(result)
            self._tally.add(result)

    def add_batch(self, batch: FrameBatch) -> None:
        """Keep successive pictures, analysed elsewhere, for the next shard."""
        with self._lock:
            self._waiting.append(batch)
            self._tally.add_batch(batch)

    def mark(self, name: str, kind: str, t_ms: int, note: str | None) -> str:
        """Keep a marker at a time of the session; its id."""
        marker_id = new_id("marker")
        marker = {
            "marker_id": marker_id, "name": name, "kind": kind, "from_ms": t_ms, "note": note
        }  # fmt: skip
        with self._lock:
            self._markers.append(marker)
            self._write_set()
        return marker_id

    def align(self, t_ms: int) -> None:
        """The stimulus begins at this time of the session, in ms."""
        with self._lock:
            self._aligned_ms = int(t_ms)
            self._write_set()

    def pause(self, t_ms: int) -> None:
        """A pause begins at this time of the session, in ms."""
        with self._lock:
            self._pauses.append((t_ms, None))
            self._write_set()

    def resume(self, t_ms: int) -> None:
        """The pause that is under way ends at this time of the session, in ms."""
        with self._lock:
            if self._pauses and self._pauses[-1][1] is None:
                self._pauses[-1] = (self._pauses[-1][0], t_ms)
                self._write_set()

    def flush(self) -> None:
        """Write what waits as a shard. A disk that refuses is tried again with the next."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        if self.gone or not (waiting or len(self._writer)):
            return
        if not session_path(self._home, self.session_id).exists():
            self.gone = True
            return
        for result in waiting:
            if len(self._writer) < MOST_WAITING:
                self._writer.add(result)
            else:
                self.lost += len(result.frame) if isinstance(result, FrameBatch) else 1
        try:
            self._writer.flush()
            self.problem = ""
        except (RaptError, OSError) as error:
            if not self.problem:
                log.exception("The timeline of live session %s cannot be written", self.session_id)
            reason = error.strerror if isinstance(error, OSError) else error
            self.problem = f"The timeline cannot be written: {reason}"

    def close(self, counts: LiveCounts) -> SessionSummary:
        """The last shard, the summary, the lock let go."""
        if self._closed:
            raise RuntimeError("closed twice")
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        try:
            self.flush()
            self.lost += len(self._writer)
            return self._finish(counts)
        finally:
            self._stack.close()
            log.info("Live session %s has ended.", self.session_id)

    def _finish(self, counts: LiveCounts) -> SessionSummary:
        with self._lock:
            pauses = [(a, b) for a, b in self._pauses if b is not None]
            summary = replace(
                summary_of_live(self._tally, pauses), frames_lost=self.lost, **asdict(counts)
            )
            if self.lost:
                note = f"{self.lost} results could not be written: {self.problem}"
                summary = replace(summary, lost_note=note)
            if self._begun:
                info = info_of(
                    self._spec.source, self._width, self._height,
                    round(1000 * summary.duration_s), summary.fps or 0.0,
                )  # fmt: skip
                try:
                    self._change(
                        status=SessionStatus.DONE, error=None, info=info, summary=summary,
                        **self._set_by_person(),
                    )  # fmt: skip
                except OSError:
                    # it stays marked running, so the next start sums it up from its shards
                    log.exception("Live session %s cannot be closed now", self.session_id)
            return summary

    def _set_by_person(self) -> _SetByPerson:
        found = _SetByPerson(markers=tuple(self._markers), pauses=tuple(self._pauses))
        if self._aligned_ms is not None:
            found["offset_ms"] = found["aligned_ms"] = self._aligned_ms
        return found

    def _write_set(self) -> None:
        if self._begun and not self._closed:
            self._change(**self._set_by_person())

    def _change(self, **changes: Any) -> None:
        try:
            if not self.gone:
                change_session(self._home, self.session_id, **changes)
        except Cancelled:
            self.gone = True

    def _keep(self) -> None:
        due = time.monotonic() + FLUSH_S
        while not self._wake.wait(max(0.0, due - time.monotonic())):
            due = max(due + FLUSH_S, time.monotonic())
            self.flush()


def info_of(source: str, width: int, height: int, duration_ms: int, fps: float) -> InfoJson:
    """What a file's ``VideoInfo`` says, of a camera: pixels, milliseconds, pictures a second."""
    return {
        "path": source, "container": "live", "codec": "", "width": width, "height": height,
        "rotation": 0, "duration_ms": duration_ms, "fps": fps, "frames_estimate": 0,
        "is_picture": False,
    }  # fmt: skip
