"""`rapt export`: a session's timeline as a file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import typer

from fer_core.cli.call import Call

app = typer.Typer(add_completion=False)


class Form(StrEnum):
    csv = "csv"
    parquet = "parquet"
    xlsx = "xlsx"


@app.command()
def export(
    ctx: typer.Context,
    session: str = typer.Argument(help="A session's id, or its name."),
    form: Form | None = typer.Option(
        None, "--format", "-f", help="Else the ending of --out decides, else csv."
    ),
    out: Path | None = typer.Option(
        None, "--out", "-o", metavar="FILE", help="Where to; else the session's name, here."
    ),
) -> None:
    """Write a session's timeline to a file.

    One row a visible face and frame; docs/metrics.md defines the columns.
    """
    from fer_core.cli.finding import find_session, safe_name
    from fer_core.errors import SettingsError
    from fer_core.storage import open_store
    from fer_core.storage.export import FORMATS, export_timelines

    call = Call.of(ctx)
    ending = out.suffix.lstrip(".").lower() if out is not None else ""
    if form is None and ending and ending not in FORMATS:
        raise SettingsError(f"There is no export as .{ending}.", f"Choose {', '.join(FORMATS)}.")
    kind = form.value if form is not None else ending or "csv"
    with open_store(call.home) as store:
        store.sync()
        row = find_session(store, session)
        target = out or Path(f"{safe_name(row['name'])}.{kind}")
        rows = export_timelines(store, [row["session_id"]], target, kind)
    call.answer(
        {"session_id": row["session_id"], "path": str(target.resolve()), "rows": rows},
        f"{rows:,} rows of {row['name']} in {target}",
    )
