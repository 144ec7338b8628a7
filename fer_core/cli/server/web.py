"""`rapt web`: what a browser needs to read a face on the respondent's own device."""

from __future__ import annotations

import typer

from fer_core.cli.call import Call

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def web() -> None:
    """Fetch and make what reads faces on a respondent's own device."""


@app.command()
def install(ctx: typer.Context) -> None:
    """Fetch the runtime (LiteRT.js, by npm and its lock file) and make the networks for it.

    Without it respondents' pictures are read by the server.
    """
    from fer_core.web.folder import install as install_files

    call = Call.of(ctx)
    call.note("Fetching the runtime and making the networks: about a minute")
    made = install_files(call.home)
    size = sum((made.path / name).stat().st_size for name in made.sums)
    call.answer(
        {"path": str(made.path), "runtime": made.runtime, "files": made.sums, "bytes": size},
        f"{made.runtime} and its networks are in {made.path} ({size / 1e6:.0f} MB). "
        "Respondents' faces are now read on their own devices where those are fast enough.",
    )


@app.command()
def status(ctx: typer.Context) -> None:
    """Say whether respondents' faces can be read on their own devices."""
    from fer_core.web.folder import HINT, web_folder

    call = Call.of(ctx)
    found = web_folder(call.home)
    text = (
        f"{found.runtime} is in {found.path}."
        if found
        else f"Not installed: respondents' pictures are read by the server. {HINT}"
    )
    call.answer({"installed": found is not None, "runtime": found and found.runtime}, text)
