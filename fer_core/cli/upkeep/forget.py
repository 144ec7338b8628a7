"""`rapt forget`: a session, a viewer, a respondent or a study, for good and in backups too."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from fer_core.cli.call import Call

if TYPE_CHECKING:
    from fer_core.keeping.forget import Plan
    from fer_core.storage import Store

app = typer.Typer(add_completion=False, no_args_is_help=True)
_YES = typer.Option(False, "--yes", "-y", help="Do not ask.")


@app.callback()
def forget() -> None:
    """Remove a session, viewer, respondent or study for good, from backups too."""


@app.command()
def session(
    ctx: typer.Context,
    session: str = typer.Argument(help="A session's id, or its name."),
    yes: bool = _YES,
) -> None:
    """Forget a session and every other analysis of its recording."""
    from fer_core.cli.finding import find_session
    from fer_core.keeping.forget import plan_session

    _forget(ctx, lambda store: plan_session(store, find_session(store, session).session_id), yes)


@app.command()
def viewer(
    ctx: typer.Context,
    session: str = typer.Argument(help="The session's id, or its name."),
    number: int = typer.Argument(min=0, help="The viewer's number on the session's page."),
    yes: bool = _YES,
) -> None:
    """Forget one viewer of a session; the recording goes as well, the others' numbers stay."""
    from fer_core.cli.finding import find_session
    from fer_core.keeping.forget import plan_viewer

    _forget(
        ctx, lambda store: plan_viewer(store, find_session(store, session).session_id, number), yes
    )


@app.command()
def respondent(
    ctx: typer.Context,
    respondent: str = typer.Argument(help="The respondent's label, as on the study's page."),
    study: str | None = typer.Option(None, help="Only in this study (name or id)."),
    yes: bool = _YES,
) -> None:
    """Forget every session and answer of a respondent."""
    from fer_core.keeping.forget import plan_respondent

    def plan(store: Store) -> Plan:
        study_id = None if study is None else store.studies.get(study).study_id
        return plan_respondent(store, respondent, study_id)

    _forget(ctx, plan, yes)


@app.command()
def study(
    ctx: typer.Context,
    study: str = typer.Argument(help="The study's id, or its name."),
    yes: bool = _YES,
) -> None:
    """Forget a study with its sessions, respondents, links and films."""
    from fer_core.keeping.forget import plan_study

    _forget(ctx, lambda store: plan_study(store, study), yes)


def _forget(ctx: typer.Context, plan: Callable[[Store], Plan], yes: bool) -> None:
    from fer_core.access.audit import Deed
    from fer_core.errors import SettingsError
    from fer_core.keeping.forget import forget as carry_out
    from fer_core.storage import open_store
    from fer_core.text import count

    call = Call.of(ctx)
    with open_store(call.home) as store:
        store.sync()
        found = plan(store)
        if not yes and (call.json or not sys.stdin.isatty()):
            raise SettingsError("Forgetting for good needs a yes.", "Add --yes.")
        if not yes:
            of = f" with {count(len(found.sessions), 'session')}" if found.sessions else ""
            typer.confirm(
                f"Forget {found.name}{of} for good, in backups too?", abort=True, err=True
            )
        for said in found.stays:
            call.note(said)
        done = carry_out(store, found)
    for one in found.entries:
        call.write_down(Deed.DELETED, one.kind, one.id)
    text = [f"Forgotten. Receipt {done.receipt_id}; {count(done.sessions, 'session')}."]
    if done.backups_rewritten or done.backups_dropped:
        text.append(
            f"Backups written anew: {done.backups_rewritten}; dropped: "
            f"{', '.join(done.backups_dropped) or 'none'}."
        )
    if done.places_not_reached:
        text.append(f"Not reached, cleaned when it is: {', '.join(done.places_not_reached)}.")
    if not done.complete:
        text.append("A job still uses some of it; the rest is removed when the job ends.")
    call.answer({"kind": found.kind, "stays": found.stays, **asdict(done)}, "\n".join(text))
