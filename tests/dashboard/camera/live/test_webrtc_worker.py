"""What streamlit-webrtc does not publish and we use: these tests fail when it changes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import av
import numpy as np
import pytest
import streamlit_webrtc.eventloop as library_loop
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay

from dashboard.camera.live.webrtc import FrameSink, Pictures
from dashboard.camera.live.webrtc_worker import Connection, event_loop


@contextmanager
def running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    asyncio.run_coroutine_threadsafe(cancel_all(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=10)


async def cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Camera(MediaStreamTrack):
    """A browser's camera: grey pictures, 25 a second."""

    kind = "video"
    sent = 0

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(0.04)
        made = av.VideoFrame.from_ndarray(np.full((96, 128, 3), 90, np.uint8), format="rgb24")
        made.pts, made.time_base = 3600 * self.sent, Fraction(1, 90_000)
        self.sent += 1
        return made


def test_the_librarys_event_loop_is_found_where_streamlit_keeps_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = object()
    runtime = type("R", (), {"_get_async_objs": lambda self: type("A", (), {"eventloop": found})()})
    monkeypatch.setattr(library_loop.Runtime, "instance", staticmethod(lambda: runtime()))
    assert event_loop() is found


def test_pictures_reach_the_sink_and_the_answer_sends_ours_back() -> None:
    taken, ended = threading.Event(), threading.Event()
    with running_loop() as loop:
        browser, answered = asyncio.run_coroutine_threadsafe(offer(), loop).result(20)
        pictures = Pictures(loop)
        connection = Connection(
            RTCConfiguration(iceServers=[]),
            source=pictures,
            sink=FrameSink(lambda frame: taken.set(), ended.set),
            relay=MediaRelay(),
            loop=loop,
        )
        local = connection.answer(answered)
        assert local.type == "answer"
        assert "a=sendrecv" in local.sdp
        assert [one.kind for one in connection.peer.getTransceivers()] == ["video"]
        remote = RTCSessionDescription(local.sdp, "answer")
        asyncio.run_coroutine_threadsafe(browser.setRemoteDescription(remote), loop).result(20)
        assert taken.wait(20)
        pictures.stop()
        connection.close()
        asyncio.run_coroutine_threadsafe(browser.close(), loop).result(20)
        assert ended.wait(20)


async def offer() -> tuple[RTCPeerConnection, str]:
    browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    browser.addTrack(Camera())
    await browser.setLocalDescription(await browser.createOffer())
    return browser, browser.localDescription.sdp
