"""A browser's camera on one side, a live session on the other: frames in, drawn pictures out.

streamlit-webrtc's worker holds the connection. Its own START button is not used: it talks
through reruns of the page, which lose one start in five under load and take the keyboard
into a frame of their own (decision 104). Our page sends its offer to a route instead.

Frames come on the event loop and are only handed over there. Pictures go back when they are
drawn, each once, and only the newest: nothing queues up, so nothing comes late.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCIceServer
from aiortc.contrib.media import MediaRelay
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.mediastreams import MediaStreamError
from streamlit_webrtc import WebRtcMode, WebRtcWorker
from streamlit_webrtc.eventloop import get_global_event_loop

from dashboard.camera.live.data import Run
from fer_core.errors import RaptError

log = logging.getLogger(__name__)

#: Seconds for the answer to an offer; gathering addresses through a TURN server takes some.
ANSWER_S = 15.0
#: Seconds that a thread may keep the interpreter while another waits (Python's own: 0.005). The
#: event loop and each analysis hand it over hundreds of times a picture: with twenty faces,
#: waiting for it took longer than the work.
SWITCH_S = 0.0005


def _of_a_script(record: logging.LogRecord) -> bool:
    """streamlit-webrtc looks for the page that made it; ours is made by a route."""
    return "AnyIO worker thread" not in record.getMessage()


logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").addFilter(_of_a_script)


class ConnectionFailed(RaptError):
    """The browser's offer could not be answered."""


class Eyes:
    """Takes the camera's frames off the connection. A frame that fails is counted, not raised."""

    def __init__(self, take: Callable[[av.VideoFrame], None], ended: Callable[[], None]) -> None:
        self._take, self._ended = take, ended
        self._track: MediaStreamTrack | None = None
        self._task: asyncio.Task[None] | None = None

    def addTrack(self, track: MediaStreamTrack) -> None:  # noqa: N802 - streamlit-webrtc's name
        self._track = track

    def hasTrack(self) -> bool:  # noqa: N802
        return self._track is not None

    def start(self) -> None:
        assert self._track is not None
        self._task = asyncio.get_running_loop().create_task(self._watch(self._track))

    def stop(self) -> None:
        task, self._task, self._track = self._task, None, None
        if task is not None:
            task.get_loop().call_soon_threadsafe(task.cancel)

    async def _watch(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    self._take(frame)
        except MediaStreamError:
            pass  # the camera's stream is over
        finally:
            self._ended()


class Pictures(MediaStreamTrack):
    """What the browser sees: the newest drawn picture, each once."""

    kind = "video"

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._where = loop
        self._lock = threading.Lock()
        self._newest: av.VideoFrame | None = None
        self._there = asyncio.Event()

    def show(self, picture: av.VideoFrame) -> None:
        """From any thread; a picture that was not fetched yet is replaced."""
        with self._lock:
            self._newest = picture
        if not self._where.is_closed():
            self._where.call_soon_threadsafe(self._there.set)

    async def recv(self) -> av.VideoFrame:
        while True:
            if self.readyState != "live":
                raise MediaStreamError
            with self._lock:
                picture, self._newest = self._newest, None
            if picture is not None:
                return picture
            self._there.clear()
            if self._newest is None:
                await self._there.wait()

    def stop(self) -> None:
        super().stop()
        if not self._where.is_closed():
            self._where.call_soon_threadsafe(self._there.set)


class NewestOnly(MediaRelay):
    """The usual relay queues without a bound: pictures would come later and later."""

    def subscribe(self, track: MediaStreamTrack, buffered: bool = True) -> MediaStreamTrack:
        return super().subscribe(track, buffered=buffered and not isinstance(track, Pictures))


class Prompt(JitterBuffer):
    """Gives a frame with its own last packet.

    aiortc's buffer waits for the first packet of the next frame: 40 ms at 25 frames a second,
    200 ms at five. Every frame's last packet carries RTP's marker.
    """

    _given: int | None = None

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        # Padding comes after a frame, under its time: there is nothing in it.
        while (late := self._at(0)) is not None and late.timestamp == self._given:
            self.remove(1)
        frame = self._whole() or super()._remove_frame(sequence_number)
        if frame is not None:
            self._given = frame.timestamp
        return frame

    def _at(self, place: int) -> Any:
        return self._packets[((self._origin or 0) + place) % self._capacity]

    def _whole(self) -> JitterFrame | None:
        first, parts = self._at(0), []
        for place in range(self._capacity):
            packet = self._at(place)
            if packet is None or packet.timestamp != first.timestamp:
                return None
            parts.append(packet._data)
            if packet.marker:
                self.remove(place + 1)
                return JitterFrame(data=b"".join(parts), timestamp=packet.timestamp)
        return None

    @classmethod
    def into(cls, worker: WebRtcWorker) -> None:
        """Before the first packet. The buffer's place is aiortc's own matter: where it moves,
        pictures come a frame later, and nothing else changes."""
        name = "_RTCRtpReceiver__jitter_buffer"
        for one in worker.pc.getTransceivers():
            if isinstance(getattr(one.receiver, name, None), JitterBuffer):
                setattr(one.receiver, name, cls(capacity=512, is_video=True))
            else:
                log.warning("aiortc has changed: live pictures come one frame later.")


def connect(run: Run, offer: dict[str, Any], rtc: dict[str, Any]) -> dict[str, str]:
    """Answer a browser's offer for a run. Blocks for as long as addresses are gathered."""
    sys.setswitchinterval(SWITCH_S)
    loop = get_global_event_loop()
    pictures = Pictures(loop)
    worker = WebRtcWorker(
        mode=WebRtcMode.SENDRECV,
        rtc_configuration=_servers(rtc),
        source_video_track=pictures,
        source_audio_track=None,
        sink_video_track=Eyes(run.take, run.ended),
        sink_audio_track=None,
        player_factory=None,
        in_recorder_factory=None,
        out_recorder_factory=None,
        video_frame_callback=None,
        audio_frame_callback=None,
        queued_video_frames_callback=None,
        queued_audio_frames_callback=None,
        on_video_ended=None,
        on_audio_ended=None,
        video_processor_factory=None,
        audio_processor_factory=None,
        async_processing=True,
        video_receiver_size=1,
        audio_receiver_size=1,
        sendback_video=True,
        sendback_audio=False,
        loop=loop,
        relay=NewestOnly(),
    )

    def hang_up() -> None:
        pictures.stop()
        worker.stop()

    run.wire(pictures.show, hang_up)
    try:
        local = worker.process_offer(str(offer["sdp"]), str(offer["type"]), timeout=ANSWER_S)
    except Exception as error:  # what aiortc raises for an offer it cannot read has no one type
        log.exception("An offer could not be answered.")
        run.drop()
        raise ConnectionFailed(
            "The server could not answer this browser's camera.",
            "Reload the page and try again; if it fails again, check the connection.",
        ) from error
    Prompt.into(worker)
    return {"sdp": local.sdp, "type": local.type}


def _servers(rtc: dict[str, Any]) -> RTCConfiguration:
    return RTCConfiguration(
        iceServers=[
            RTCIceServer(
                urls=one["urls"], username=one.get("username"), credential=one.get("credential")
            )
            for one in rtc.get("iceServers", [])
        ]
    )
