"""Peak memory of the worker on a short and on a long film, small and large.

    python -m benchmarks.memory [--only 640x360]

The films are the sample clip, scaled and repeated. Real worker processes; the figure is
the kernel's own high-water mark. Writes docs/benchmarks/memory.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.films import make_film
from fer_core.home import Home
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.pool import start_worker
from fer_core.machine import peak_mb, stamp
from fer_core.types import AnalysisSettings
from fer_core.video import sample_clip

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "memory.md"


@dataclass(frozen=True, slots=True)
class Series:
    """A short and a long film of one size, and what they may need, in MB."""

    name: str
    size: tuple[int, int]
    minutes: tuple[float, float]
    may_grow: float
    limit: float


SERIES = (
    Series("640x360", (640, 360), (1, 10), 100, 400),
    Series("1920x1080", (1920, 1080), (1, 30), 25, 400),
)


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
    parser.add_argument("--only", choices=[series.name for series in SERIES])
    args = parser.parse_args()
    wanted = [series for series in SERIES if args.only in (None, series.name)]
    lines, failed = [], False
    with tempfile.TemporaryDirectory(prefix="rapt-memory-") as folder:
        home = Home(Path(folder))
        sample = sample_clip(home.uploads / "sample-clip.mp4")
        measure(home, sample, AnalysisSettings())  # fills the cache: networks are exported once
        for series in wanted:
            peaks = []
            for minutes in series.minutes:
                film = home.uploads / f"{series.name}-{minutes:g}-minutes.mp4"
                make_film(film, sample, 60 * minutes, series.size)
                peak, seconds, frames = measure(home, film, AnalysisSettings())
                film.unlink()
                peaks.append(peak)
                lines.append(
                    f"| {series.name} | {minutes:g} | {frames:,} | {peak:.0f} | {seconds:.0f} "
                    f"| {frames / seconds:.0f} |"
                )
                print(lines[-1], flush=True)
            grown = peaks[1] - peaks[0]
            failed |= grown > series.may_grow or max(peaks) > series.limit
            lines.append(
                f"| {series.name} | difference | | **{grown:.0f}** (allowed {series.may_grow:.0f}; "
                f"at most {series.limit:.0f}) | | |"
            )
    text = (
        f"# Memory on long films\n\n{stamp('python -m benchmarks.memory')}\n\n"
        "Peak of the worker's resident memory; every frame analysed.\n\n"
        "| film | minutes | frames | peak MB | seconds | frames a second |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n" + "\n".join(lines) + "\n"
    )
    print(text)
    if args.only is None:
        REPORT.write_text(text, encoding="utf-8")
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
