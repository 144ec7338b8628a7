"""What aiortc keeps to itself and we use: these tests fail when the library changes it."""

from __future__ import annotations

import asyncio

from aiortc import RTCPeerConnection
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtcpSenderInfo, RtcpSrPacket, RtpPacket

from dashboard.camera.connection.aiortc_internals import (
    CAPACITY,
    JITTER_BUFFER,
    PromptJitterBuffer,
    hear_reports,
    install_prompt_buffers,
    rtp_origin,
)


def packet(number: int, t: int, data: bytes, marker: bool = False) -> RtpPacket:
    made = RtpPacket(payload_type=96, sequence_number=number, timestamp=t, marker=int(marker))
    made._data = data  # type: ignore[attr-defined]
    return made


def test_a_frame_is_given_with_its_last_packet_in_any_order() -> None:
    buffer = PromptJitterBuffer(capacity=16, is_video=True)

    def add(*args: object, **more: object) -> tuple[bytes, int] | None:
        _, found = buffer.add(packet(*args, **more))  # type: ignore[arg-type]
        return None if found is None else (found.data, found.timestamp)

    assert add(65534, 100, b"a") is None
    assert add(65535, 100, b"b", marker=True) == (b"ab", 100)
    assert add(0, 100, b"") is None  # padding after a frame is no frame
    assert add(2, 200, b"d", marker=True) is None  # its first part is still on the way
    assert add(1, 200, b"c") == (b"cd", 200)
    assert add(3, 300, b"e") is None  # a sender without markers: the next one tells
    assert add(4, 400, b"f", marker=True) == (b"e", 300)
    assert add(5, 500, b"g", marker=True) in ((b"f", 400), (b"g", 500))


def test_a_receiver_has_the_buffer_that_is_replaced() -> None:
    async def try_it() -> None:
        peer = RTCPeerConnection()
        transceiver = peer.addTransceiver("video", direction="recvonly")
        before = getattr(transceiver.receiver, JITTER_BUFFER)
        assert type(before) is JitterBuffer
        assert before.capacity == CAPACITY
        install_prompt_buffers(peer)
        assert type(getattr(transceiver.receiver, JITTER_BUFFER)) is PromptJitterBuffer
        await peer.close()

    asyncio.run(try_it())


def test_a_senders_reports_are_heard_and_still_reach_the_library() -> None:
    async def try_it() -> None:
        peer = RTCPeerConnection()
        receiver = peer.addTransceiver("video", direction="recvonly").receiver
        heard: list[tuple[int, int]] = []
        hear_reports(receiver, lambda rtp, ntp: heard.append((rtp, ntp)))
        info = RtcpSenderInfo(ntp_timestamp=77, rtp_timestamp=9000, packet_count=1, octet_count=1)
        await receiver._handle_rtcp_packet(RtcpSrPacket(ssrc=5, sender_info=info))
        assert heard == [(9000, 77)]
        stats = await receiver.getStats()
        assert any(one.type == "remote-outbound-rtp" for one in stats.values())
        await peer.close()

    asyncio.run(try_it())


def test_the_time_taken_from_every_picture_is_the_first_packets() -> None:
    async def try_it() -> None:
        peer = RTCPeerConnection()
        receiver = peer.addTransceiver("video", direction="recvonly").receiver
        assert rtp_origin(receiver) == 0, "no packet yet"
        mapper = receiver._RTCRtpReceiver__timestamp_mapper  # type: ignore[attr-defined]
        assert [mapper.map(time) for time in (9000, 9090)] == [0, 90]
        assert rtp_origin(receiver) == 9000
        await peer.close()

    asyncio.run(try_it())
