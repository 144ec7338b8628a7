"""`rapt backup`: a copy of the store and of what belongs to it, made while Rapt runs."""

from __future__ import annotations

from pathlib import Path

import typer

from fer_core.cli.call import Call

app = typer.Typer(add_completion=False)


@app.command()
def backup(
    ctx: typer.Context,
    to: Path | None = typer.Option(None, "--to", help="Folder for it; else the home's backups."),
    whole: bool = typer.Option(
        False, "--whole", help="Also recordings, films, data sets and trainings."
    ),
    keep: int | None = typer.Option(
        None, "--keep", min=1, help="Then keep only this many backups there."
    ),
    shown: bool = typer.Option(False, "--list", help="List the backups there, and make none."),
) -> None:
    """Back the store up, or list the backups.

    Works beside a running dashboard. Recordings are left out unless you say --whole. What was
    forgotten for good is in no backup; a list of its ids lies beside them.
    """
    from fer_core.keeping.backup import back_up, keep_newest, read_manifest
    from fer_core.storage import open_store
    from fer_core.text import size

    call = Call.of(ctx)
    folder = to or call.home.backups
    if shown:
        _list(call, folder)
        return
    with open_store(call.home) as store:
        store.sync()
        made = back_up(store, folder, whole=whole)
    removed = keep_newest(folder, keep) if keep else []
    about = read_manifest(made)
    call.answer(
        {
            "path": str(made), "bytes": made.stat().st_size, "whole": whole,
            "sessions": about.rows.get("sessions", 0), "files": len(about.files),
            "removed": [str(path) for path in removed],
        },
        f"{made} ({size(made.stat().st_size)}, {about.rows.get('sessions', 0)} sessions)",
    )  # fmt: skip


def _list(call: Call, folder: Path) -> None:
    """The backups in a folder, oldest first; what a damaged one lacks is said beside them."""
    from fer_core.errors import StoreError
    from fer_core.keeping.backup import backups, read_manifest
    from fer_core.text import size

    rows, lines = [], []
    for path in backups(folder):
        try:
            about = read_manifest(path)
        except StoreError as damaged:
            call.note(str(damaged))
            continue
        taken, sessions = path.stat().st_size, about.rows.get("sessions", 0)
        rows.append(
            {
                "path": str(path), "made": about.made, "bytes": taken,
                "sessions": sessions, "whole": about.whole,
            }
        )  # fmt: skip
        when = about.made[:16].replace("T", " ")
        lines.append(f"{when}  {size(taken):>9}  {sessions:>6} sessions  {path}")
    call.answer(rows, "\n".join(lines) or f"No backup in {folder}.")
