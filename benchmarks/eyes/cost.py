"""What eyes and movements cost: a frame, a whole film beside a peer, a live session's delay.

    python -m benchmarks.eyes.cost [--shared FOLDER] [--peer-python PYTHON] [--write]

Prints the part «What it costs» of docs/benchmarks/eyes.md; ``--write`` puts it there. PYTHON is
that of the environment that ``benchmarks.peers install fer`` makes. With eyes, without and the peer
take turns, so that all three meet the same machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.films import make_film, repeat
from benchmarks.live import Run, render
from fer_core.faces import make_detector
from fer_core.faces.readings import EYES_HZ, FaceReader
from fer_core.home import Home
from fer_core.live import Engines, LiveSession, LiveSpec
from fer_core.machine import stamp
from fer_core.pipeline import Analysis, Networks, Perception
from fer_core.types import AnalysisSettings, CropSpec
from fer_core.video import Decoder, sample_clip
from tests.live.rendered import Person

HERE = Path(__file__).resolve().parent
PAGE, TITLE = HERE.parents[1] / "docs" / "benchmarks" / "eyes.md", "## What it costs"
ROUNDS, REPEATS = 7, 5
LARGE_ROUNDS = 3
LIVE_S = 10.0


def of_a_frame(path: Path, home: Home) -> str:
    """Milliseconds of one thread that reading a face adds to a frame, over a film."""
    detector = make_detector("mtcnn", cache=home.cache)
    reader = FaceReader()
    frames = iter(Decoder(path, long_side=detector.working_side))
    seen = list(Perception(detector, CropSpec()).run(frames))
    taken = []
    for turn in range(4):  # the first one warms up
        for frame, found in seen:
            begin = time.thread_time()
            reader.read(frame, found.faces, found.usable, found.before_ms)
            if turn and len(found.viewer):
                taken.append(1000 * (time.thread_time() - begin))
    return (
        f"Eyes {EYES_HZ}, mesh {EYES_HZ // 2} times a second (`fer_core/faces/readings.py`) "
        f"on {path.name}, 30 frames a second, one face, one thread, cutting out included: "
        f"{np.mean(taken):.2f} ms a face and frame on average, median {np.median(taken):.2f}, the "
        f"dearest of {len(taken)} frames {max(taken):.1f}."
    )


def of_a_film(path: Path, home: Home, peer: Path | None) -> str:
    """Frames a second from the first to the last, every frame. Networks are loaded and have run
    before, as the peer's and as those of a batch's later films."""
    found: dict[str, list[float]] = {"with": [], "without": [], "peer": []}
    networks = Networks(home)
    _rate(path, networks, eyes=True, repeats=1)
    for _ in range(ROUNDS):
        found["with"].append(_rate(path, networks, eyes=True))
        if peer is not None:
            found["peer"].append(_peer_rate(path, peer))
        found["without"].append(_rate(path, networks, eyes=False))
    middle = {name: float(np.median(rates)) for name, rates in found.items() if rates}
    said = (
        f"{path.name}, 640×360, one face, every frame, end to end: {middle['with']:.0f} frames a "
        f"second with eyes and movements, {middle['without']:.0f} with `--no-eyes` (median of "
        f"{ROUNDS} turns)"
    )
    if peer is None:
        return f"{said}."
    peers = np.array(found["peer"])
    times, bare = np.array(found["with"]) / peers, np.array(found["without"]) / peers
    return (
        f"{said}; `fer` {middle['peer']:.0f}. With everything on that is "
        f"{np.median(times):.1f} times `fer` (turn by turn {times.min():.1f} to "
        f"{times.max():.1f}), with `--no-eyes` {np.median(bare):.1f} times "
        f"({bare.min():.1f} to {bare.max():.1f})."
    )


def of_a_large_film(home: Home) -> str:
    """How many times faster than a film of 1920×1080 plays."""
    with tempfile.TemporaryDirectory() as folder:
        sample = sample_clip(Path(folder, "sample.mp4"))
        start = make_film(Path(folder, "start.mp4"), sample, 5, (1920, 1080), rate=30)
        path = repeat(start, Path(folder, "large.mp4"), 300, 30)
        networks = Networks(home)
        rates = {
            eyes: [_rate(path, networks, eyes=eyes, repeats=1) / 30 for _ in range(LARGE_ROUNDS)]
            for eyes in (False, True)
        }
    return (
        "1920×1080 at 30 frames a second (the sample clip, one face), every frame: "
        f"{np.median(rates[True]):.1f} times real time with eyes and movements, "
        f"{np.median(rates[False]):.1f} times with `--no-eyes` (median of {LARGE_ROUNDS})."
    )


def _rate(path: Path, networks: Networks, *, eyes: bool, repeats: int = REPEATS) -> float:
    frames, seconds = 0, 0.0
    settings = AnalysisSettings(eyes=eyes)
    for _ in range(repeats):
        with Analysis(path, settings, home=networks.home, networks=networks) as analysis:
            begin = time.perf_counter()
            frames += sum(1 for _ in analysis)
            seconds += time.perf_counter() - begin
    return frames / seconds


def _peer_rate(path: Path, python: Path) -> float:
    script = HERE.parent / "peers" / "runners" / "fer_film.py"
    done = subprocess.run(
        [str(python), str(script), str(path), "--repeat", str(REPEATS)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(json.loads(done.stdout.strip().splitlines()[-1])["fps"])


def of_live(home: Home) -> str:
    """From offering a picture to its result, one face at 640×360 and 25 pictures a second."""
    shown = render([Person(320, 190, 150)], (640, 360), 100)
    delays = {}
    for name, eyes in (("with", True), ("without", False)):
        settings = AnalysisSettings(eyes=eyes)
        spec = LiveSpec(name, settings)
        run = Run(LiveSession(home, spec, Engines.open(home, settings)), shown)
        run.play(LIVE_S)
        run.session.stop()
        delays[name] = np.percentile(run.delays, [50, 95])
    (middle, high), (bare, bare_high) = delays["with"], delays["without"]
    return (
        f"Live, one face at 640×360 and 25 pictures a second, from a picture to its result: "
        f"{middle:.1f} ms (95 % under {high:.1f}) with eyes, {bare:.1f} ({bare_high:.1f}) without: "
        f"{middle - bare:+.1f} ms."
    )


def costs(shared: Path, home: Home, peer: Path | None) -> str:
    path = shared / "videos" / "single_face.mp4"
    made = stamp("python -m benchmarks.eyes.cost")
    film = of_a_film(path, home, peer)
    parts = of_a_frame(path, home), film, of_a_large_film(home), of_live(home)
    return "\n\n".join([made, *parts])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=HERE.parents[2] / "shared")
    parser.add_argument("--peer-python", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = costs(args.shared, Home(Path(folder)), args.peer_python)
    print(found)
    if args.write:
        head, rest = PAGE.read_text().split(TITLE)
        _, after = rest.split("\n## ", 1)
        PAGE.write_text(f"{head}{TITLE}\n\n{found}\n\n## {after}")


if __name__ == "__main__":
    main()
