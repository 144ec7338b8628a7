"""How many frames a second perception does, stage by stage, and beside a peer."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from fer_core.errors import DataError
from fer_core.faces import make_detector
from fer_core.home import Home
from fer_core.inference import open_classifier
from fer_core.machine import peak_mb, stamp
from fer_core.pipeline import Analysis, Perception
from fer_core.types import AnalysisSettings
from fer_core.video import Decoder

PROJECT: Final = Path(__file__).resolve().parents[3]
PEERS: Final = {"fer": PROJECT / "benchmarks" / "peers" / "runners" / "fer_film.py"}
#: A film of fewer frames is run several times over, so that one slow moment counts less.
SHORT_FILM: Final = 300


@dataclass(frozen=True, slots=True)
class Rates:
    """Frames per second of each stage by itself, and of the whole."""

    film: str
    frames: int
    faces: int
    film_fps: float
    decode: float
    detect: float
    follow: float
    classify: float
    end_to_end: float
    sampled_10: float  # times real time at ten analysed frames a second
    against: dict[str, float]

    @property
    def times_real_time(self) -> float:
        """How many times faster than the film plays."""
        return self.end_to_end / self.film_fps if self.film_fps else float("nan")


def _rate(work: Callable[[], Iterable[Any]]) -> float:
    begin = time.perf_counter()
    count = sum(1 for _ in work())
    return count / (time.perf_counter() - begin)


class _Film:
    """One film, and the stages of its analysis, each to be run alone."""

    def __init__(self, path: Path, home: Home) -> None:
        self.path, self.home = path, home
        self.detector = make_detector("mtcnn", cache=home.cache)
        self.classifier = open_classifier(None, home=home)
        with self.decoder() as first:
            self.info = first.info
            for frame in first:
                self.detector.detect(frame)  # load, first call
                break
        self.crops = [item.crops for item in self.followed()]
        self.repeats = max(1, round(SHORT_FILM / max(1, len(self.crops))))

    def decoder(self) -> Decoder:
        return Decoder(self.path, long_side=self.detector.working_side)

    def decoded(self) -> Iterable[Any]:
        with self.decoder() as frames:
            yield from frames

    def detected(self) -> Iterable[Any]:
        with self.decoder() as frames:
            for frame in frames:
                yield self.detector.detect(frame)

    def followed(self) -> Iterable[Any]:
        with self.decoder() as frames:
            for _, seen in Perception(self.detector, self.classifier.crop).run(iter(frames)):
                yield seen

    def classified(self) -> Iterable[Any]:
        for crops in self.crops:
            yield self.classifier.probabilities(crops)

    def whole(self, fps: float | None = None) -> float:
        """Frames per second from the first to the last, models loaded, over some repeats;
        with ``fps``, how many times faster than the film plays."""
        frames, seconds = 0, 0.0
        for _ in range(self.repeats):
            with Analysis(self.path, AnalysisSettings(fps=fps), home=self.home) as analysis:
                begin = time.perf_counter()
                frames += sum(1 for _ in analysis)
                seconds += time.perf_counter() - begin
        if fps is None:
            return frames / seconds
        return self.repeats * self.info.duration_ms / 1000 / seconds


def measure_film(
    film: Path, home: Home, rounds: int, peer: tuple[str, Path] | None = None
) -> Rates:
    """All rates of one film. The whole and the peer alternate, so that both meet the same
    machine; the stages are run one after the other, alone."""
    stages = _Film(film, home)
    ends, peers, sampled = [], [], []
    for _ in range(rounds):
        ends.append(stages.whole())
        if peer is not None:
            peers.append(_peer_rate(peer, film, stages.repeats))
        sampled.append(stages.whole(10.0))
    end = float(np.median(ends))
    info = stages.info
    return Rates(
        film=f"{film.name} ({info.width}×{info.height}, {info.codec})",
        frames=len(stages.crops),
        faces=sum(len(crops) for crops in stages.crops),
        film_fps=info.fps or 1.0,
        decode=_rate(stages.decoded),
        detect=_rate(stages.detected),
        follow=_rate(stages.followed),
        classify=_rate(stages.classified),
        end_to_end=end,
        sampled_10=float(np.median(sampled)),
        against={peer[0]: end / float(np.median(peers))} if peer else {},
    )


def _peer_rate(peer: tuple[str, Path], film: Path, repeats: int) -> float:
    name, python = peer
    done = subprocess.run(
        [str(python), str(PEERS[name]), str(film), "--repeat", str(repeats)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DataError(f"The peer {name} failed on {film.name}.", done.stderr.strip()[-300:])
    return float(json.loads(done.stdout.strip().splitlines()[-1])["fps"])


COLUMNS: Final = (
    "film", "faces", "decode", "detect", "follow", "classify",
    "end to end", "× real time", "10 a second, × real time", "× peer",
)  # fmt: skip


def _cells(rates: Rates) -> list[str]:
    against = ", ".join(f"{ratio:.1f} ({name})" for name, ratio in rates.against.items())
    speeds = (rates.decode, rates.detect, rates.follow, rates.classify, rates.end_to_end)
    return [
        rates.film,
        f"{rates.faces} in {rates.frames}",
        *(f"{speed:.0f}" for speed in speeds),
        f"{rates.times_real_time:.1f}",
        f"{rates.sampled_10:.1f}",
        against,
    ]


def as_table(results: list[Rates]) -> str:
    """The rates in columns, frames per second unless the heading says otherwise."""
    lines = []
    for rates in results:
        cells = zip(COLUMNS[1:], _cells(rates)[1:], strict=True)
        lines += [rates.film, *(f"  {name:26}{value}" for name, value in cells if value)]
    return "\n".join(lines)


def as_page(results: list[Rates], command: str) -> str:
    """A Markdown page with the command, the machine and the commit."""
    rows = ["| " + " | ".join(_cells(rates)) + " |" for rates in results]
    return "\n".join(
        [
            "# Perception: frames per second",
            "",
            "Written by a command; do not edit. Each stage alone, then end to end (every frame,",
            "all stages at once). The ratio to a peer is from the same film in the same run.",
            "",
            stamp(command),
            "",
            "| " + " | ".join(COLUMNS) + " |",
            "|" + " --- |" * len(COLUMNS),
            *rows,
            "",
            f"Peak memory of the measuring process: {peak_mb(os.getpid()):.0f} MB.",
            "",
        ]
    )
