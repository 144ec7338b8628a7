"""`rapt sessions`: the store's sessions, and what to do with one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import typer

from fer_core.access.audit import Deed
from fer_core.cli.call import Call

app = typer.Typer(add_completion=False, no_args_is_help=True)

#: What `sessions list --json` gives of each session, in this order.
LISTED: Final = ("session_id", "name", "kind", "created", "duration_s", "viewers", "quality")


@app.callback()
def sessions() -> None:
    """List, show, rename, archive or delete sessions."""


@app.command("list")
def list_sessions(
    ctx: typer.Context,
    search: str | None = typer.Option(None, help="Only those whose name, tags or file hold this."),
    study: str | None = typer.Option(None, help="Only those of this study (name or id)."),
    status: str | None = typer.Option(None, help="Only running, done, failed or cancelled ones."),
    limit: int = typer.Option(100, min=1, max=100_000, help="At most this many."),
) -> None:
    """List sessions, the newest first."""
    from fer_core.errors import SettingsError
    from fer_core.storage import open_store
    from fer_core.text import clock, percent
    from fer_core.types import SessionStatus

    call = Call.of(ctx)
    if status not in (None, *SessionStatus):
        raise SettingsError(f"There is no status {status!r}.", f"Use {', '.join(SessionStatus)}.")
    wanted = None if status is None else SessionStatus(status)
    with open_store(call.home) as store:
        store.sync()
        table = store.sessions.list(search=search, status=wanted, limit=100_000 if study else limit)
    rows = [_plain(row) for row in table.to_dict("records")]
    if study is not None:
        rows = [row for row in rows if study in (row["study"], row["study_id"])][:limit]
    if call.json:
        call.answer([{key: row[key] for key in LISTED} for row in rows])
        return
    if not rows:
        call.note("No sessions here. `rapt analyze FILE` or `rapt demo` makes one.")
        return
    shown = [
        row
        | {
            "created": row["created"][:16].replace("T", " "),
            "duration": clock(
                None if row["duration_s"] is None else 1000 * row["duration_s"], missing=""
            ),
            "quality": percent(row["quality"], missing=""),
        }
        for row in rows
    ]
    columns = {
        "session_id": "Session",
        "name": "Name",
        "created": "Created (UTC)",
        "duration": "Length",
        "viewers": "Viewers",
        "quality": "Quality",
        "status": "Status",
    }
    call.table(shown, columns)


@app.command()
def show(
    ctx: typer.Context, session: str = typer.Argument(help="A session's id, or its name.")
) -> None:
    """Show everything known of a session."""
    from fer_core.analytics.eyes import viewer_eyes
    from fer_core.cli.finding import find_session
    from fer_core.measures import has_eyes
    from fer_core.storage import open_store

    call = Call.of(ctx)
    with open_store(call.home) as store:
        store.sync()
        found = find_session(store, session)
        row = _plain(asdict(found))
        if has_eyes(found.versions):
            seconds = store.timeline.seconds(found.session_id)
            eyes = viewer_eyes(seconds).drop(columns="session_id").to_dict("records")
            row["eyes"] = [_plain(one) for one in eyes]
    lines = [f"{key:<15} {_text(value)}" for key, value in row.items() if value not in (None, "")]
    call.answer(row, "\n".join(lines))


@app.command()
def rename(
    ctx: typer.Context,
    session: str = typer.Argument(help="A session's id, or its name."),
    name: str = typer.Argument(help="The new name."),
) -> None:
    """Give a session another name."""
    from fer_core.cli.finding import find_session
    from fer_core.storage import open_store
    from fer_core.storage.sessions import RenameSession

    call = Call.of(ctx)
    with open_store(call.home) as store:
        store.sync()
        found = find_session(store, session)
        store.run(RenameSession(session_id=found.session_id, name=name))
    call.answer(
        {"session_id": found.session_id, "name": name.strip()},
        f"{found.name} is {name.strip()} now",
    )


@app.command()
def delete(
    ctx: typer.Context,
    session: list[str] = typer.Argument(help="Ids or names of sessions."),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask."),
) -> None:
    """Delete sessions with their rows, and their uploaded files.

    A film that lies elsewhere is not touched. What is deleted cannot be brought back.
    """
    from fer_core.cli.finding import find_session
    from fer_core.errors import SettingsError
    from fer_core.jobs.queue import delete_session
    from fer_core.storage import open_store

    call = Call.of(ctx)
    with open_store(call.home) as store:
        store.sync()
        found = [find_session(store, called) for called in session]
        if not yes and (call.json or not sys.stdin.isatty()):
            raise SettingsError("Deleting needs a yes.", "Add --yes.")
        if not yes:
            names = ", ".join(one.name for one in found)
            typer.confirm(f"Delete {names}?", abort=True, err=True)
        for one in found:
            delete_session(store, one.session_id)
            call.write_down(Deed.DELETED, "session", one.session_id)
    call.answer(
        [{"session_id": one.session_id, "deleted": True} for one in found],
        "\n".join(f"{one.name} ({one.session_id}) is deleted" for one in found),
    )


@app.command()
def archive(
    ctx: typer.Context,
    session: list[str] | None = typer.Argument(None, help="Ids or names; else all that are old."),
    older_than: int = typer.Option(
        90, min=0, help="Those that were neither made nor changed for so many days."
    ),
    study: str | None = typer.Option(None, help="Only those of this study (name or id)."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say which, and move none."),
) -> None:
    """Move the timelines of old sessions out of the store into Parquet files.

    They lie below archive/ in the home, by study and month. Pages, exports and commands show the
    same as before; a session that is changed takes its timeline back by itself.
    """
    from datetime import timedelta

    from fer_core.cli.finding import find_session
    from fer_core.storage import open_store
    from fer_core.storage.migrations import now
    from fer_core.storage.timeline.archiving import ArchiveTimeline

    call = Call.of(ctx)
    with open_store(call.home) as store:
        store.sync()
        if session:
            chosen = [find_session(store, called).session_id for called in session]
        else:
            study_id = None if study is None else store.studies.get(study).study_id
            chosen = store.archive.old(now() - timedelta(days=older_than), study_id)
        moved = dict.fromkeys(chosen, 0)
        if not dry_run:
            for session_id in chosen:
                moved[session_id] = store.run(ArchiveTimeline(session_id=session_id))
            store.erase()
        size = sum(one.bytes for one in store.archive.all() if one.session_id in moved)
    answer = {"sessions": chosen, "rows": sum(moved.values()), "bytes": size, "dry_run": dry_run}
    said = f"{len(chosen)} sessions would be archived"
    if not dry_run:
        said = f"{len(chosen)} sessions are archived: {answer['rows']:,} rows in {size:,} bytes"
    call.answer(answer, said)


@app.command()
def unarchive(
    ctx: typer.Context,
    session: list[str] | None = typer.Argument(None, help="Ids or names of sessions."),
    every: bool = typer.Option(False, "--all", help="All that are archived."),
) -> None:
    """Take archived timelines back into the store."""
    from fer_core.cli.finding import find_session
    from fer_core.errors import SettingsError
    from fer_core.storage import open_store
    from fer_core.storage.timeline.archiving import UnarchiveTimeline

    call = Call.of(ctx)
    if bool(session) == every:
        raise SettingsError("Which sessions?", "Name some, or say --all.")
    with open_store(call.home) as store:
        store.sync()
        if every:
            chosen = [one.session_id for one in store.archive.all()]
        else:
            chosen = [find_session(store, called).session_id for called in session or ()]
        rows = sum(store.run(UnarchiveTimeline(session_id=one)) for one in chosen)
    call.answer(
        {"sessions": chosen, "rows": rows}, f"{rows:,} rows of {len(chosen)} sessions are back"
    )


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Values that JSON knows: no NaN, no pandas or numpy kinds."""
    plain: dict[str, Any] = {}
    for key, value in row.items():
        value = value.item() if hasattr(value, "item") else value
        if (isinstance(value, float) and value != value) or str(value) == "NaT":
            value = None
        plain[str(key)] = value.isoformat() if hasattr(value, "isoformat") else value
    for key in ("viewers", "frames", "frames_lost", "faces", "width", "height"):
        if plain.get(key) is not None:
            plain[key] = int(plain[key])
    return plain


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items() if v not in (None, "", {}))
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:.3f}" if isinstance(value, float) else str(value)
