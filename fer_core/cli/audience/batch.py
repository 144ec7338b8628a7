"""`rapt batch`: folders, patterns and lists of recordings, with all cores at work."""

from __future__ import annotations

import importlib.util
import threading
import time
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from fer_core.cli.call import Call
from fer_core.cli.options import (
    Condition,
    Detector,
    Eyes,
    KeepFaces,
    MinFace,
    Model,
    Stimulus,
    Study,
    chosen_settings,
)
from fer_core.errors import SettingsError
from fer_core.files import JsonObject

if TYPE_CHECKING:
    from fer_core.batch.cluster import Cluster
    from fer_core.batch.plan import Step
    from fer_core.batch.run import Outcome
    from fer_core.batch.sources import Listing, Recording
    from fer_core.storage import Store
    from fer_core.types import AnalysisSettings

app = typer.Typer(add_completion=False)


class Engine(StrEnum):
    """What does the work: the processes of this machine, or those of a cluster."""

    LOCAL = "local"
    SPARK = "spark"


#: How --dry-run and the end tell of each status, in this order.
SAID: Final = {
    "new": "to be analysed", "resumed": "to be gone on with", "done": "analysed",
    "known": "analysed before", "double": "with the content of another",
    "waiting": "in the queue already", "stopped": "stopped", "refused": "cannot be read",
    "failed": "failed",
}  # fmt: skip


@app.command()
def batch(
    ctx: typer.Context,
    sources: list[str] = typer.Argument(
        metavar="FOLDER|LIST|GLOB...", help="Folders, patterns, files; lists in CSV or text."
    ),
    workers: int | None = typer.Option(
        None, min=1, help="Recordings at once; else as cores and memory allow."
    ),
    dry_run: bool = typer.Option(
        False, "--dry-run", help="Say what would be done with each recording, and do nothing."
    ),
    fps: float | None = typer.Option(None, help="Frames a second to look at; else every frame."),
    model: Model = None,
    detector: Detector = "mtcnn",
    min_face: MinFace = 40,
    keep_faces: KeepFaces = False,
    eyes: Eyes = True,
    study: Study = None,
    stimulus: Stimulus = None,
    condition: Condition = None,
    engine: Engine = typer.Option(Engine.LOCAL, help="local, or spark for a cluster."),
    master: str = typer.Option("local[*]", help="Of Spark: spark://HOST:7077, yarn, local[2] …"),
    shared: Path | None = typer.Option(
        None, help="Of Spark: a folder that all its machines see; else one in the home."
    ),
    part: float = typer.Option(5.0, min=0.5, help="Of Spark: minutes of a long film a task has."),
    conf: list[str] = typer.Option([], help="Of Spark: a setting of its own, as KEY=VALUE."),
) -> None:
    """Analyse many recordings, several at a time.

    A list is a CSV with the column path and any of study, stimulus, respondent, condition,
    offset and tags, or a text file with a path a line; the options are for rows that do not
    say. What was analysed before with the same settings is left out; what was begun is gone on
    with, so the same command resumes a batch that was stopped. A recording that fails does not
    stop the others.
    """
    from fer_core.batch.sources import Recording, list_recordings
    from fer_core.cli.audience.analyze import check_model
    from fer_core.jobs.pool import most_workers

    call = Call.of(ctx)
    settings = chosen_settings(fps, model, detector, min_face, keep_faces, eyes)
    check_model(call, settings)
    otherwise = Recording(Path(), study=study, stimulus=stimulus, condition=condition)
    listing = list_recordings(sources, otherwise)
    cluster = None
    if engine is Engine.SPARK:
        cluster = _cluster(call, master, shared, part, conf)
    _carry_out(call, listing, settings, workers or most_workers(), cluster, dry_run=dry_run)


def _cluster(call: Call, master: str, shared: Path | None, part: float, conf: list[str]) -> Cluster:
    """Where to work with Spark; SettingsError where a setting is none."""
    from fer_core.batch.cluster import Cluster

    settings = spark_settings(conf)
    folder = (shared or call.home.spark).expanduser().resolve()
    return Cluster(master, folder, round(part * 60_000), settings)


def spark_settings(conf: list[str]) -> dict[str, str]:
    """Settings given as KEY=VALUE. SettingsError where one is none, or Spark is not installed."""
    pairs = [one.partition("=") for one in conf]
    if wrong := [key for key, equals, _ in pairs if not (key and equals)]:
        raise SettingsError(f"--conf {wrong[0]} is no setting.", "Write it as KEY=VALUE.")
    if importlib.util.find_spec("pyspark") is None:
        raise SettingsError("Spark is not installed.", "pip install 'rapt[spark]'")
    return {key: value for key, _, value in pairs}


def _carry_out(
    call: Call,
    listing: Listing,
    settings: AnalysisSettings,
    workers: int,
    cluster: Cluster | None,
    *,
    dry_run: bool,
) -> None:
    """Plan what the listing asks for, and do it or tell it; exit 1 where anything failed."""
    from fer_core.batch.plan import make_plan
    from fer_core.cli.audience.analyze import stop_on_signal
    from fer_core.storage import new_id, open_store

    with open_store(call.home) as store, stop_on_signal() as stop:
        steps = make_plan(store, listing.recordings, settings, new_id("job"))
        if dry_run:
            _tell_plan(call, listing, steps, workers)
            raise typer.Exit(1 if listing.problems or _refused(steps) else 0)
        begun = time.monotonic()
        outcomes = _work(call, store, steps, workers, cluster, stop)
        store.sync()
    _tell(call, listing, outcomes, workers, time.monotonic() - begun)
    if listing.problems or any(one.status in ("failed", "stopped") for one in outcomes):
        raise typer.Exit(1)


def _work(
    call: Call,
    store: Store,
    steps: list[Step],
    workers: int,
    cluster: Cluster | None,
    stop: threading.Event,
) -> list[Outcome]:
    """The outcomes, in the order of the steps."""
    from fer_core.batch.cluster import ClusterBatch
    from fer_core.batch.plan import queue_steps
    from fer_core.batch.run import Batch, settled
    from fer_core.cli.progress import BatchBars

    work: Batch | ClusterBatch
    if cluster is None:
        steps = queue_steps(store, steps)
        work = Batch(store, steps, workers)
    else:
        work = ClusterBatch(store, steps, cluster)
        steps = work.steps
    outcomes = {one.step.recording.path: one for one in settled(store, steps)}
    if not store.is_owner:
        call.note("rapt: The dashboard that runs here does the work, with workers of its own.")

    def on_end(outcome: Outcome) -> None:
        outcomes[outcome.step.recording.path] = outcome
        bars.end(outcome)

    with BatchBars(call.console()) as bars:
        work.run(stop, bars.show, on_end)
    return [outcomes[step.recording.path] for step in steps]


def _refused(steps: list[Step]) -> bool:
    return any(step.fate == "refused" for step in steps)


def _tell_plan(call: Call, listing: Listing, steps: list[Step], workers: int) -> None:
    entries = [
        {
            **_belongs(step.recording), "path": str(step.recording.path),
            "session_id": step.session_id, "fate": str(step.fate), "reason": step.reason or None,
        }
        for step in steps
    ]  # fmt: skip
    call.answer(
        {"workers": workers, "recordings": entries, "problems": listing.problems},
        _counted(Counter(str(step.fate) for step in steps)),
    )
    for step in steps:
        if step.reason:
            call.note(f"rapt: {step.recording.path}: {step.reason}")
    _note_problems(call, listing)


def _belongs(recording: Recording) -> JsonObject:
    keys = ("study", "stimulus", "respondent", "condition", "offset_ms", "tags")
    return {key: getattr(recording, key) for key in keys}


def _tell(
    call: Call, listing: Listing, outcomes: list[Outcome], workers: int, seconds: float
) -> None:
    from fer_core.cli.audience.analyze import NUMBERS

    frames = sum(one.summary.frames for one in outcomes if one.summary and one.status == "done")
    counts = Counter(one.status for one in outcomes)
    value = {
        "workers": workers,
        "seconds": round(seconds, 2),
        "frames": frames,
        "counts": dict(counts),
        "problems": listing.problems,
        "files": [
            {
                "path": str(one.step.recording.path), "session_id": one.step.session_id,
                "status": one.status, "error": one.error,
                **{key: getattr(one.summary, key, None) for key in NUMBERS},
            }
            for one in outcomes
        ],
    }  # fmt: skip
    pace = f"; {frames:,} frames in {seconds:.0f} s" if frames else ""
    call.answer(value, _counted(counts) + pace)
    for one in outcomes:
        if one.error and one.status != "stopped":
            call.note(f"rapt: {one.step.recording.path}: {' '.join(one.error.split())}")
    _note_problems(call, listing)
    if counts["stopped"]:
        call.note("rapt: Stopped. The same command goes on from here.")


def _note_problems(call: Call, listing: Listing) -> None:
    for problem in listing.problems:
        call.note(f"rapt: {problem}")


def _counted(counts: Counter[str]) -> str:
    """«196 analysed, 3 analysed before, 1 failed»."""
    return ", ".join(f"{counts[key]:,} {said}" for key, said in SAID.items() if counts[key])
