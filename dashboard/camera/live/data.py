"""The live sessions of this server's pages: who runs, how many may, and what a page is told.

A run is one browser's session from START until it is written. Frames come from a connection
that somebody else holds (``webrtc.py``), pictures go back to it. Every way to end
leads to ``finish``: STOP, another page, a closed tab, a camera that falls silent, the server.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np

from dashboard.camera.live.picture import Layers, Painter
from dashboard.shared.web.requests import RequestRefused
from dashboard.state import AppState
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.live import Engines, LiveSession, LiveSpec, LiveView, close_live_orphans
from fer_core.storage import Store, new_id
from fer_core.storage.timeline.session_file import SessionSummary
from fer_core.types import AnalysisSettings, Bytes

log = logging.getLogger(__name__)

LIMIT_SETTING: Final = "live.max_sessions"
DEFAULT_LIMIT: Final = 4
#: A camera that gives nothing for so long is gone: a killed browser says no good-bye.
SILENT_S: Final = 10.0
#: Nothing came at all: the browser and the server did not reach each other.
NEVER_S: Final = 30.0
#: What became of a run can be asked for so long after its end.
KEPT_S: Final = 600.0
#: Numbers on the page are medians over this long, so that they keep still.
STILL_MS: Final = 1000
#: A browser whose pictures wait longer than this before its screen is sent fewer …
LATE_ON_SCREEN_MS: Final = 200
#: … but two a second at least.
LONGEST_GAP_MS: Final = 500.0
#: A marker may come this much after its moment: a slow network, no more.
LATE_MS: Final = 5000
DARK_BELOW: Final = 16  # of 255, the mean of a picture
DARK_FOR_S: Final = 3.0

_RTP: Final = Fraction(1, 90_000)

SILENT: Final = "The camera gave no more pictures."
ENDINGS: Final = {
    "stopped": "",
    "left": "The page was left.",
    "silent": SILENT,
    "server": "The server was stopped.",
    "deleted": "The session was deleted.",
}


class LiveRefused(RequestRefused):
    """A session that may not begin."""

    def __init__(self, message: str, hint: str = "", status: int = 422) -> None:
        super().__init__(message, hint, status)


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What the person set before START."""

    name: str = ""
    study: str = ""
    stimulus: str = ""
    condition: str = ""
    layers: Layers = field(default_factory=Layers)

    def spec(self) -> LiveSpec:
        now = datetime.now()
        return LiveSpec(
            name=self.name or f"Live, {now.day} {now:%B %Y, %H:%M}",
            settings=AnalysisSettings(),
            study=self.study or None,
            stimulus=self.stimulus or None,
            condition=self.condition or None,
            source="camera",
        )


class Run:
    """One browser's session. ``take`` is called on the event loop; the rest from any thread."""

    def __init__(
        self, session: LiveSession, options: LiveOptions, over: Callable[[Run], None]
    ) -> None:
        self.id = new_id("live_run")
        self.session = session
        self.options = options
        self.layers = options.layers
        self.marks: list[dict[str, Any]] = []
        self.began = self.heard = time.monotonic()
        self.ended_at: float | None = None
        self.summary: SessionSummary | None = None
        self._over = over
        self._painter = Painter()
        self._show: Callable[[av.VideoFrame], None] = lambda picture: None
        self._hang_up: Callable[[], None] = lambda: None
        self._finishing = threading.Lock()
        self._closing = False
        self._gap_ms = 0.0  # between two pictures at least; a slow browser is sent fewer
        self._sent_ms = -math.inf
        self._still: deque[tuple[int, int, int]] = deque()  # when, people, attending
        self._dark_since: float | None = None
        self._trouble = 0  # frames that never became a picture for the session
        self._said = ""
        self._lock = threading.Lock()
        session.on_result = self.drawn

    # -- frames in, pictures out ------------------------------------------------------

    def wire(self, show: Callable[[av.VideoFrame], None], hang_up: Callable[[], None]) -> None:
        """Where drawn pictures go, and how to end the connection."""
        self._show, self._hang_up = show, hang_up

    def take(self, frame: av.VideoFrame) -> None:
        """A frame off the connection. Never raises: its stream would end in silence."""
        self.heard = time.monotonic()
        try:
            if frame.pts is None or frame.time_base is None:
                raise ValueError("a frame without a time")
            rgb = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            self.session.offer(rgb, round(1000 * frame.pts * frame.time_base), self.heard)
        except Exception as error:  # noqa: BLE001 - counted, logged, shown; the stream goes on
            self._count(error)

    def drawn(self, rgb: Bytes, view: LiveView) -> None:
        """A result, on the session's own thread: draw it on its picture and send that."""
        self._watch_light(rgb)
        with self._lock:
            self._still.append((view.t_ms, view.people, view.attending))
            while self._still[0][0] <= view.t_ms - STILL_MS:
                self._still.popleft()
        layers = self.layers
        if not layers.picture or view.t_ms - self._sent_ms < self._gap_ms:
            return
        self._sent_ms = view.t_ms
        painted = self._painter.paint(rgb, view.t_ms, view.faces, layers)
        picture = av.VideoFrame.from_ndarray(painted, format="rgb24")
        # The time of sending, not the camera's: a browser takes what differs for an uneven network
        # and holds pictures back to smooth it out.
        picture.pts, picture.time_base = round(90_000 * (time.monotonic() - self.began)), _RTP
        self._show(picture)

    def late(self, ms: float) -> None:
        """How long pictures take from their arrival at the browser to its screen. One that cannot
        keep up shows all it was sent, later and later: it is sent fewer until it can."""
        if ms > LATE_ON_SCREEN_MS:
            self._gap_ms = min(LONGEST_GAP_MS, 1.4 * self._gap_ms + 20)
        elif ms < LATE_ON_SCREEN_MS / 2:
            self._gap_ms = max(0.0, 0.9 * self._gap_ms - 2)

    def _count(self, error: Exception) -> None:
        with self._lock:
            self._trouble += 1
            loud, self._said = str(error) != self._said, str(error)
        if loud:
            log.error("Live run %s: a frame could not be taken.", self.id, exc_info=error)

    def _watch_light(self, rgb: Bytes) -> None:
        if float(np.mean(rgb[::16, ::16])) >= DARK_BELOW:
            self._dark_since = None
        elif self._dark_since is None:
            self._dark_since = time.monotonic()

    # -- what a person does -----------------------------------------------------------

    def mark(self, name: str, t_ms: int | None = None) -> None:
        """Mark a moment just gone by, as the page's clock told it; else this one."""
        name = " ".join(name.split()) or f"Marker {1 + sum(not m['note'] for m in self.marks)}"
        at = self._moment(t_ms)
        self.session.mark(name, t_ms=at)
        self.marks.append({"t": at, "name": name, "note": False})

    def note(self, text: str, t_ms: int | None = None) -> None:
        at = self._moment(t_ms)
        self.session.mark(text, kind="note", t_ms=at)
        self.marks.append({"t": at, "name": " ".join(text.split()), "note": True})

    def _moment(self, t_ms: int | None) -> int:
        now = self.session.now_ms
        return now if t_ms is None else min(now, max(0, now - LATE_MS, t_ms))

    def pause(self) -> None:
        self.session.pause()
        with self._lock:
            self._still.clear()

    def resume(self) -> None:
        self.session.resume()

    def ended(self) -> None:
        """The stream is over; on the event loop, which must not wait."""
        self.leave("left")

    def leave(self, reason: str) -> None:
        """End it soon, without waiting."""
        if not self._closing:
            threading.Thread(
                target=self.finish, args=(reason,), name=f"end-{self.id}", daemon=True
            ).start()

    def finish(self, reason: str = "stopped") -> None:
        """Write the session and hang up; again: wait until that is done."""
        with self._finishing:
            if not self.running:
                return
            self._closing = True
            try:
                self.summary = self.session.stop(reason)
                self._over(self)
            except Exception as error:
                self._said = str(error)
                log.exception("Live run %s could not be ended well.", self.id)
            finally:
                self.ended_at = time.monotonic()
                self._hang_up()

    def drop(self) -> None:
        """The connection never came to be."""
        self.finish("left")

    # -- what a page is told ----------------------------------------------------------

    @property
    def running(self) -> bool:
        """Until it is written and in the store: its link is told no earlier."""
        return self.ended_at is None

    def view(self, since_ms: int = -1) -> dict[str, Any]:
        """The page's numbers, with the curve's points after a time."""
        view = self.session.view()
        with self._lock:
            still = list(self._still)
            trouble = self._trouble
        fresh = [one for one in still if one[0] > view.elapsed_ms - 2 * STILL_MS]
        people = _middle([one[1] for one in fresh])
        told: dict[str, Any] = {
            "state": "ended" if not self.running else "paused" if view.paused else "running",
            "t": view.elapsed_ms,
            "elapsed": view.elapsed_ms,
            "frames": view.analysed,
            "people": people,
            "attending": min(people, _middle([one[2] for one in fresh])),
            "viewers": view.viewers,
            "engagement": _number(view.engagement),
            "attention": _number(100 * view.attention),
            "valence": _number(view.valence, 2),
            "fps": _number(view.rate),
            "delay": _number(view.delay_ms),
            "dropped": view.dropped,
            "errors": view.errors + trouble,
            "size": [view.width, view.height],
            "markers": list(self.marks),
            "curve": self._curve(since_ms),
            **self._words(view, trouble),
        }
        if not self.running:
            told["done"] = self._done()
        return told

    def _curve(self, since_ms: int) -> list[dict[str, Any]]:
        found = self.session.history(120)
        times = np.rint(1000 * found.t_s).astype(int)
        return [
            {
                "t": int(times[i]),
                "engagement": _number(found.engagement[i]),
                "attention": _number(100 * found.attention[i]),
                "valence": _number(found.valence[i], 2),
                "p": None
                if np.isnan(found.emotions[i]).any()
                else [round(float(p), 3) for p in found.emotions[i]],
            }
            for i in np.flatnonzero(times > since_ms)
        ]

    def _words(self, view: LiveView, trouble: int) -> dict[str, str]:
        """What a person should know and mend, worst first."""
        if not self.running:
            if self.summary is None:
                return {"words": "The session could not be written.", "hint": self._said}
            return {"words": ENDINGS.get(view.ended, view.ended), "hint": ""}
        if time.monotonic() - self.heard > 3 and view.analysed:
            return {
                "words": "The camera gives no pictures at the moment.",
                "hint": f"After {SILENT_S:.0f} seconds without any, the session ends and is kept.",
            }
        dark = self._dark_since
        if dark is not None and time.monotonic() - dark > DARK_FOR_S:
            return {
                "words": "The camera's picture is black.",
                "hint": "Open its cover, or give it light.",
            }
        failed = view.last_error or self._said
        if failed and view.errors + trouble > max(5, view.analysed // 10):
            return {
                "words": "Many pictures cannot be analysed.",
                "hint": f"{failed} The server's log says more.",
            }
        return {"words": "", "hint": ""}

    def _done(self) -> dict[str, Any] | None:
        summary = self.summary
        if summary is None or not summary.frames:
            return None
        return {
            "session": self.session.session_id,
            "name": self.session.spec.name,
            "length": round(1000 * summary.duration_s),
            "viewers": summary.viewers,
            "frames": summary.frames,
            "markers": sum(not mark["note"] for mark in self.marks),
        }


class LiveService:
    """All runs of this server."""

    def __init__(self, home: Home, store: Callable[[], Store]) -> None:
        self._home, self._store = home, store
        self._runs: dict[str, Run] = {}
        self._opening = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    def limit(self) -> int:
        return int(self._store().setting(LIMIT_SETTING, DEFAULT_LIMIT))

    def set_limit(self, limit: int) -> None:
        self._store().order("set_setting", name=LIMIT_SETTING, value=int(limit))

    @property
    def running(self) -> list[Run]:
        with self._lock:
            return [run for run in self._runs.values() if run.running]

    def open(self, options: LiveOptions) -> Run:
        """A new run, or a refusal in words. Takes a second where the models are not loaded."""
        limit = self.limit()
        with self._lock:
            busy = sum(run.running for run in self._runs.values()) + self._opening
            if self._stop.is_set():
                raise LiveRefused("The server is stopping.", "Try again in a moment.", 503)
            if busy >= limit:
                raise LiveRefused(
                    f"{busy} live session{'s run' if busy != 1 else ' runs'} on this server, "
                    "which is as many as it allows.",
                    "Wait until one has ended, or ask whoever runs the server to allow more.",
                    429,
                )
            self._opening += 1
        try:
            spec = options.spec()
            engines = Engines.open(self._home, spec.settings)
            run = Run(LiveSession(self._home, spec, engines), options, self._written)
            with self._lock:
                self._runs[run.id] = run
        finally:
            with self._lock:
                self._opening -= 1
        self._watch()
        return run

    def run(self, run_id: str) -> Run | None:
        with self._lock:
            return self._runs.get(run_id)

    def close(self) -> None:
        """Write every session; for a server that goes."""
        self._stop.set()
        for run in self.running:
            run.finish("server")
        if self._watcher is not None:
            self._watcher.join(timeout=5)

    def _written(self, run: Run) -> None:
        try:
            self._store().sync()  # so that the link to it shows all of it
        except RaptError:
            log.exception("Live session %s is not in the store yet.", run.session.session_id)

    def _watch(self) -> None:
        with self._lock:
            if self._watcher is None and not self._stop.is_set():
                self._watcher = threading.Thread(target=self._look, name="live-desk", daemon=True)
                self._watcher.start()

    def _look(self) -> None:
        while not self._stop.wait(1.0):
            now = time.monotonic()
            with self._lock:
                runs = list(self._runs.values())
            for run in runs:
                if run.running:
                    patience = SILENT_S if run.session.begun else NEVER_S
                    if now - run.heard > patience:
                        run.leave("silent")
                elif run.ended_at is not None and now - run.ended_at > KEPT_S:
                    with self._lock:
                        self._runs.pop(run.id, None)


def _middle(values: list[int]) -> int:
    return sorted(values)[len(values) // 2] if values else 0


def _number(value: float, digits: int = 1) -> float | None:
    return None if math.isnan(value) else round(float(value), digits)


def live_service(state: AppState) -> LiveService:
    """The server's one live service."""
    return state.service(_open)


def _open(state: AppState) -> LiveService:
    close_live_orphans(state.home, state.store)  # live sessions that a killed server left
    return LiveService(state.home, lambda: state.store)
