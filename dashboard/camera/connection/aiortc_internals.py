"""Everything of aiortc that we need and it keeps to itself, in this one file.

``tests/dashboard/camera/connection/test_aiortc_internals.py`` fails when the library changes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from aiortc import RTCPeerConnection
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket

log = logging.getLogger(__name__)

JITTER_BUFFER: Final = "_RTCRtpReceiver__jitter_buffer"
TIMESTAMP_MAPPER: Final = "_RTCRtpReceiver__timestamp_mapper"
#: Packets a buffer holds, a power of two; aiortc's own number for video.
CAPACITY: Final = 512


def hear_reports(receiver: RTCRtpReceiver, heard: Callable[[int, int], None]) -> None:
    """Call ``heard`` with the RTP time and the NTP time of each of the sender's reports."""
    take = receiver._handle_rtcp_packet

    async def hear(packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket):
            heard(packet.sender_info.rtp_timestamp, packet.sender_info.ntp_timestamp)
        await take(packet)

    receiver._handle_rtcp_packet = hear  # type: ignore[method-assign]


def rtp_origin(receiver: RTCRtpReceiver) -> int:
    """The RTP time that the library takes from every picture's."""
    return int(getattr(receiver, TIMESTAMP_MAPPER)._origin or 0)


class PromptJitterBuffer(JitterBuffer):
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


def install_prompt_buffers(peer: RTCPeerConnection) -> None:
    """Give each picture with its own last packet; to be called before the first one comes.

    With a later aiortc that keeps its buffer elsewhere, pictures come a frame later.
    """
    for one in peer.getTransceivers():
        if isinstance(getattr(one.receiver, JITTER_BUFFER, None), JitterBuffer):
            setattr(one.receiver, JITTER_BUFFER, PromptJitterBuffer(CAPACITY, is_video=True))
        else:
            log.warning("aiortc has changed: live pictures come one frame later.")
