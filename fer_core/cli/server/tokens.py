"""`rapt tokens`: which programs may use the HTTP interface, and for what."""

from __future__ import annotations

import typer

from fer_core.access.api_tokens import ApiTokens, Scope
from fer_core.access.audit import Deed
from fer_core.cli.call import Call

app = typer.Typer(add_completion=False, no_args_is_help=True)


_SCOPES = f"{', '.join(Scope)}; given again for more. Else read."


@app.callback()
def tokens() -> None:
    """Say which programs may use the HTTP interface, and for what."""


@app.command()
def add(
    ctx: typer.Context,
    name: str = typer.Argument(help="What it is for."),
    scope: list[str] | None = typer.Option(None, help=_SCOPES),
    days: int | None = typer.Option(
        None, min=1, max=3650, help="How long it holds; else for good."
    ),
) -> None:
    """Make a token and print it once. The interface is off until there is one."""
    call = Call.of(ctx)
    made, secret = ApiTokens(call.home).add(name, scope or [Scope.READ], days=days)
    call.write_down(Deed.CHANGED, "token", made.token_id, "add_token")
    call.answer(
        {"token_id": made.token_id, "name": made.name, "scopes": list(made.scopes),
         "expires": made.expires, "token": secret},
        f"{secret}\nThis is shown once. {made.name} may {', '.join(made.scopes)}.",
    )  # fmt: skip


@app.command("list")
def list_tokens(ctx: typer.Context) -> None:
    """List the tokens that there are."""
    call = Call.of(ctx)
    rows = [
        {"token_id": one.token_id, "name": one.name, "scopes": ", ".join(one.scopes),
         "created": one.created, "expires": one.expires, "expired": one.expired}
        for one in ApiTokens(call.home).list()
    ]  # fmt: skip
    call.answer(rows, "" if rows else "There is no token: programs are not let in.")
    if rows and not call.json:
        call.table(rows, {"token_id": "Id", "name": "Name", "scopes": "Scopes",
                          "created": "Made", "expires": "Ends"})  # fmt: skip


@app.command()
def revoke(ctx: typer.Context, token: str = typer.Argument(help="Its id or name.")) -> None:
    """End a token at once."""
    call = Call.of(ctx)
    gone = ApiTokens(call.home).revoke(token)
    call.write_down(Deed.CHANGED, "token", gone.token_id, "revoke_token")
    call.answer({"token_id": gone.token_id, "name": gone.name}, f"{gone.name} is let in no more.")
