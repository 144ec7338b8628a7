"""Peak memory of the worker on one minute and on ten minutes of film.

    python -m benchmarks.memory [--minutes 1 10] [--detector mtcnn]

The film is the sample clip, scaled to 640×360 and repeated. Real worker processes; the
figure is the kernel's own high-water mark. Writes docs/benchmarks/memory.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av

from fer_core.home import Home
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.session_file import AnalysisSpec
from fer_core.jobs.supervisor import start_worker
from fer_core.machine import peak_mb, stamp
from fer_core.types import AnalysisSettings
from fer_core.video import sample_clip

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "memory.md"
LIMIT_MB = 100.0
SIZE = (640, 360)
RATE = 25


def make_film(target: Path, sample: Path, minutes: float) -> Path:
    """The sample clip's pictures, over and over, encoded as one film."""
    left = count = round(minutes * 60 * RATE)
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        while left > 0:
            with av.open(str(sample)) as source:
                for frame in source.decode(video=0):
                    picture = frame.reformat(*SIZE, format="yuv420p")
                    picture.pts, picture.time_base = count - left, Fraction(1, RATE)
                    out.mux(stream.encode(picture))
                    left -= 1
                    if left == 0:
                        break
        out.mux(stream.encode(None))
    return target


def measure(home: Home, film: Path, settings: AnalysisSettings) -> tuple[float, float, int]:
    """Peak MB, seconds and frames of one worker's run."""
    spec = AnalysisSpec.new(film, settings)
    folder = JobFolder.of(home, f"j{spec.session_id}")
    fd = folder.take_lock()
    assert fd is not None
    folder.write_spec("analyze", spec.to_json())
    begun = time.monotonic()
    child = start_worker(folder, fd)
    os.close(fd)
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, peak_mb(child.pid))
        time.sleep(0.1)
    state = folder.state()
    assert state is not None
    if state.status != "done":
        sys.exit(f"The worker ended as {state.status}: {state.error}")
    return peak, time.monotonic() - begun, int(state.result["frames"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, nargs=2, default=[1, 10])
    parser.add_argument("--detector", default="mtcnn")
    args = parser.parse_args()
    settings = AnalysisSettings(detector=args.detector)
    lines = []
    with tempfile.TemporaryDirectory(prefix="rapt-memory-") as folder:
        home = Home(Path(folder))
        sample = sample_clip(home.uploads / "sample-clip.mp4")
        measure(home, sample, settings)  # fills the cache: networks are exported once
        peaks = []
        for minutes in args.minutes:
            film = make_film(home.uploads / f"{minutes:g}-minutes.mp4", sample, minutes)
            peak, seconds, frames = measure(home, film, settings)
            peaks.append(peak)
            rate = frames / seconds
            lines.append(f"| {minutes:g} | {frames:,} | {peak:.0f} | {seconds:.0f} | {rate:.0f} |")
            print(lines[-1], flush=True)
    grown = peaks[1] - peaks[0]
    text = (
        f"# Memory on long films\n\n{stamp('python -m benchmarks.memory')}\n\n"
        f"640×360, detector {args.detector}, every frame analysed.\n\n"
        "| minutes | frames | peak MB | seconds | frames a second |\n"
        "| ---: | ---: | ---: | ---: | ---: |\n" + "\n".join(lines) + "\n\n"
        f"Difference of the peaks: **{grown:.0f} MB** (allowed: {LIMIT_MB:.0f} MB).\n"
    )
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text)
    print(text)
    sys.exit(0 if grown <= LIMIT_MB else 1)


if __name__ == "__main__":
    main()
