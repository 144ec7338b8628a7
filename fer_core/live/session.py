"""One live session: the newest picture is analysed, older ones are dropped and counted."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from fer_core.errors import JobError, RaptError
from fer_core.home import Home
from fer_core.jobs.analysis_spec import check_settings
from fer_core.labels import EMOTIONS
from fer_core.live.canvas import Canvas, check_picture
from fer_core.live.engines import Engines
from fer_core.live.record import Record
from fer_core.live.running_eyes import RunningEyes
from fer_core.live.steady import Steady
from fer_core.live.stream_clock import StreamClock
from fer_core.live.trend import ATTENDING, Trend
from fer_core.live.values import LiveCounts, LiveFace, LiveHistory, LiveSpec, LiveView
from fer_core.pipeline import Perception, read_expressions, read_eyes
from fer_core.storage import new_id
from fer_core.storage.timeline.session_file import SessionSummary
from fer_core.types import Bytes, FrameResult

log = logging.getLogger(__name__)

#: A newcomer should be seen within 0.3 s, and is believed at the second sight: detection is
#: as frequent as it is cheap. It may take this share of one core, between these limits.
DETECTION_SHARE: Final = 0.25
DETECT_EVERY_MS: Final = (120, 240)
SEARCH_EVERY_MS: Final = 60
#: Rate and delay are those of the last seconds.
OVER_S: Final = 5.0
#: After so many failures in a row following starts anew: its state may be what fails.
START_ANEW_AFTER: Final = 5
#: The same failure is written to the log once in this time.
LOG_EVERY_S: Final = 30.0
LONGEST_NAME: Final = 120


class LiveSession:
    """Begins at once; ``offer`` pictures from any one thread, read ``view`` from any.

    The session is on the disk from its first picture on. ``session.json`` and the shards are
    what a file's analysis writes, so the store takes them in the same way.
    """

    def __init__(self, home: Home, spec: LiveSpec, engines: Engines) -> None:
        check_settings(spec.settings)
        self.spec = spec
        self.session_id = new_id("session")
        self.home = home
        #: Called on the worker with each analysed picture and what was found in it.
        self.on_result: Callable[[Bytes, LiveView], None] | None = None
        self._engines = engines
        self._record = Record(home, self.session_id, spec)
        self._clock = StreamClock()
        self._trend = Trend()
        self._canvas: Canvas | None = None
        self._steady = Steady(spec.settings)
        self._eyes = RunningEyes()
        self._perception = Perception(engines.detector, engines.crop)
        self._lock = threading.Lock()  # counts and the view
        self._changed = threading.Condition()
        self._slot: tuple[Bytes, int, float] | None = None
        self._stopping = False
        self._paused = False
        self._next_due_ms = 0.0
        self._frame = 0
        self._failures = 0
        self._logged: dict[str, float] = {}
        self._counts = {"offered": 0, "dropped": 0, "analysed": 0, "errors": 0}
        self._last_error = ""
        self._times: deque[tuple[float, float]] = deque()  # when a result came, its delay in ms
        self._view = LiveView(self.session_id)
        self._ended = ""
        self._summary: SessionSummary | None = None
        self._ending = threading.Lock()
        self._worker = threading.Thread(
            target=self._run, name=f"live-{self.session_id}", daemon=True
        )
        with _all_lock:
            _all[self.session_id] = self
        self._worker.start()

    @property
    def begun(self) -> bool:
        """Whether a picture came: before the first one there is no session on the disk."""
        return self._record.begun

    @property
    def ended(self) -> str:
        """Why the session is over; empty while it runs."""
        return self._ended

    @property
    def now_ms(self) -> int:
        """The session's time at this moment."""
        with self._lock:
            return self._clock.now(time.monotonic())

    def offer(self, rgb: Bytes, t_ms: int, captured: float | None = None) -> None:
        """Take the newest picture (h, w, 3), uint8; its array must not be changed afterwards.

        ``t_ms`` is the stream's own time, ``captured`` the ``time.monotonic()`` at which it
        was taken (now where nothing is given). Never waits and never raises.
        """
        try:
            self._offer(rgb, int(t_ms), time.monotonic() if captured is None else float(captured))
        except Exception as error:  # noqa: BLE001 - the caller's stream would die of it
            self._failed(error)

    def _offer(self, rgb: Bytes, t_ms: int, captured: float) -> None:
        wrong = check_picture(rgb)
        if wrong:
            raise RaptError(wrong)
        with self._lock:
            if self._stopping:
                return
            now = self._clock.tick(t_ms, captured)
            if self._paused:
                return
            if now is None:
                self._counts["offered"] += 1
                self._counts["dropped"] += 1
                return
            if not self._due(now):
                return
            self._counts["offered"] += 1
        self._put((rgb, now, captured))

    def _put(self, picture: tuple[Bytes, int, float] | None) -> None:
        """The picture that waits, in the place of an older one, which is dropped."""
        with self._changed:
            with self._lock:
                self._counts["dropped"] += self._slot is not None
            self._slot = picture
            self._changed.notify_all()

    def _due(self, t_ms: int) -> bool:
        """Whether the settings want a picture at this time."""
        if self.spec.settings.fps is None:
            return True
        step = 1000 / self.spec.settings.fps
        if t_ms < self._next_due_ms:
            return False
        # a camera's times wander a little: half a step early is still in time
        self._next_due_ms = max(self._next_due_ms + step, t_ms + step / 2)
        return True

    def wait_taken(self, timeout_s: float) -> bool:
        """Wait until the last picture was taken up, for a source that can wait; whether it was."""
        with self._changed:
            return self._changed.wait_for(lambda: self._slot is None or self._stopping, timeout_s)

    def view(self) -> LiveView:
        """The newest result and how the session is doing."""
        now = time.monotonic()
        with self._lock:
            view, counts = self._view, dict(self._counts)
            while self._times and now - self._times[0][0] > OVER_S:
                self._times.popleft()
            times = list(self._times)
            clock_ms = self._clock.now(now)
            engagement, attention, valence = self._trend.now(clock_ms)
            error, paused, viewers = self._last_error, self._paused, len(self._trend.viewers)
        delays = np.array([delay for _, delay in times])
        long = now - times[0][0] if times else 0.0
        return replace(
            view,
            engagement=engagement,
            attention=attention,
            valence=valence,
            rate=round((len(times) - 1) / long, 2) if len(times) > 1 and long > 0 else 0.0,
            delay_ms=float(np.median(delays)) if len(delays) else float("nan"),
            delay_p95_ms=float(np.percentile(delays, 95)) if len(delays) else float("nan"),
            errors=counts["errors"],
            offered=counts["offered"],
            analysed=counts["analysed"],
            dropped=counts["dropped"],
            last_error=self._record.problem or error,
            paused=paused,
            ended=self._ended,
            elapsed_ms=view.t_ms if self._ended else clock_ms,
            viewers=viewers,
        )

    def history(self, seconds: float = 120) -> LiveHistory:
        """The curves of the last seconds, two points a second."""
        with self._lock:
            return self._trend.history(seconds, self._clock.now(time.monotonic()))

    def mark(self, name: str, kind: str = "marker", t_ms: int | None = None) -> str:
        """Set a marker, now or at a time of the session; returns its id."""
        text = " ".join(str(name).split())
        if not text:
            raise RaptError("A marker needs a name.", "Type at least one letter.")
        if self._stopping:
            raise JobError("The session is over.", "Set markers on the session's own page.")
        short, note = text[:LONGEST_NAME], text if len(text) > LONGEST_NAME else None
        return self._record.mark(short, kind, self.now_ms if t_ms is None else int(t_ms), note)

    def note(self, text: str) -> str:
        """Write a note at this moment; it is kept as a marker of its own kind."""
        return self.mark(text, kind="note")

    def align(self, t_ms: int | None = None) -> None:
        """The stimulus began now, or at a time of the session: second 0 of its own clock."""
        if self._stopping:
            raise JobError("The session is over.", "Set its offset on the session's own page.")
        self._record.align(self.now_ms if t_ms is None else int(t_ms))

    def pause(self) -> None:
        """Look away: what is offered meanwhile is left out. A gap, and nobody's absence."""
        with self._lock:
            if self._paused or self._stopping:
                return
            self._paused = True
            at = self._clock.now(time.monotonic())
        self._put(None)
        self._record.pause(at)

    def resume(self) -> None:
        """Go on after a pause; without one: nothing."""
        with self._lock:
            if not self._paused:
                return
            self._paused = False
            at = self._clock.now(time.monotonic())
        self._record.resume(at)

    def stop(self, reason: str = "stopped") -> SessionSummary:
        """End the session: last shard, summary, status done. Again: the same summary.

        A session without a single picture leaves nothing; its summary has 0 frames.
        """
        if threading.current_thread() is self._worker:
            raise JobError("A session cannot be stopped by its own worker.")
        with self._ending:
            if self._summary is None:
                with self._changed:
                    self._stopping = True
                    self._changed.notify_all()
                self._worker.join()
                self.resume()
                self._summary = self._close(reason)
            return self._summary

    def _close(self, reason: str) -> SessionSummary:
        self._ended = "deleted" if self._record.gone else reason
        with self._lock:
            counts = LiveCounts(**self._counts, last_error=self._last_error, ended=self._ended)
        try:
            return self._record.close(counts)
        finally:
            with _all_lock:
                _all.pop(self.session_id, None)

    # -- the worker -------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._slot is None and not self._stopping:
                    self._changed.wait()
                if self._slot is None:
                    return
                (rgb, t_ms, captured), self._slot = self._slot, None
                self._changed.notify_all()
            try:
                self._analyse(rgb, t_ms, captured)
                self._failures = 0
            except Exception as error:  # noqa: BLE001 - counted, logged, shown; the session goes on
                self._failed(error)
                self._failures += 1
                if self._failures % START_ANEW_AFTER == 0:
                    self._start_anew()

    def _analyse(self, rgb: Bytes, t_ms: int, captured: float) -> None:
        height, width = rgb.shape[:2]
        if self._canvas is None:
            self._canvas = Canvas(width, height)
        if not self._record.begun:
            self._record.begin(width, height, self._engines.versions)
        grown = self._canvas.grown(width, height)
        if grown != 1.0:
            self._perception.rescale(grown)
        frame, fit = self._canvas.lay(rgb, self._frame, t_ms, self._engines.detector)
        self._frame += 1
        began = time.thread_time()  # what others take of the cores makes it no dearer
        seen = self._perception.step(frame)
        self._pace(seen.detected, time.thread_time() - began)
        seen = read_eyes(frame, seen, self._engines.reader)
        with self._engines.classifier() as classifier:
            result = read_expressions(seen, classifier, self.spec.settings)
        self._record.add(replace(result, faces=self._canvas.to_first(result.faces)))
        shown = self._steady.take(replace(result, faces=fit.to_picture(result.faces)))
        shown = self._eyes.take(shown)
        self._show(shown, width, height, captured)
        if self.on_result is not None:
            try:
                self.on_result(rgb, self._view)
            except Exception as error:  # noqa: BLE001 - what is drawn is no part of the analysis
                self._failed(error)

    def _start_anew(self) -> None:
        """Follow with a fresh state; numbers that were given are not given again."""
        given = self._perception.tracker.snapshot()["next_viewer"]
        self._perception = Perception(self._engines.detector, self._engines.crop)
        tracker = self._perception.tracker
        tracker.restore({**tracker.snapshot(), "next_viewer": given})

    def _pace(self, detected: bool, took_s: float) -> None:
        if detected:
            every = float(np.clip(1000 * took_s / DETECTION_SHARE, *DETECT_EVERY_MS))
            self._perception.detect_every_ms = round(every)
            self._perception.search_every_ms = SEARCH_EVERY_MS

    def _show(self, result: FrameResult, width: int, height: int, captured: float) -> None:
        faces = tuple(_face(result, row) for row in range(len(result)))
        done = time.monotonic()
        with self._lock:
            self._counts["analysed"] += 1
            self._times.append((done, 1000 * (done - captured)))
            while done - self._times[0][0] > OVER_S:
                self._times.popleft()
            self._trend.add(result)
            self._view = LiveView(
                self.session_id,
                t_ms=result.t_ms,
                width=width,
                height=height,
                faces=faces,
                people=len(faces),
                attending=sum(face.attention >= ATTENDING for face in faces),
            )

    def _failed(self, error: Exception) -> None:
        said = str(error) if isinstance(error, RaptError) else f"{type(error).__name__}: {error}"
        now = time.monotonic()
        with self._lock:
            self._counts["errors"] += 1
            self._last_error = said
            loud = now - self._logged.get(said, -LOG_EVERY_S) >= LOG_EVERY_S
            if loud:
                self._logged = {said: now}
        if loud:
            log.error("Live session %s: %s", self.session_id, said, exc_info=error)


def _face(result: FrameResult, row: int) -> LiveFace:
    p = result.probabilities[row]
    known = not bool(np.isnan(p).any())
    x, y, w, h = (float(v) for v in result.faces.boxes[row])
    return LiveFace(
        viewer=int(result.viewer[row]),
        box=(x, y, w, h),
        score=float(result.faces.scores[row]),
        probabilities=tuple(float(v) for v in p) if known else (),
        emotion=EMOTIONS[int(p.argmax())] if known else None,
        confidence=float(p.max()) if known else float("nan"),
        attention=float(result.measures["attention"][row]),
        engagement=float(result.measures["engagement"][row]),
        valence=float(result.measures["valence"][row]),
        usable=bool(result.usable[row]),
        why_not=result.why_not[row],
        eyes=_eyes(result, row),
    )


def _eyes(result: FrameResult, row: int) -> str:
    if result.measures["eyes_closed"][row] == 1:
        return "closed"
    return "away" if result.measures["eyes_away"][row] == 1 else ""


_all_lock = threading.Lock()
_all: dict[str, LiveSession] = {}


def live_sessions(home: Home | None = None) -> list[LiveSession]:
    """The sessions that run in this process, of all homes or of one."""
    with _all_lock:
        return [one for one in _all.values() if home is None or one.home == home]


def stop_all(home: Home, reason: str) -> None:
    """End every session of this process in a home; for a server that goes."""
    for session in live_sessions(home):
        session.stop(reason)
