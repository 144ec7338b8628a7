"""Everything of streamlit-webrtc that we need and it does not publish, in this one file.

Its worker is made for its own component, by a script that Streamlit runs; ours is made by a
route. ``tests/dashboard/camera/live/test_webrtc_worker.py`` fails when the library changes.
"""

from __future__ import annotations

import asyncio
import logging

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from streamlit_webrtc import WebRtcMode, WebRtcWorker
from streamlit_webrtc.eventloop import get_global_event_loop
from streamlit_webrtc.sink import MediaSink

#: Seconds for the answer to an offer; gathering addresses through a TURN server takes some.
ANSWER_S = 15.0


def _of_a_script(record: logging.LogRecord) -> bool:
    """The library looks for the page that made it, and Streamlit warns that there is none."""
    return "AnyIO worker thread" not in record.getMessage()


logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").addFilter(_of_a_script)


def event_loop() -> asyncio.AbstractEventLoop:
    """Streamlit's own, on which the library's connections live."""
    return get_global_event_loop()


class Connection:
    """A browser's camera: its track goes to ``sink``, ``source`` goes back to it."""

    def __init__(
        self,
        configuration: RTCConfiguration,
        *,
        source: MediaStreamTrack,
        sink: MediaSink,
        relay: MediaRelay,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._worker = WebRtcWorker(
            mode=WebRtcMode.SENDRECV,
            rtc_configuration=configuration,
            source_video_track=source,
            source_audio_track=None,
            sink_video_track=sink,
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
            relay=relay,
        )

    def answer(self, sdp: str) -> RTCSessionDescription:
        """Our description for the browser's offer; blocks while addresses are gathered."""
        return self._worker.process_offer(sdp, "offer", timeout=ANSWER_S)

    @property
    def peer(self) -> RTCPeerConnection:
        return self._worker.pc

    def close(self) -> None:
        self._worker.stop()
