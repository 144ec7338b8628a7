"""Films of any size and length, made of the sample clip."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av


def make_film(
    target: Path, sample: Path, seconds: float, size: tuple[int, int], rate: int = 25
) -> Path:
    """The sample clip scaled and played over and over. It is encoded once; its packets are
    then repeated, so that an hour costs no more than its file."""
    once = target.with_name(f"once-{target.name}")
    with av.open(str(once), "w") as out:
        stream = out.add_stream("libx264", rate=rate, options={"preset": "veryfast", "bf": "0"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        with av.open(str(sample)) as source:
            for number, frame in enumerate(source.decode(video=0)):
                picture = frame.reformat(*size, format="yuv420p")
                picture.pts, picture.time_base = number, Fraction(1, rate)
                out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    repeat(once, target, round(seconds * rate), rate)
    once.unlink()
    return target


def repeat(once: Path, target: Path, frames: int, rate: int) -> Path:
    """A film's packets over and over, until there are so many frames."""
    with av.open(str(target), "w") as out:
        stream, written = None, 0
        while written < frames:
            with av.open(str(once)) as source:
                video = source.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                for packet in source.demux(video):
                    if packet.dts is None or written == frames:
                        continue
                    packet.pts = packet.dts = round(written / rate / packet.time_base)
                    packet.stream = stream
                    out.mux(packet)
                    written += 1
    return target
