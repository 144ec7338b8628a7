"""`rapt demo`: the sample clip, analysed by the real pipeline; or a study of simulated viewers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from fer_core.cli.call import Call
from fer_core.errors import JobError

if TYPE_CHECKING:
    from fer_core.home import Home

app = typer.Typer(add_completion=False)

SAMPLE_NAME: Final = "Sample clip"


@app.command()
def demo(
    ctx: typer.Context,
    force: bool = typer.Option(False, "--force", help="Also where there are sessions already."),
    if_empty: bool = typer.Option(
        False, "--if-empty", help="Say nothing where there are sessions already."
    ),
    study: bool = typer.Option(
        False, "--study", help="Make a study of simulated viewers instead: two versions of an ad."
    ),
) -> None:
    """Build the sample clip and analyse it; or a study of simulated viewers.

    The clip is made on this machine from a public-domain portrait: a face that turns, leaves
    and comes back, and two people side by side. Nothing is fetched.
    With --study: 24 simulated viewers of each of two versions of a 30 s ad.
    """
    if study:
        _demo_study(Call.of(ctx))
        return
    from fer_core.cli.audience.analyze import analyse_files, stop_on_signal
    from fer_core.storage import open_store
    from fer_core.types import AnalysisSettings
    from fer_core.video import sample_clip

    call = Call.of(ctx)
    if not force and _sessions_there(call.home):
        if not if_empty:
            call.note(
                "There are sessions already: nothing to do. --force analyses the clip anyway."
            )
        call.answer({"session_id": None, "status": "skipped", "path": None, "error": None})
        return
    call.note("Making the sample clip and analysing it: a few seconds")
    clip = sample_clip(_clip_path(call.home))
    belongs: dict[str, str | None] = {"kind": "demo", "name": SAMPLE_NAME}
    with open_store(call.home) as store, stop_on_signal() as stop:
        # a demo that was interrupted goes on; with --force a finished one is made again
        result = analyse_files(call, [clip], AnalysisSettings(), belongs, not force, stop)[0]
        store.sync()
    summary = result.summary
    if summary is None:
        raise JobError(f"The sample clip could not be analysed: {result.error}", "")
    call.answer(
        result.to_json(),
        f"Session {result.session_id}: {summary.frames} frames, {summary.viewers} viewers, "
        f"{summary.fps or 0:.0f} frames a second. `rapt serve` shows it.",
    )


def _demo_study(call: Call) -> None:
    from fer_core.storage import open_store
    from fer_core.studies.demo import plant_demo

    call.note("Making the demo study: simulated viewers, nobody was filmed")
    with open_store(call.home) as store:
        study_id, added = plant_demo(store)
        name = store.studies.get(study_id).name
    call.answer(
        {"study_id": study_id, "name": name, "sessions_added": added, "simulated": True},
        f"{name}: {added} sessions added. `rapt compare A B` and `rapt serve` show it."
        if added
        else f"{name} is there already: nothing to do.",
    )


def _clip_path(home: Home) -> Path:
    # with the uploads, so that deleting the session removes it and the dashboard plays it
    return home.uploads / "sample-clip.mp4"


def _sessions_there(home: Home) -> bool:
    """Whether the store holds a finished session; opens it only where that is not plain."""
    from fer_core.storage import open_store
    from fer_core.storage.timeline.session_file import read_session, session_ids
    from fer_core.types import SessionStatus

    for session_id in session_ids(home):
        session = read_session(home, session_id)
        if session is not None and session.status is SessionStatus.DONE:
            return True
    if not home.database.exists():
        return False
    with open_store(home) as store:
        store.sync()
        return store.sessions.count(status=SessionStatus.DONE) > 0
