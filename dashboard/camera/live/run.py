"""One browser's live session, from START until it is written.

Frames come from a connection that somebody else holds (``webrtc.py``), pictures go back to it.
Every way to end leads to ``finish``: STOP, another page, a closed tab, a camera that falls
silent, the server.
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
from typing import Final

import av
import numpy as np

from dashboard.camera.live.finding import finding
from dashboard.camera.live.payload import Done, Mark, RunView, curve_of, known, middle
from dashboard.camera.live.picture import Layers, Painter
from fer_core.access.purpose import Stated
from fer_core.live import LiveSession, LiveSpec, LiveView
from fer_core.storage import new_id
from fer_core.storage.timeline.session_file import SessionSummary
from fer_core.types import AnalysisSettings, Bytes

log = logging.getLogger(__name__)

#: A camera that gives nothing for so long is gone: a killed browser says no good-bye.
SILENT_S: Final = 10.0
#: The curves show so much.
CURVE_S: Final = 120
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
ENDINGS: Final = {
    "stopped": "",
    "left": "The page was left.",
    "silent": "The camera gave no more pictures.",
    "server": "The server was stopped.",
    "deleted": "The session was deleted.",
}

_RTP: Final = Fraction(1, 90_000)


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What the person set before START."""

    name: str = ""
    study: str = ""
    stimulus: str = ""
    condition: str = ""
    purpose: Stated | None = None  # None: the study has one
    layers: Layers = field(default_factory=Layers)

    def spec(self) -> LiveSpec:
        now = datetime.now()
        return LiveSpec(
            name=self.name or f"Live, {now.day} {now:%B %Y, %H:%M}",
            settings=AnalysisSettings(),
            study=self.study or None,
            stimulus=self.stimulus or None,
            condition=self.condition or None,
            purpose=self.purpose,
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
        self.marks: list[Mark] = []
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
        name = " ".join(name.split()) or f"Marker {1 + sum(not mark.note for mark in self.marks)}"
        at = self._moment(t_ms)
        self.session.mark(name, t_ms=at)
        self.marks.append(Mark(at, name, note=False))

    def note(self, text: str, t_ms: int | None = None) -> None:
        at = self._moment(t_ms)
        self.session.mark(text, kind="note", t_ms=at)
        self.marks.append(Mark(at, " ".join(text.split()), note=True))

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

    # -- what the page shows ----------------------------------------------------------

    @property
    def running(self) -> bool:
        """Until it is written and in the store: its link is told no earlier."""
        return self.ended_at is None

    def view(self, since_ms: int = -1) -> RunView:
        """The page's numbers, with the curve's points after a time."""
        view = self.session.view()
        with self._lock:
            still = list(self._still)
            trouble = self._trouble
        fresh = [one for one in still if one[0] > view.elapsed_ms - 2 * STILL_MS]
        people = middle([one[1] for one in fresh])
        attending = min(people, middle([one[2] for one in fresh]))
        says, hint = self._words(view, trouble)
        history = self.session.history(CURVE_S)
        return RunView(
            state="ended" if not self.running else "paused" if view.paused else "running",
            t=view.elapsed_ms,
            frames=view.analysed,
            people=people,
            attending=attending,
            viewers=view.viewers,
            engagement=known(view.engagement),
            attention=known(100 * view.attention),
            valence=known(view.valence, 2),
            fps=known(view.rate),
            delay=known(view.delay_ms),
            dropped=view.dropped,
            errors=view.errors + trouble,
            size=(view.width, view.height),
            markers=tuple(self.marks),
            curve=curve_of(history, since_ms),
            said=finding(
                history,
                people=people,
                attending=attending,
                engagement=view.engagement,
                paused=view.paused,
            ),
            words=says,
            hint=hint,
            done=None if self.running else self._done(),
        )

    def _words(self, view: LiveView, trouble: int) -> tuple[str, str]:
        """What a person should know, and do about it; the worst of it first."""
        if not self.running:
            if self.summary is None:
                return "The session could not be written.", self._said
            return ENDINGS.get(view.ended, view.ended), ""
        if time.monotonic() - self.heard > 3 and view.analysed:
            return (
                "The camera gives no pictures at the moment.",
                f"After {SILENT_S:.0f} seconds without any, the session ends and is kept.",
            )
        dark = self._dark_since
        if dark is not None and time.monotonic() - dark > DARK_FOR_S:
            return "The camera's picture is black.", "Open its cover, or give it light."
        failed = view.last_error or self._said
        if failed and view.errors + trouble > max(5, view.analysed // 10):
            return "Many pictures cannot be analysed.", f"{failed} The server's log says more."
        return "", ""

    def _done(self) -> Done | None:
        summary = self.summary
        if summary is None or not summary.frames:
            return None
        return Done(
            session=self.session.session_id,
            name=self.session.spec.name,
            length=round(1000 * summary.duration_s),
            viewers=summary.viewers,
            frames=summary.frames,
            markers=sum(not mark.note for mark in self.marks),
        )
