"""`rapt analyze`: files in, a session with an emotion timeline out for each."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
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
    Respondent,
    Stimulus,
    Study,
    chosen_settings,
)
from fer_core.errors import Cancelled, RaptError, SettingsError
from fer_core.files import JsonObject

if TYPE_CHECKING:
    from fer_core.cli.progress import Bars
    from fer_core.jobs.analysis_spec import AnalysisSpec
    from fer_core.storage import Store
    from fer_core.storage.timeline.session_file import SessionSummary
    from fer_core.types import AnalysisSettings

app = typer.Typer(add_completion=False)

#: What --json gives of each file, in this order. The order and the names are a contract.
NUMBERS: Final = ("duration_s", "frames", "frames_lost", "faces", "viewers", "quality", "fps")
OUT_ENDINGS: Final = (".parquet", ".csv")


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file."""

    path: Path
    session_id: str | None  # None: the file was refused, and there is no session
    summary: SessionSummary | None = None
    error: str | None = None

    @property
    def status(self) -> str:
        """``done`` or ``failed``."""
        return "done" if self.error is None else "failed"

    def to_json(self) -> JsonObject:
        """The entry of ``--json``."""
        numbers = {key: getattr(self.summary, key, None) for key in NUMBERS}
        return {
            "path": str(self.path),
            "session_id": self.session_id,
            "status": self.status,
            "error": self.error,
            **numbers,
        }


@app.command()
def analyze(
    ctx: typer.Context,
    files: list[Path] = typer.Argument(metavar="FILE...", help="Videos or pictures."),
    fps: float | None = typer.Option(None, help="Frames a second to look at; else every frame."),
    model: Model = None,
    detector: Detector = "mtcnn",
    min_face: MinFace = 40,
    keep_faces: KeepFaces = False,
    eyes: Eyes = True,
    study: Study = None,
    stimulus: Stimulus = None,
    condition: Condition = None,
    respondent: Respondent = None,
    resume: bool = typer.Option(
        False, "--resume", help="Go on with files that were begun; leave out those that are done."
    ),
    out: Path | None = typer.Option(
        None, "--out", "-o", metavar="FILE", help="Also write the timeline (.parquet or .csv)."
    ),
) -> None:
    """Analyse videos and pictures; write an emotion timeline for each.

    Each file becomes a session in the store. A file that fails does not stop the others.
    Ctrl-C stops; the same command with --resume goes on from there.
    """
    from fer_core.storage import open_store

    call = Call.of(ctx)
    if out is not None and out.suffix.lower() not in OUT_ENDINGS:
        raise SettingsError(
            f"A timeline cannot be written as {out.name}.", "Use a name with .parquet or .csv."
        )
    settings = chosen_settings(fps, model, detector, min_face, keep_faces, eyes)
    check_model(call, settings)
    belongs = {
        "study": study, "stimulus": stimulus, "condition": condition, "respondent": respondent,
    }  # fmt: skip
    with open_store(call.home) as store, stop_on_signal() as stop:
        results = analyse_files(call, files, settings, belongs, resume, stop)
        store.sync()
        _write_out(store, results, out)
    _tell(call, results, stop.is_set(), out)
    if any(result.error is not None for result in results):
        raise typer.Exit(1)


def check_model(call: Call, settings: AnalysisSettings) -> None:
    """A wrong name is told once, before the first file."""
    from fer_core.errors import FaceError
    from fer_core.faces import list_detectors
    from fer_core.inference import open_classifier

    if settings.detector not in list_detectors():
        raise FaceError(
            f"There is no detector {settings.detector!r}.",
            f"Choose {', '.join(list_detectors())}.",
        )
    open_classifier(settings.model, home=call.home)


def analyse_files(
    call: Call,
    files: list[Path],
    settings: AnalysisSettings,
    belongs: dict[str, str | None],
    resume: bool,
    stop: threading.Event,
) -> list[FileResult]:
    """Analyse one file after the other, in this process; a result for each.

    ``belongs`` is what AnalysisSpec keeps of a session beside its file and settings.
    """
    from fer_core.cli.progress import Bars

    results = []
    with Bars(call.console(), len(files)) as bars:
        for file in files:
            if stop.is_set():
                results.append(FileResult(file, None, error="Stopped before its turn."))
                continue
            bars.begin(file.name)
            result = _analyse_one(call, file, settings, belongs, resume, stop, bars)
            results.append(result)
            bars.end(result)
    return results


def _analyse_one(
    call: Call,
    file: Path,
    settings: AnalysisSettings,
    belongs: dict[str, str | None],
    resume: bool,
    stop: threading.Event,
    bars: Bars,
) -> FileResult:
    from fer_core.jobs.analysis import analyse_file, kept_networks
    from fer_core.jobs.analysis_spec import AnalysisSpec
    from fer_core.storage.timeline.session_file import read_session
    from fer_core.types import SessionStatus

    spec = None
    try:
        spec = _begun(call, file, settings) if resume else None
        if spec is not None:
            session = read_session(call.home, spec.session_id)
            if session is not None and session.status is SessionStatus.DONE:
                return FileResult(file, spec.session_id, summary=session.summary)
        spec = spec or AnalysisSpec.new(file, settings, **belongs)
        networks = kept_networks(call.home)
        summary = analyse_file(call.home, spec, bars.advance, stop.is_set, networks=networks)
    except Cancelled:
        return FileResult(file, _kept(call, spec), error="Stopped. --resume goes on from here.")
    except RaptError as error:
        if call.debug:
            call.console().print_exception()
        return FileResult(file, _kept(call, spec), error=str(error))
    return FileResult(file, spec.session_id, summary=summary)


def _kept(call: Call, spec: AnalysisSpec | None) -> str | None:
    """The session of a file that failed; a file that was refused has none."""
    from fer_core.storage.timeline.session_file import read_session

    if spec is None or read_session(call.home, spec.session_id) is None:
        return None
    return spec.session_id


def _begun(call: Call, file: Path, settings: AnalysisSettings) -> AnalysisSpec | None:
    """The latest session of this film with these settings, to go on with; None: a new one."""
    from fer_core.jobs.analysis import sessions_of
    from fer_core.jobs.analysis_spec import AnalysisSpec
    from fer_core.video import digest

    found = sessions_of(call.home, digest(file), settings)
    if not found:
        return None
    return AnalysisSpec.of_session(replace(found[0], path=str(file.resolve())))


def _write_out(store: Store, results: list[FileResult], out: Path | None) -> None:
    from fer_core.storage.timeline.export import export_timelines

    done = [str(result.session_id) for result in results if result.error is None]
    if out is not None and done:
        export_timelines(store, done, out)


def _tell(call: Call, results: list[FileResult], stopped: bool, out: Path | None) -> None:
    if call.json:
        call.answer([result.to_json() for result in results])
        return
    shown = [_row(result, result.summary) for result in results if result.summary is not None]
    if shown:
        columns = {
            "file": "File",
            "session_id": "Session",
            "length": "Length",
            "frames": "Frames",
            "lost": "Lost",
            "viewers": "Viewers",
            "quality": "Quality",
            "fps": "Frames/s",
        }
        call.table(shown, columns)
        if out is not None:
            call.answer(None, f"Timeline in {out}")
    for result in results:
        if result.error:
            call.note(f"rapt: {result.path}: {' '.join(result.error.split())}")
    if stopped:
        call.note("rapt: Stopped. The same command with --resume goes on from here.")


def _row(result: FileResult, summary: SessionSummary) -> dict[str, str | int | None]:
    from fer_core.text import clock, percent

    return {
        "file": result.path.name,
        "session_id": result.session_id,
        "length": clock(1000 * summary.duration_s),
        "frames": summary.frames,
        "lost": summary.frames_lost or "",
        "viewers": summary.viewers,
        "quality": percent(summary.quality),
        "fps": f"{summary.fps or 0:.0f}",
    }


@contextmanager
def stop_on_signal() -> Iterator[threading.Event]:
    """Ctrl-C asks the analysis to stop in an orderly way; a second one stops it at once."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            signal.default_int_handler(number, frame)
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
