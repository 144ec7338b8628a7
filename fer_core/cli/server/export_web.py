"""`rapt export-web`: a page that reads faces without a server."""

from __future__ import annotations

from pathlib import Path

import typer

from fer_core.cli.call import Call

app = typer.Typer(add_completion=False)


@app.command("export-web")
def export_web(
    ctx: typer.Context,
    folder: Path = typer.Argument(..., help="Folder to write to."),
    model: str = typer.Option("", "--model", help="A model's name (else the one in use)."),
) -> None:
    """Write a page that reads faces without a server.

    Any web server can give the folder out, over https or on this machine; once opened, the page
    works without a network and can be installed. It sends nothing.
    """
    from fer_core.web.static import export_page

    call = Call.of(ctx)
    names = export_page(call.home, folder, model or None)
    size = sum((folder / name).stat().st_size for name in names)
    call.answer(
        {"path": str(folder), "files": names, "bytes": size},
        f"Written to {folder} ({size / 1e6:.0f} MB). Try it: "
        f"python -m http.server --directory {folder} 8080, then http://localhost:8080",
    )
