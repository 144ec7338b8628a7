"""A file's metadata before it is decoded, corrected where containers are known to be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame

from fer_core.text import whole_number
from fer_core.types import VideoInfo
from fer_core.video.convert import Upright, upright_size
from fer_core.video.source import Source, check_size

#: Some recorders write 1000 or 90000 as the rate of a film without one.
_HIGHEST_RATE = 480.0


@dataclass(frozen=True, slots=True)
class Promise:
    """What the container declares: ``frames`` is None where it declares no number.

    ``film_ms`` is the film's own length where the container states it for the film alone
    (a file's length may be that of its sound).
    """

    frames: int | None
    film_ms: int | None


def promise(source: Source, first: VideoFrame) -> Promise:
    """How many frames and milliseconds the file says that it has; None: it does not say."""
    stream = source.stream
    frames: int | None = stream.frames or None
    if "mp4" in source.container.format.name:
        # An edit list hides frames that the header still counts. The index holds what
        # will be read, with a mark on frames that are decoded only to reach others.
        entries = stream.index_entries
        if frames and len(entries):
            frames = min(frames, sum(not entry.is_discard for entry in entries))
    elif frames is None:
        frames = _tag_number(stream.metadata, "NUMBER_OF_FRAMES")
    film = _film_ms(source)
    if film and "matroska" in source.container.format.name and first.time is not None:
        # Matroska tells when a film ends, not how long it is: one that starts late is shorter.
        film = max(1, film - round(first.time * 1000))
    return Promise(frames, film)


def describe(
    path: Path, source: Source, first: VideoFrame, aspect: float, upright: Upright
) -> VideoInfo:
    """The file's card; ``first`` is its first frame, which knows the rotation."""
    stream = source.stream
    width, height = upright_size(first, aspect, upright)
    check_size(path.name, width, height)
    rate = nominal_rate(source)
    told = promise(source, first)
    duration = told.film_ms or _container_ms(source)
    frames = told.frames or round(duration * rate / 1000)
    if source.is_picture:
        duration, rate, frames = 0, 0.0, 1
    elif not duration or not frames:
        frames, duration = _walk(path, rate)
        rate = round(1000 * frames / duration, 3) if duration else rate
    return VideoInfo(
        path=str(path),
        container=_container_name(source, path),
        codec=stream.codec_context.codec.canonical_name,
        width=width,
        height=height,
        rotation=upright.turn,
        duration_ms=duration,
        fps=rate,
        frames_estimate=max(1, frames),
        is_picture=source.is_picture,
    )


def nominal_rate(source: Source) -> float:
    """Frames a second as the file says; 25 where it says nothing that can be."""
    stream = source.stream
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and 0 < float(rate) <= _HIGHEST_RATE:
            return round(float(rate), 3)
    return 25.0


def pixel_aspect(source: Source) -> float:
    """Width over height of one stored pixel; 1 where it is unknown or absurd."""
    ratio = source.stream.sample_aspect_ratio
    value = float(ratio) if ratio else 1.0
    return value if 0.25 <= value <= 4 and abs(value - 1) > 0.005 else 1.0


def _film_ms(source: Source) -> int | None:
    stream = source.stream
    if stream.duration and stream.time_base:
        return round(stream.duration * stream.time_base * 1000) or None
    for key, text in stream.metadata.items():
        if key.upper().startswith("DURATION") and text.count(":") == 2:
            hours, minutes, seconds = text.split(":")
            try:
                return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)
            except ValueError:
                return None
    if len(source.container.streams) == 1:
        return _container_ms(source) or None
    return None


def _container_ms(source: Source) -> int:
    return round((source.container.duration or 0) / 1000)


def _tag_number(metadata: dict[str, str], name: str) -> int | None:
    for key, text in metadata.items():
        if key.upper().startswith(name):
            return whole_number(text) or None
    return None


def _walk(path: Path, rate: float) -> tuple[int, int]:
    """Frames and milliseconds of a file that declares neither, by reading its packets.

    A browser's recorder leaves both out. Nothing is decoded: an hour takes about a second.
    """
    from fer_core.video.source import open_source

    source = open_source(path, threads=1)
    count, first, last = 0, None, None
    try:
        for packet in source.container.demux(source.stream):
            if packet.size == 0 or packet.is_discard:
                continue
            count += 1
            if packet.pts is not None and packet.time_base:
                at = packet.pts * Fraction(packet.time_base)
                first = at if first is None else min(first, at)
                last = at if last is None else max(last, at)
    except av.error.FFmpegError:
        pass  # what was read until the damage is the best estimate there is
    finally:
        source.container.close()
    if first is None or last is None or last <= first:
        return count, round(count * 1000 / rate)
    return count, round((last - first) * 1000 * count / max(1, count - 1))


def _container_name(source: Source, path: Path) -> str:
    names = source.container.format.name.split(",")
    suffix = path.suffix.lower().lstrip(".")
    if suffix in names or len(names) == 1:
        return suffix if suffix in names else names[0].removesuffix("_pipe")
    if "matroska" in names:
        return "webm" if suffix == "webm" else "matroska"
    return "mp4" if "mp4" in names else names[0]
