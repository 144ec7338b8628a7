"""`rapt restore`: a backup in a home's place, here or on another machine."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import typer

from fer_core.cli.call import Call

app = typer.Typer(add_completion=False)


@app.command()
def restore(
    ctx: typer.Context,
    backup: Path = typer.Argument(help="The backup's file."),
    replace: bool = typer.Option(
        False, "--replace", help="Where there is a store already, put the backup in its place."
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask."),
) -> None:
    """Put a backup into a home.

    The backup is checked whole before anything changes. Paths below the old home become paths
    below this one. What was forgotten for good stays forgotten.
    """
    from fer_core.errors import SettingsError
    from fer_core.keeping.restore import restore as put_back
    from fer_core.text import count

    call = Call.of(ctx)
    if replace and call.home.database.exists() and not yes:
        if call.json or not sys.stdin.isatty():
            raise SettingsError("Replacing a store needs a yes.", "Add --yes.")
        typer.confirm(f"Replace what is in {call.home.root}?", abort=True, err=True)
    found = put_back(call.home, backup.expanduser().resolve(), replace=replace)
    said = f"{call.home.root} holds {count(found.sessions, 'session')} again"
    if found.without_recordings:
        said += f"; the recordings of {found.without_recordings} are not in the backup"
    call.answer({"home": str(call.home.root), **asdict(found)}, said)
