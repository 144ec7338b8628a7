"""`rapt audit`: who saw, exported and deleted what."""

from __future__ import annotations

from dataclasses import asdict

import typer

from fer_core.access.audit import KEEP_DAYS, AuditLog, Deed
from fer_core.cli.call import Call
from fer_core.errors import SettingsError

app = typer.Typer(add_completion=False)


@app.command()
def audit(
    ctx: typer.Context,
    who: str = typer.Option("", help="Only of this user, by name or id."),
    deed: str = typer.Option("", help="Only this: saw, exported, deleted, refused, …"),
    subject: str = typer.Option("", help="Only of this session, study or film, by id."),
    days: int = typer.Option(KEEP_DAYS, min=0, help="Days back from today."),
    most: int = typer.Option(200, min=1, max=1_000_000, help="At most this many, newest first."),
) -> None:
    """Show who saw, exported and deleted what.

    People and recordings stand there under their ids alone; `rapt users list` tells whose they
    are.
    """
    call = Call.of(ctx)
    if deed and deed not in list(Deed):
        raise SettingsError(f"There is no deed {deed!r}.", f"Use {', '.join(Deed)}.")
    found = [
        asdict(one)
        for one in AuditLog(call.home).read(
            days=days, who=_id(call, who), deed=deed, subject=subject, most=most
        )
    ]
    if call.json:
        call.answer(found)
    elif not found:
        call.note("The log has no entries of these days.")
    else:
        columns = {"at": "When (UTC)", "who": "Who", "deed": "What", "kind": "Of"}
        call.table(found, columns | {"subject": "Id", "detail": "More"})


def _id(call: Call, who: str) -> str:
    """The id of a user's name; what is no name stays, for accounts go and their deeds stay."""
    from fer_core.storage import open_store

    if not who:
        return ""
    with open_store(call.home) as store:
        names = {one.name.casefold(): one.user_id for one in store.accounts.list()}
    return names.get(who.casefold(), who)
