"""`rapt demo`: the sample clip, analysed by the real pipeline; or a study of simulated viewers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from fer_core.cli.call import Call
from fer_core.errors import JobError

if TYPE_CHECKING:
    from fer_core.home import Home

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    ctx: typer.Context,
    force: bool = typer.Option(False, "--force", help="Also where there are sessions already."),
    if_empty: bool = typer.Option(
        False, "--if-empty", help="Say nothing where there are sessions already."
    ),
    queue: bool = typer.Option(
        False, "--queue", help="Leave it and the study to the dashboard, which shows them coming."
    ),
    study: bool = typer.Option(
        False, "--study", help="Make a study of simulated viewers instead: two versions of an ad."
    ),
) -> None:
    """Build the sample clip and analyse it; or a study of simulated viewers.

    The clip is made on this machine from a public-domain portrait: a face that turns, leaves
    and comes back, and two people side by side. Nothing is fetched.
    With --study: 24 simulated viewers of each of two versions of a 30 s ad.
    With --queue: both become jobs of the dashboard, once in a store's life.
    """
    call = Call.of(ctx)
    if study:
        _demo_study(call)
    elif queue:
        _queue(call, if_empty=if_empty)
    else:
        _sample(call, force=force, if_empty=if_empty)


def _sample(call: Call, *, force: bool, if_empty: bool) -> None:
    """The clip's session; nothing is done where there are sessions, unless by ``force``."""
    from fer_core.cli.audience.analyze import analyse_files, stop_on_signal
    from fer_core.first_run import SAMPLE_NAME, sample_path
    from fer_core.storage import open_store
    from fer_core.types import AnalysisSettings
    from fer_core.video import sample_clip

    if not force and _sessions_there(call.home):
        if not if_empty:
            call.note(
                "There are sessions already: nothing to do. --force analyses the clip anyway."
            )
        call.answer({"session_id": None, "status": "skipped", "path": None, "error": None})
        return
    call.note("Making the sample clip and analysing it: a few seconds")
    clip = sample_clip(sample_path(call.home))
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
        study_id, added = plant_demo(store, with_film=True)
        name = store.studies.get(study_id).name
    call.answer(
        {"study_id": study_id, "name": name, "sessions_added": added, "simulated": True},
        f"{name}: {added} sessions added. `rapt compare A B` and `rapt serve` show it."
        if added
        else f"{name} is there already: nothing to do.",
    )


def _queue(call: Call, *, if_empty: bool) -> None:
    """The first run as jobs: the dashboard does them, and shows how far they are."""
    from fer_core.first_run import queue_first_run
    from fer_core.storage import open_store

    with open_store(call.home) as store:
        jobs = queue_first_run(store)
    value = {"status": "queued" if jobs else "skipped", "jobs": [job.job_id for job in jobs]}
    said = "The demo study and the sample clip are queued: `rapt serve` makes and shows them."
    if jobs:
        call.note(said)
    elif not if_empty:
        call.note("There is something in the store already, or both were made: nothing to do.")
    call.answer({"session_id": None, "path": None, "error": None, **value})


def _sessions_there(home: Home) -> bool:
    """Whether the store holds a finished session, or will soon; opens it only where need be."""
    from fer_core.first_run import under_way
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
        return under_way(store) or store.sessions.count(status=SessionStatus.DONE) > 0
