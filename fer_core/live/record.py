"""A live session on the disk: ``session.json`` from the first picture on, a shard a second.

What a person sets while it runs (markers, notes, pauses, where the stimulus began) is in
``session.json`` before the call returns, so a killed server loses none of it.
"""

from __future__ import annotations

import logging
import threading
import time
from array import array
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from fer_core.analytics.frame_time import share_of_time
from fer_core.errors import Cancelled, RaptError
from fer_core.files import write_json
from fer_core.home import Home
from fer_core.jobs.session_file import change_session, session_path, writing
from fer_core.live.values import LiveSpec
from fer_core.storage import ShardWriter, new_id
from fer_core.types import FrameResult, VideoInfo

log = logging.getLogger(__name__)

FLUSH_S: Final = 1.0
#: Results that wait for a disk that cannot take them; more are given up and counted.
MOST_WAITING: Final = 20_000


class Record:
    """Holds the session's lock from its making to ``close``. Any thread."""

    def __init__(self, home: Home, session_id: str, spec: LiveSpec) -> None:
        self._home = home
        self.session_id = session_id
        self._spec = spec
        self._lock = threading.RLock()
        self._stack = ExitStack()
        self._stack.enter_context(writing(home, session_id))
        self._writer = ShardWriter(home, session_id)
        self._waiting: list[FrameResult] = []
        self._set: dict[str, Any] = {"markers": [], "pauses": []}  # by a person, on the way
        self._begun = False
        self._closed = False
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._t_ms, self._usable = array("i"), array("b")
        self._faces = 0
        self._viewers: set[int] = set()
        self._width = self._height = 0
        self.lost = 0  # results that no disk would take
        self.gone = False  # the session was deleted while it ran
        self.problem = ""

    @property
    def begun(self) -> bool:
        return self._begun

    def begin(self, width: int, height: int, versions: dict[str, str]) -> None:
        """The first picture: from now on there is a session."""
        spec = self._spec
        with self._lock:
            self._width, self._height = width, height
            value = {
                "session_id": self.session_id,
                "name": spec.name,
                "kind": "live",
                "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "path": spec.source,
                "digest": None,
                "study": spec.study,
                "stimulus": spec.stimulus,
                "condition": spec.condition,
                "respondent": spec.respondent,
                "offset_ms": spec.offset_ms,
                "tags": list(spec.tags),
                "notes": spec.notes,
                "settings": asdict(spec.settings),
                "versions": versions,
                "info": info_of(spec.source, width, height, 0, 0.0),
                "status": "running",
                "error": None,
                **self._set,
            }
            write_json(session_path(self._home, self.session_id), value)
            self._begun = True
        self._thread = threading.Thread(
            target=self._keep, name=f"live-record-{self.session_id}", daemon=True
        )
        self._thread.start()

    def add(self, result: FrameResult) -> None:
        with self._lock:
            self._waiting.append(result)
            self._t_ms.append(result.t_ms)
            self._usable.append(bool(np.any(result.usable)))
            self._faces += len(result)
            self._viewers.update(int(viewer) for viewer in result.viewer)

    def mark(self, name: str, kind: str, t_ms: int, note: str | None) -> str:
        """Keep a marker at a time of the session; its id."""
        marker_id = new_id("marker")
        marker = {
            "marker_id": marker_id, "name": name, "kind": kind, "from_ms": t_ms, "note": note
        }  # fmt: skip
        with self._lock:
            self._set["markers"].append(marker)
            self._write_set()
        return marker_id

    def align(self, t_ms: int) -> None:
        with self._lock:
            self._set |= {"offset_ms": int(t_ms), "aligned_ms": int(t_ms)}
            self._write_set()

    def pause(self, t_ms: int) -> None:
        with self._lock:
            self._set["pauses"].append([t_ms, None])
            self._write_set()

    def resume(self, t_ms: int) -> None:
        with self._lock:
            if self._set["pauses"] and self._set["pauses"][-1][1] is None:
                self._set["pauses"][-1][1] = t_ms
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
                self.lost += 1
        try:
            self._writer.flush()
            self.problem = ""
        except (RaptError, OSError) as error:
            if not self.problem:
                log.exception("The timeline of live session %s cannot be written", self.session_id)
            reason = error.strerror if isinstance(error, OSError) else error
            self.problem = f"The timeline cannot be written: {reason}"

    def close(self, how: dict[str, Any]) -> dict[str, Any]:
        """The last shard, the summary, the lock let go. ``how`` goes into the summary."""
        if self._closed:
            raise RuntimeError("closed twice")
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        try:
            self.flush()
            self.lost += len(self._writer)
            return self._finish(how)
        finally:
            self._stack.close()

    def _finish(self, how: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            t_ms = np.array(self._t_ms, np.float64)
            pauses = [(a, b) for a, b in self._set["pauses"] if b is not None]
            summary = summary_of(
                t_ms, np.array(self._usable, bool), pauses, self._faces, len(self._viewers)
            )
            summary |= {"frames_lost": self.lost, **how}
            if self.lost:
                summary["lost_note"] = f"{self.lost} results could not be written: {self.problem}"
            if self._begun:
                info = info_of(
                    self._spec.source, self._width, self._height,
                    round(1000 * summary["duration_s"]), summary["fps"],
                )  # fmt: skip
                try:
                    self._change(status="done", error=None, info=info, summary=summary, **self._set)
                except OSError:
                    # it stays marked running, so the next start sums it up from its shards
                    log.exception("Live session %s cannot be closed now", self.session_id)
            return summary

    def _write_set(self) -> None:
        if self._begun and not self._closed:
            self._change(**self._set)

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


def info_of(source: str, width: int, height: int, duration_ms: int, fps: float) -> dict[str, Any]:
    return asdict(
        VideoInfo(
            path=source, container="live", codec="", width=width, height=height, rotation=0,
            duration_ms=duration_ms, fps=fps, frames_estimate=0, is_picture=False,
        )
    )  # fmt: skip


def summary_of(
    t_ms: np.ndarray,
    usable: np.ndarray,
    pauses: list[tuple[int, int]],
    faces: int,
    viewers: int,
) -> dict[str, Any]:
    """``summary`` of session.json. Pauses are taken out of the time that quality is a share of."""
    shown = t_ms.copy()
    for begun, ended in pauses:
        inside = np.searchsorted(t_ms, [begun, ended])
        if 0 < inside[1] < len(t_ms):
            # the first picture after the pause follows the last one before it
            shown[inside[1] :] -= t_ms[inside[1]] - t_ms[inside[1] - 1] - 1
    steps = np.diff(shown)
    usual = float(np.median(steps)) if len(steps) else 0.0
    length = float(t_ms[-1] - t_ms[0] + usual) if len(t_ms) else 0.0
    live = float(shown[-1] - shown[0] + usual) if len(t_ms) else 0.0
    return {
        "duration_s": round(length / 1000, 3),
        "frames": len(t_ms),
        "frames_lost": 0,
        "faces": faces,
        "viewers": viewers,
        "quality": round(share_of_time(shown, usable), 4) if len(t_ms) else None,
        "fps": round(1000 * len(t_ms) / live, 2) if live > 0 else 0.0,
        "lost_note": "",
    }
