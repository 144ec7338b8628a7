"""Films for the browser tests, made on the spot."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from skimage import data
from skimage.data import astronaut

from fer_core.video.sample import FPS, sample_clip

#: Pictures until a long film repeats itself.
TURN = 125


def long_film(target: Path, frames: int) -> Path:
    """A face that moves a little, for long enough to be cancelled: 25 frames a second.

    The movement comes back to where it began: one turn is encoded, and then written again.
    """
    picture = astronaut()[:320, 64:384]
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.height, stream.width, stream.pix_fmt = 320, 320, "yuv420p"
        packets = []
        for i in range(min(frames, TURN)):
            by = round(12 * np.sin(2 * np.pi * i / TURN))
            moved = np.ascontiguousarray(np.roll(picture, by, axis=1))
            packets += stream.encode(av.VideoFrame.from_ndarray(moved, format="rgb24"))
        packets += stream.encode(None)
        turn = [(bytes(one), one.is_keyframe) for one in packets]
        for i in range(frames):
            content, key = turn[i % len(turn)]
            packet = av.Packet(content)
            packet.stream, packet.time_base = stream, Fraction(1, 25)
            packet.pts = packet.dts = i
            packet.duration, packet.is_keyframe = 1, key
            out.mux(packet)
    return target


def room_film(target: Path, *, seconds: int, viewers: int, rate: int = 10) -> Path:
    """As many faces as a simulated session has viewers, where its boxes are."""
    portrait = astronaut()[40:220, 140:320][::2, ::2]
    room = np.full((320, 100 * viewers + 200, 3), 70, np.uint8)
    for viewer in range(1, viewers + 1):
        room[80:170, 100 * viewer : 100 * viewer + 90] = portrait
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.height, stream.width, stream.pix_fmt = *room.shape[:2], "yuv420p"
        for i in range(seconds * rate):
            picture = room.copy()
            picture[-20:, : round(room.shape[1] * i / (seconds * rate))] = 200
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return target


def cut_film(target: Path, *stretches: tuple[str, float], rate: int = 10) -> Path:
    """Photographs of scikit-image that are panned over, each for some seconds."""
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for name, seconds in stretches:
            picture = cv2.resize(getattr(data, name)(), (480, 360))
            for i in range(round(seconds * rate)):
                view = np.ascontiguousarray(picture[2 * i % 100 :, 3 * i % 150 :][:240, :320])
                out.mux(stream.encode(av.VideoFrame.from_ndarray(view, format="rgb24")))
        out.mux(stream.encode(None))
    return target


def faces_with_cuts(target: Path, *, shot_s: int = 4) -> Path:
    """Six shots of the sample clip's two people, one alone and both by turns, without a pause."""
    with av.open(str(sample_clip(target.parent / "sample.mp4"))) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    shots = (frames[: 2 * FPS], frames[10 * FPS :])  # near and alone; both in the room
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], "yuv420p"
        for shot in range(6):
            there = shots[shot % 2]
            turn = [*there, *there[-2:0:-1]]  # there and back: no cut within a shot
            for at in range(shot_s * FPS):
                picture = turn[at % len(turn)]
                out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return target
