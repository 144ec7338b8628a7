"""`rapt webhooks`: which addresses are told when something is done here."""

from __future__ import annotations

from datetime import datetime

import typer

from fer_core.access.audit import Deed
from fer_core.cli.call import Call
from fer_core.webhooks.hooks import Event, Hooks

app = typer.Typer(add_completion=False, no_args_is_help=True)
_EVENTS = f"{', '.join(Event)}; given again for more. Else all."


@app.callback()
def webhooks() -> None:
    """Say which addresses are told when something is done here."""


@app.command()
def add(
    ctx: typer.Context,
    address: str = typer.Argument(help="Where to, as https://example.org/rapt."),
    event: list[str] | None = typer.Option(None, help=_EVENTS),
    allow_private: bool = typer.Option(
        False, "--allow-private", help="It may lie on this machine or in its network."
    ),
) -> None:
    """Tell an address from now on, and print the secret that signs what it is told."""
    call = Call.of(ctx)
    made = Hooks(call.home).add(address, event or [], private=allow_private)
    call.write_down(Deed.CHANGED, "webhook", made.hook_id, "add_webhook")
    call.answer(
        {"hook_id": made.hook_id, "address": made.address, "events": list(made.events),
         "secret": made.secret},
        f"{made.secret}\nThis signs what {made.address} is told: {', '.join(made.events)}.",
    )  # fmt: skip


@app.command("list")
def list_webhooks(ctx: typer.Context) -> None:
    """List the addresses that are told."""
    call = Call.of(ctx)
    rows = [
        {"hook_id": one.hook_id, "address": one.address, "events": ", ".join(one.events)}
        for one in Hooks(call.home).list()
    ]
    call.answer(rows, "" if rows else "No address is told anything.")
    if rows and not call.json:
        call.table(rows, {"hook_id": "Id", "address": "Address", "events": "Events"})


@app.command()
def remove(ctx: typer.Context, webhook: str = typer.Argument(help="Its id or address.")) -> None:
    """Tell an address no more."""
    call = Call.of(ctx)
    gone = Hooks(call.home).remove(webhook)
    call.write_down(Deed.CHANGED, "webhook", gone.hook_id, "remove_webhook")
    call.answer(
        {"hook_id": gone.hook_id, "address": gone.address}, f"{gone.address} is told no more."
    )


@app.command()
def log(ctx: typer.Context) -> None:
    """Show what was told, to whom, and what they answered."""
    call = Call.of(ctx)
    rows = [
        {"at": datetime.fromtimestamp(one.made).isoformat(" ", "seconds"), "event": one.event,
         "hook_id": one.hook_id, "tries": one.tries, "status": one.status, "error": one.error,
         "state": "delivered" if one.done else "waits" if one.due is not None else "given up"}
        for one in Hooks(call.home).log()
    ]  # fmt: skip
    call.answer(rows, "" if rows else "Nothing was told yet.")
    if rows and not call.json:
        call.table(rows, {"at": "When", "event": "Event", "hook_id": "To", "state": "State",
                          "tries": "Tries", "status": "Answer", "error": "Why"})  # fmt: skip
