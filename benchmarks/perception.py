"""Perception's rates on the sample clip, on the same at 1080p, and on films given.

    python -m benchmarks.perception [FILM …] [--peer-python PYTHON]

Writes docs/benchmarks/perception.md. With the peer's Python (`python -m benchmarks.peers install
fer` makes its environment) the `fer` package runs over the same films in the same run.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.films import make_film, repeat
from fer_core.cli.lab.bench_perception import as_page, as_table, measure_film
from fer_core.home import Home
from fer_core.video import sample_clip

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "perception.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", type=Path, nargs="*")
    parser.add_argument("--peer-python", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    peer = ("fer", args.peer_python) if args.peer_python else None
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder, "home"))
        sample = sample_clip(Path(folder, "sample.mp4"))
        # The sample's first seconds, over and over: one viewer, who moves and turns.
        start = make_film(Path(folder, "start.mp4"), sample, 5, (1920, 1080), rate=30)
        large = repeat(start, Path(folder, "one-face-1080p.mp4"), 900, 30)
        results = [measure_film(film, home, args.rounds, peer) for film in [*args.films, sample]]
        results.append(measure_film(large, home, args.rounds))
    print(as_table(results))
    PAGE.write_text(as_page(results, "python -m benchmarks.perception"), encoding="utf-8")


if __name__ == "__main__":
    main()
