"""Parts of a long film: where it can be entered so that its frames count on as from its start.

A part begins with frames that the part before it has as well. A film is divided only where its
packets say all: a time each, none damaged, none missing in between.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import av

from fer_core.errors import VideoError
from fer_core.video.clock import Clock, Sampler, Steps
from fer_core.video.source import Source, open_source

#: A part begins on this rhythm, in ms: where nothing happens, following looks everywhere at these
#: moments (``DETECT_EVERY_MS`` of the pipeline), and both sides of a seam do so together.
RHYTHM_MS: Final = 400


@dataclass(frozen=True, slots=True)
class Part:
    """Frames ``begin`` to before ``end`` of a film; those from ``own`` on are no other part's.

    Decoding begins at the key frame of number ``key_frame``, whose time stamp is ``key_pts``.
    """

    begin: int
    own: int
    end: int
    key_frame: int = 0
    key_pts: int = 0


def divide(
    path: str | Path, length_ms: int, overlap_ms: int, fps: float | None = None
) -> tuple[Part, ...]:
    """A film's parts, each about ``length_ms`` long; none where it is short or cannot be divided.

    ``fps``: the rate at which frames are looked at, None for every frame.
    """
    packets = _packets(path, 1.5 * length_ms)
    if packets is None:
        return ()
    t_ms, keys = packets
    count = round(t_ms[-1] / length_ms)
    if count < 2:
        return ()
    sampler = Sampler(fps)
    looked = [n for n, t in enumerate(t_ms) if sampler.wants(t)]
    beats = _beats(looked, t_ms)
    found = []
    seams = [bisect_left(t_ms, t_ms[-1] * n // count) for n in range(1, count)]
    for own, end in zip([0, *seams], [*seams, len(t_ms)]):
        early = t_ms[own] - overlap_ms
        begin = beats[max(0, bisect_right(beats, early, key=t_ms.__getitem__) - 1)]
        # the sampler counts from the key frame: a whole step later it gives out the same frames
        settled = t_ms[begin] - (0 if fps is None else 1000 / fps + 1)
        before = [key for key in keys if key == begin or (key < begin and t_ms[key] <= settled)]
        key = max(before, default=0) if own else 0
        found.append(Part(begin if own else 0, own, end, key, keys.get(key, 0)))
    return tuple(found)


def _beats(looked: Sequence[int], t_ms: Sequence[int]) -> list[int]:
    """The frames at which a film in which nothing happens is looked at everywhere."""
    beats, due = [], -1
    for n in looked:
        if t_ms[n] >= due:
            beats.append(n)
            due = t_ms[n] + RHYTHM_MS
    return beats


def _packets(path: str | Path, least_ms: float) -> tuple[list[int], dict[int, int]] | None:
    """The time of each frame in ms, and the time stamps of key frames by their number.

    None where the film says that it is shorter than ``least_ms``, or too little of its frames.
    """
    try:
        source = open_source(path, threads=1)
        with closing(source.container):
            said = source.container.duration  # in microseconds
            if said is not None and said / 1000 < least_ms:
                return None
            time_base = source.stream.time_base
            stamps, keys = _stamps(source)
    except (VideoError, av.error.FFmpegError, ValueError):
        return None  # the analysis itself says what is wrong
    stamps.sort()
    if len(stamps) < 2 or len(set(stamps)) < len(stamps) or source.is_picture:
        return None
    clock, steps = Clock(1000), Steps()
    t_ms = [clock.tick(stamp, time_base) for stamp in stamps]
    for before, after in pairwise(t_ms):
        steps.add(after - before)
    if clock.repaired or steps.missing():
        return None
    return t_ms, {bisect_left(stamps, key): key for key in keys}


def _stamps(source: Source) -> tuple[list[int], list[int]]:
    """Of every packet, and of those with a key frame. ValueError where one says too little."""
    if "avi" in source.container.format.name.split(","):
        raise ValueError("AVI knows no presentation times")
    stamps, keys = [], []
    for packet in source.container.demux(source.stream):
        if not packet.size:
            continue
        if packet.pts is None or packet.is_corrupt or packet.is_discard:
            raise ValueError("a packet without a time, or a damaged one")
        stamps.append(packet.pts)
        if packet.is_keyframe:
            keys.append(packet.pts)
    return stamps, keys
