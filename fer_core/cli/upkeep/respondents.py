"""`rapt respondents`: who took part, and everything about one of them as a file."""

from __future__ import annotations

from pathlib import Path

import typer

from fer_core.cli.call import Call

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def respondents() -> None:
    """List respondents, or write everything about one of them to a file."""


@app.command("list")
def list_respondents(
    ctx: typer.Context,
    study: str | None = typer.Option(None, help="Only those of this study (name or id)."),
) -> None:
    """List the labels of respondents, with how many sessions and answers bear each."""
    from fer_core.keeping.respondent import listed
    from fer_core.storage import open_store

    call = Call.of(ctx)
    with open_store(call.home) as store:
        store.sync()
        study_id = None if study is None else store.studies.get(study).study_id
        rows = listed(store, study_id)
    if call.json:
        call.answer(rows)
    elif rows:
        columns = {"respondent": "Respondent", "sessions": "Sessions", "responses": "By a link"}
        call.table(rows, columns)
    else:
        call.note("No session and no answer names a respondent.")


@app.command()
def export(
    ctx: typer.Context,
    respondent: str = typer.Argument(help="The respondent's label."),
    out: Path | None = typer.Option(None, "--out", help="The file; else RESPONDENT.zip, here."),
    study: str | None = typer.Option(None, help="Only from this study (name or id)."),
) -> None:
    """Write everything about a respondent to a zip."""
    from fer_core.files import safe_name
    from fer_core.keeping.respondent import export_respondent
    from fer_core.storage import open_store

    call = Call.of(ctx)
    target = (out or Path(f"{safe_name(respondent)}.zip")).expanduser().resolve()
    with open_store(call.home) as store:
        store.sync()
        study_id = None if study is None else store.studies.get(study).study_id
        found = export_respondent(store, respondent, target, study_id=study_id)
    call.answer(
        {"path": str(target), **found},
        f"{target}: {found['sessions']} sessions, {found['rows']:,} rows, {found['files']} files",
    )
