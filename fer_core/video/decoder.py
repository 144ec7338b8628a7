"""Decodes a file to upright frames with presentation times, and counts what was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import av
from av.packet import Packet
from av.video.frame import VideoFrame

from fer_core.errors import SettingsError, VideoError
from fer_core.types import DecodeReport, Frame, VideoInfo
from fer_core.video.clock import Clock, Sampler, Steps
from fer_core.video.convert import Converter, orientation
from fer_core.video.parts import Part
from fer_core.video.probe import describe, nominal_rate, pixel_aspect, promise
from fer_core.video.source import open_source

#: Not for the caller to choose: FFmpeg repairs a damaged picture from its neighbours, and
#: with another number of threads it takes other neighbours. One number, one result.
_THREADS = 2
#: Damage can make a demuxer report the same error for ever.
_MOST_READ_ERRORS = 1000
_MOST_PROBLEMS = 20


def probe(path: str | Path) -> VideoInfo:
    """What the file is; decodes one frame of it."""
    with Decoder(path) as decoder:
        return decoder.info


class Decoder:
    """A context manager and an iterator of ``Frame``, in order of presentation.

    ``index`` counts decoded frames from 0 and ``t_ms`` runs from the first of them,
    whether or not a frame is given out. ``long_side`` is the working picture's, or what gives
    it from the width and height of the original. ``fps`` gives out fewer frames, chosen by time;
    ``start`` leaves out lower indices. Frames left out are decoded and not converted. Of a ``part``
    only its frames are given out, and what lies before its key frame is not even decoded.
    Not for use by two threads at once.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        long_side: int | Callable[[int, int], int | None] | None = None,
        fps: float | None = None,
        start: int = 0,
        part: Part | None = None,
    ) -> None:
        if isinstance(long_side, int) and long_side < 1:
            raise SettingsError(f"A picture cannot be {long_side} pixels wide.", "Give 64 or more.")
        self._path = Path(path)
        self._sampler = Sampler(fps)
        self._start = start if part is None else max(start, part.begin)
        self._part = part
        self._decoded = 0
        self._last_t = 0
        self._failed = 0
        self._damaged = 0
        self._ended = False
        self._read_errors: Counter[str] = Counter()
        self._source = open_source(path, threads=_THREADS)
        formats = self._source.container.format.name.split(",")
        # AVI knows no presentation times: FFmpeg's guesses at them go back and forth, while
        # the decoding times run evenly and only start a few frames late.
        self._stamp = "dts" if "avi" in formats else "pts"
        self._partial_is_lost = "mp4" in formats
        try:
            self._raw = self._decode()
            first = next(self._raw, None)
            if first is None:
                raise self._nothing()
            self._promise = promise(self._source, first)
            aspect = pixel_aspect(self._source)
            upright = orientation(first, self._path if self._source.is_picture else None)
            self.info = describe(self._path, self._source, first, aspect, upright)
            size = self.info.width, self.info.height
            side = long_side(*size) if callable(long_side) else long_side
            self._convert = Converter(size, aspect, upright, side)
        except BaseException:
            self._source.container.close()
            raise
        self._clock = Clock(nominal_rate(self._source), self.info.duration_ms)
        self._steps = Steps()
        self._frames = self._walk(first)

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        return next(self._frames)

    def close(self) -> None:
        """Close the file; again: nothing."""
        self._frames.close()
        self._raw.close()
        self._source.container.close()

    @property
    def report(self) -> DecodeReport:
        """What came out so far. Frames the container promised count as lost at the end only."""
        lost = self._failed
        problems = [
            text if n == 1 else f"{text} ({n} times)" for text, n in self._read_errors.most_common()
        ]
        if self._ended and not self.info.is_picture:
            missing, note = self._missing()
            lost = missing if missing is not None else lost
            problems += [note] if note else []
        if self._damaged:
            problems.append(f"{self._damaged} frames are shown with damage")
        if self._clock.repaired > 2 + 0.01 * self._decoded:
            problems.append(f"{self._clock.repaired} timestamps were missing or out of order")
        return DecodeReport(self._decoded, lost, self._last_t, tuple(problems[:_MOST_PROBLEMS]))

    def _walk(self, first: VideoFrame) -> Generator[Frame]:
        # A generator, so that leaving a loop early releases the file as well.
        try:
            raw: VideoFrame | None = first
            if self._part is not None and self._part.key_frame:
                self._clock.tick(first.pts, first.time_base)
                raw = self._enter(self._part)
            begun = self._decoded
            while raw is not None:
                index = self._decoded
                if self._part is not None and index >= self._part.end:
                    return
                t_ms = self._clock.tick(getattr(raw, self._stamp), raw.time_base)
                if index > begun:
                    self._steps.add(t_ms - self._last_t)
                self._decoded += 1
                self._last_t = t_ms
                self._damaged += bool(raw.is_corrupt)
                if self._sampler.wants(t_ms) and index >= self._start:
                    rgb, grey = self._convert(raw)
                    yield Frame(index, t_ms, rgb, grey)
                if self.info.is_picture:
                    break
                raw = next(self._raw, None)
            self._ended = True
        finally:
            self._raw.close()
            self._source.container.close()

    def _enter(self, part: Part) -> VideoFrame:
        """The part's key frame: where decoding goes on, and counting with it."""
        self._source.container.seek(part.key_pts, stream=self._source.stream)
        self._raw = self._decode()
        for raw in self._raw:
            if raw.pts is not None and raw.pts >= part.key_pts:
                if raw.pts != part.key_pts:
                    break
                self._decoded = part.key_frame
                return raw
        raise VideoError(f"{self._path.name} cannot be read from frame {part.key_frame} on.")

    def _decode(self) -> Generator[VideoFrame]:
        """Every frame that decodes. One damaged packet costs its own frames only."""
        for packet in self._packets():
            if self._partial_is_lost and packet.is_corrupt:
                # The file ends inside this packet. Two threads would report it only while
                # they are emptied, and the whole frames behind it would be lost with it.
                self._failed += 1
                self._read_errors["the file ends inside a frame"] += 1
                continue
            try:
                frames = packet.decode()
            except EOFError:
                return
            except (av.error.FFmpegError, ValueError) as error:
                self._failed += 1
                self._read_errors[_short(error)] += 1
                continue
            for frame in frames:
                if isinstance(frame, VideoFrame):
                    yield frame

    def _packets(self) -> Iterator[Packet]:
        container, stream = self._source.container, self._source.stream
        errors = 0
        while True:
            try:
                yield from container.demux(stream)
                return
            except av.error.FFmpegError as error:
                # Damage between packets: reading on finds the next whole one.
                errors += 1
                self._read_errors[_short(error)] += 1
                if errors > _MOST_READ_ERRORS:
                    return

    def _missing(self) -> tuple[int | None, str]:
        told = self._promise
        if told.frames is not None:
            lost = max(0, told.frames - self._decoded)
            note = f"{self._decoded} of {told.frames} declared frames could be decoded"
            return lost, note if lost else ""
        if self._decoded < 2:
            return None, ""
        lost, notes = self._steps.missing(), []
        if lost:
            notes.append(f"about {lost} frames are missing in between")
        if told.film_ms:
            step = self._last_t / (self._decoded - 1)
            gap = told.film_ms - self._last_t - step
            # Lengths are often off by some frames; only a film that ends early counts.
            if gap > max(1000, 0.03 * told.film_ms):
                lost += round(gap / step)
                notes.append(f"the film ends {gap / 1000:.1f} s early")
        if lost:
            return max(lost, self._failed), "; ".join(notes)
        return None, ""

    def _nothing(self) -> VideoError:
        why = next(iter(self._read_errors), "it has no complete picture")
        return VideoError(
            f"{self._path.name}: no picture in it can be decoded ({why}).",
            "Check that the copy or download finished and that the file plays in a video player.",
        )


def _short(error: BaseException) -> str:
    if isinstance(error, av.error.InvalidDataError):
        return "damaged data"
    text = getattr(error, "strerror", None) or str(error)
    return str(text).splitlines()[0][:120]
