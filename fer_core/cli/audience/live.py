"""`rapt live`: a camera, a network stream or a file, analysed as it comes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import typer

from fer_core.access.purpose import state
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
from fer_core.errors import VideoError

if TYPE_CHECKING:
    import threading

    from fer_core.live import LiveSession, LiveSpec
    from fer_core.live.capture import Feed, LiveSource, Playing
    from fer_core.storage.timeline.session_file import SessionSummary

app = typer.Typer(add_completion=False)

LINE_EVERY_S = 1.0
#: Without a dashboard nobody takes the timeline into the store meanwhile: hours of it at
#: once would keep the end waiting.
STORE_EVERY_S = 300.0


@app.command()
def live(
    ctx: typer.Context,
    source: str = typer.Argument(
        metavar="SOURCE", help="A camera's number (0), an address (rtsp://…, http://…) or a file."
    ),
    seconds: float | None = typer.Option(None, min=0.1, help="Stop after this many seconds."),
    fps: float | None = typer.Option(None, help="Pictures a second to look at; else all it can."),
    name: str | None = typer.Option(None, help="The session's name; else the source's."),
    study: Study = None,
    stimulus: Stimulus = None,
    condition: Condition = None,
    respondent: Respondent = None,
    purpose: str | None = typer.Option(None, help="What it is for (rapt law); else the study's."),
    model: Model = None,
    detector: Detector = "mtcnn",
    min_face: MinFace = 40,
    keep_faces: KeepFaces = False,
    eyes: Eyes = True,
    loop: bool = typer.Option(False, "--loop", help="A file: play it again and again."),
    fast: bool = typer.Option(
        False, "--fast", help="A file: as fast as it can be analysed, no picture left out."
    ),
    patience: float = typer.Option(
        300, min=0, help="Give up on a camera or stream after this many seconds without a picture."
    ),
) -> None:
    """Analyse a camera, live.

    Ctrl-C ends it with a complete session. A stream that breaks off is opened again.
    It works beside a running dashboard, and without one.
    """
    from fer_core.live import LiveSpec
    from fer_core.live.capture import LiveSource, Playing, open_camera

    settings = chosen_settings(fps, model, detector, min_face, keep_faces, eyes)
    found = LiveSource.parse(source)
    if (loop or fast) and found.kind != "file":
        raise VideoError(f"{found.shown} is no file.", "--loop and --fast are for files.")
    if found.kind == "camera":
        open_camera(found.address).close()  # what is wrong is said before anything is loaded
    spec = LiveSpec(
        name or found.name, settings, study, stimulus, condition, respondent, source=found.shown,
        purpose=state(purpose) if purpose else None,
    )  # fmt: skip
    _run(Call.of(ctx), spec, found, Playing(fps, fast, loop, seconds, patience))


def _run(call: Call, spec: LiveSpec, source: LiveSource, playing: Playing) -> None:
    """Analyse until the source or the person ends it, and tell what came of it."""
    from fer_core.cli.audience.analyze import stop_on_signal
    from fer_core.live import Engines, LiveSession, close_live_orphans
    from fer_core.live.capture import Feed
    from fer_core.storage import open_store

    with stop_on_signal() as stop:
        engines = Engines.open(call.home, spec.settings)
        with open_store(call.home) as store:
            close_live_orphans(call.home, store)
        session = LiveSession(call.home, spec, engines)
        feed = Feed(source, session, playing)
        feed.start()
        ended = "stopped"
        try:
            ended = _watch(call, session, feed, stop)
        finally:
            feed.stop()
            summary = session.stop(ended)
    _tell(call, session, feed, summary)


def _watch(call: Call, session: LiveSession, feed: Feed, stop: threading.Event) -> str:
    """A line a second until the source or the person ends it; which of them did."""
    from fer_core.storage import open_store

    due, store_due = time.monotonic() + LINE_EVERY_S, time.monotonic() + STORE_EVERY_S
    while not feed.wait(0.1):
        if stop.is_set():
            return "stopped"
        if time.monotonic() >= due:
            due = max(due + LINE_EVERY_S, time.monotonic())
            if not call.json:
                call.note(_line(session, feed))
        if time.monotonic() >= store_due:
            with open_store(call.home) as store:
                store.sync()
            store_due = time.monotonic() + STORE_EVERY_S
    return "ended" if feed.error is None else "source lost"


def _line(session: LiveSession, feed: Feed) -> str:
    from fer_core.text import clock

    view = session.view()
    at = clock(view.elapsed_ms)
    if feed.trouble:
        return f"{at}  waiting: {feed.trouble}"
    if not view.analysed:
        return f"{at}  waiting for the first picture"
    people = "1 person" if view.people == 1 else f"{view.people} people"
    engaged = "" if view.engagement != view.engagement else f", engagement {view.engagement:.0f}"
    errors = f", {view.errors} errors ({view.last_error})" if view.errors else ""
    return (
        f"{at}  {people}, {view.attending} attending{engaged}, {view.rate:.0f} pictures/s, "
        f"delay {view.delay_ms:.0f} ms{errors}"
    )


def _tell(call: Call, session: LiveSession, feed: Feed, summary: SessionSummary) -> None:
    from fer_core.storage import open_store
    from fer_core.text import clock, percent

    if not session.begun:
        raise feed.error or VideoError(
            f"{feed.source.shown} gave no picture.", "Check that it plays in a video player."
        )
    with open_store(call.home) as store:
        store.sync()
    said = {
        "session_id": session.session_id,
        **summary.to_json(),
        "name": session.spec.name,
        "source": feed.source.shown,
        "reconnects": feed.reconnects,
        "error": None if feed.error is None else str(feed.error),
    }
    call.answer(
        said,
        f"Session {session.session_id} “{session.spec.name}”: {clock(1000 * summary.duration_s)}"
        f", {summary.frames} pictures, {summary.viewers} viewers, a usable face "
        f"{percent(summary.quality)} of the time.",
    )
    if feed.error is not None:
        call.note(f"rapt: {' '.join(str(feed.error).split())}")
        raise typer.Exit(1)
