"""`rapt bench`: how fast this machine is, stage by stage, and beside a peer."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import typer

from fer_core.cli.call import Call
from fer_core.errors import DataError
from fer_core.home import Home

PROJECT: Final = Path(__file__).resolve().parents[2]
PEERS: Final = {"fer": PROJECT / "benchmarks" / "peer_fer.py"}

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure speed and accuracy on this machine."""


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
        return self.end_to_end / self.film_fps if self.film_fps else float("nan")


@app.command()
def perception(
    ctx: typer.Context,
    films: list[Path] = typer.Argument(None, help="Films to measure; else the sample clip."),
    against: str = typer.Option("", help=f"A peer on the same film: {', '.join(PEERS)}."),
    peer_python: Path = typer.Option(
        PROJECT / ".peers" / "fer" / "bin" / "python", help="The peer's own Python."
    ),
    rounds: int = typer.Option(3, min=1, help="Rounds; the median counts."),
    write: Path | None = typer.Option(None, help="Write the result as a Markdown page."),
) -> None:
    """Decode, detect, follow, classify and end-to-end frames per second."""
    call = Call.of(ctx)
    if against and against not in PEERS:
        raise DataError(f"There is no peer {against!r}.", f"Choose {', '.join(PEERS)}.")
    if against and not peer_python.exists():
        raise DataError(
            f"The peer's Python is not at {peer_python}.",
            f"Run sh benchmarks/peer_{against}.sh, or name it with --peer-python.",
        )
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for film in films or [_sample(Path(folder))]:
            call.note(f"Measuring {film.name}")
            peer = (against, peer_python) if against else None
            results.append(measure_film(film, call.home, rounds, peer))
    page = as_page(results)
    if write is not None:
        write.write_text(page, encoding="utf-8")
    call.answer([asdict(rates) for rates in results], as_table(results))


@app.command()
def models(
    ctx: typer.Context,
    data: Path = typer.Option(..., "--data", help="FER2013: Kaggle's CSV or folders."),
    train: str = typer.Option("", "--train", help="Systems to train first, with commas."),
    epochs: int = typer.Option(0, "--epochs", help="Cut each training short."),
    classical: float = typer.Option(
        0.0, "--classical", help="Share of the faces for the older pipelines; 0 leaves them out."
    ),
    write: Path | None = typer.Option(None, help="Write the result as a Markdown page."),
) -> None:
    """Put every system of the zoo beside what was published of it."""
    from fer_core.cli import bench_models as table

    call = Call.of(ctx)
    for name in filter(None, train.split(",")):
        call.note(f"training {name}")
        table.train(call.home, name.strip(), data, epochs)
    rows = [table.row_of_card(call.home, system) for system in table.SYSTEMS]
    if classical:
        from fer_core.training.datasets import load

        rows += table.classical_rows(load(data), classical)
    if write is not None:
        write.write_text(table.as_page(rows, provenance()), encoding="utf-8")
    call.answer(rows, table.as_table(rows))


def _sample(folder: Path) -> Path:
    from fer_core.video import sample_clip

    return sample_clip(folder / "sample.mp4")


def _rate(work: Callable[[], Iterable[Any]]) -> float:
    begin = time.perf_counter()
    count = sum(1 for _ in work())
    return count / (time.perf_counter() - begin)


def measure_film(
    film: Path, home: Home, rounds: int, peer: tuple[str, Path] | None = None
) -> Rates:
    """All rates of one film. The whole and the peer alternate, so that both meet the same
    machine; the stages are run one after the other, alone."""
    import numpy as np

    from fer_core.faces import make_detector
    from fer_core.inference import open_classifier
    from fer_core.pipeline import Analysis, Perception
    from fer_core.types import AnalysisSettings
    from fer_core.video import Decoder

    detector = make_detector("mtcnn", cache=home.cache)
    classifier = open_classifier(None, home=home)

    def decoder() -> Decoder:
        return Decoder(film, long_side=detector.working_side)

    with decoder() as first:
        info = first.info
        for frame in first:
            detector.detect(frame)  # load, first call
            break

    def detected() -> Iterable[Any]:
        with decoder() as frames:
            for frame in frames:
                yield detector.detect(frame)

    def followed() -> Iterable[Any]:
        with decoder() as frames:
            yield from Perception(detector, classifier.crop).run(iter(frames))

    def decoded() -> Iterable[Any]:
        with decoder() as frames:
            yield from frames

    seen = [item.crops for item in followed()]

    def classified() -> Iterable[Any]:
        for crops in seen:
            yield classifier.probabilities(crops)

    def whole(fps: float | None = None) -> Iterable[Any]:
        with Analysis(film, AnalysisSettings(fps=fps), home=home) as analysis:
            yield from analysis

    film_fps = info.fps or 1.0
    ends, peers, sampled = [], [], []
    for _ in range(rounds):
        ends.append(_rate(whole))
        if peer is not None:
            peers.append(_peer_rate(peer, film))
        begin = time.perf_counter()
        for _result in whole(10.0):
            pass
        sampled.append(info.duration_ms / 1000 / (time.perf_counter() - begin))
    end = float(np.median(ends))
    return Rates(
        film=f"{film.name} ({info.width}×{info.height}, {info.codec})",
        frames=len(seen),
        faces=sum(len(crops) for crops in seen),
        film_fps=film_fps,
        decode=_rate(decoded),
        detect=_rate(detected),
        follow=_rate(followed),
        classify=_rate(classified),
        end_to_end=end,
        sampled_10=float(np.median(sampled)),
        against={peer[0]: end / float(np.median(peers))} if peer else {},
    )


def _peer_rate(peer: tuple[str, Path], film: Path) -> float:
    name, python = peer
    done = subprocess.run(
        [str(python), str(PEERS[name]), str(film)], capture_output=True, text=True, check=False
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


def as_page(results: list[Rates]) -> str:
    """A Markdown page with the command, the machine and the commit."""
    rows = ["| " + " | ".join(_cells(rates)) + " |" for rates in results]
    return "\n".join(
        [
            "# Perception: frames per second",
            "",
            "Written by a command; do not edit. Each stage alone, then end to end (every frame,",
            "all stages at once). The ratio to a peer is from the same film in the same run.",
            "",
            *provenance(),
            "",
            "| " + " | ".join(COLUMNS) + " |",
            "|" + " --- |" * len(COLUMNS),
            *rows,
            "",
            f"Peak memory of the measuring process: {peak_mb():.0f} MB.",
            "",
        ]
    )


def provenance() -> list[str]:
    """The command, the machine and the commit of a measurement."""
    commit = subprocess.run(
        ["git", "-C", str(PROJECT), "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    words = [Path(sys.argv[0]).name, *(Path(a).name if "/" in a else a for a in sys.argv[1:])]
    return [
        f"- Command: `{' '.join(words)}`",
        f"- Machine: {_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        f"- Commit: {commit or 'not in a checkout'}",
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def peak_mb() -> float:
    """The largest resident size of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
