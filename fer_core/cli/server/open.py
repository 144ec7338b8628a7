"""`rapt open`: the dashboard that serves this home, in a browser that shows the start token."""

from __future__ import annotations

import html
import webbrowser

import typer

from fer_core.access.start_token import served, with_token
from fer_core.cli.call import Call
from fer_core.errors import SettingsError
from fer_core.files import write_bytes
from fer_core.home import Home

app = typer.Typer(add_completion=False)


@app.command("open")
def open_dashboard(
    ctx: typer.Context,
    no_browser: bool = typer.Option(False, "--no-browser", help="Print the address alone."),
) -> None:
    """Open the dashboard that serves this home.

    Prints its address with the start token, and opens it in a browser, which is let in for
    thirty days from then on.
    """
    call = Call.of(ctx)
    found = served(call.home)
    if found is None:
        raise SettingsError(f"Nothing serves the home {call.home.root}.", "Start it: rapt serve")
    address = with_token(call.home, found.url)
    call.answer({"url": found.url, "open": address, "pid": found.pid}, address)
    if not (no_browser or call.json):
        show(call.home, address)


def show(home: Home, address: str) -> None:
    """Open an address in a browser, by way of a file that only this user can read.

    A browser's own command line can be read by every user of the machine.
    """
    page = home.root / "open.html"
    target = html.escape(address, quote=True)
    text = f'<!doctype html><meta http-equiv="refresh" content="0; url={target}">'
    write_bytes(page, text.encode(), mode=0o600)
    webbrowser.open(page.as_uri())
