"""`rapt users`: who may log in to the dashboard, and as what."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping
from typing import Any

import typer

from fer_core.access.audit import Deed
from fer_core.access.permissions import Role
from fer_core.cli.call import Call
from fer_core.errors import SettingsError

app = typer.Typer(add_completion=False, no_args_is_help=True)

_NAME: Any = typer.Argument(help="The user's name.")
_FROM_STDIN: Any = typer.Option(
    False, "--password-stdin", help="Read the password from standard input instead of asking."
)
_GENERATE: Any = typer.Option(False, "--generate", help="Make a password and print it once.")


@app.callback()
def users() -> None:
    """Say who may log in to the dashboard, and as what."""


@app.command()
def add(
    ctx: typer.Context,
    name: str = _NAME,
    role: str = typer.Option("viewer", help="viewer, analyst or admin."),
    password_stdin: bool = _FROM_STDIN,
    generate: bool = _GENERATE,
    provider: bool = typer.Option(
        False, "--provider", help="No password: the OpenID provider vouches for this address."
    ),
) -> None:
    """Make an account. From the first one on, everybody logs in."""
    from fer_core.storage import open_store
    from fer_core.storage.accounts import AddUser

    call, chosen = Call.of(ctx), _role(role)
    secret = None if provider else _password(name, password_stdin, generate)
    with open_store(call.home) as store:
        user_id = store.run(
            AddUser(name=name, role=chosen, password=secret and secret[1], provider=provider)
        )
        call.write_down(Deed.CHANGED, "user", user_id, "add_user")
    told = {"user_id": user_id, "name": name, "role": chosen}
    _answer(call, told, f"{name} may log in as {chosen}.", secret if generate else None)


@app.command("list")
def list_users(ctx: typer.Context) -> None:
    """List who may log in."""
    from fer_core.storage import open_store

    call = Call.of(ctx)
    with open_store(call.home) as store:
        store.sync()
        logins = [one.user_id for one in store.accounts.logins()]
        found = [
            {
                "user_id": one.user_id,
                "name": one.name,
                "role": one.role,
                "by": "provider" if one.provider else "password",
                "state": "disabled" if one.disabled else "locked" if one.locked else "active",
                "logins": logins.count(one.user_id),
                "created": one.created.isoformat(timespec="seconds"),
            }
            for one in store.accounts.list()
        ]
    if call.json:
        call.answer(found)
    elif not found:
        call.note("No accounts: the start token lets in. `rapt users add NAME --role admin`")
    else:
        columns = {"name": "Name", "role": "Role", "by": "Logs in by", "state": "State"}
        call.table(found, columns | {"logins": "Browsers", "user_id": "Id"})


@app.command()
def role(
    ctx: typer.Context,
    name: str = _NAME,
    to: str = typer.Argument(metavar="ROLE", help="viewer, analyst or admin."),
) -> None:
    """Give a user another role, at once."""
    chosen = _role(to)
    _change(ctx, name, f"{name} is {chosen} now.", role=chosen)


@app.command()
def password(
    ctx: typer.Context,
    name: str = _NAME,
    password_stdin: bool = _FROM_STDIN,
    generate: bool = _GENERATE,
) -> None:
    """Give a user a new password; it ends their logins and a lock."""
    secret = _password(name, password_stdin, generate)
    shown = secret if generate else None
    _change(ctx, name, f"{name} has a new password.", shown, password=secret[1])


@app.command()
def disable(
    ctx: typer.Context,
    name: str = _NAME,
    back: bool = typer.Option(False, "--back", help="Let the user log in again."),
) -> None:
    """Log a user out everywhere and let them in no more, until --back."""
    told = "may log in again" if back else "is logged out and may not log in"
    _change(ctx, name, f"{name} {told}.", disabled=not back)


@app.command()
def logout(ctx: typer.Context, name: str = _NAME) -> None:
    """Log a user out of every browser."""
    from fer_core.storage import open_store
    from fer_core.storage.accounts import EndLogins

    call = Call.of(ctx)
    with open_store(call.home) as store:
        user = store.accounts.get(name)
        store.run(EndLogins(user_id=user.user_id))
        call.write_down(Deed.CHANGED, "user", user.user_id, "end_logins")
    _answer(call, {"user_id": user.user_id, "name": user.name}, f"{user.name} is logged out.")


@app.command()
def remove(
    ctx: typer.Context,
    name: str = _NAME,
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask."),
) -> None:
    """Remove an account. What the person did stays in the audit log, under the account's id."""
    from fer_core.storage import open_store
    from fer_core.storage.accounts import RemoveUser

    call = Call.of(ctx)
    with open_store(call.home) as store:
        user = store.accounts.get(name)
        if not yes and (call.json or not sys.stdin.isatty()):
            raise SettingsError("Removing needs a yes.", "Add --yes.")
        if not yes:
            typer.confirm(f"Remove {user.name}?", abort=True, err=True)
        store.run(RemoveUser(user_id=user.user_id))
        call.write_down(Deed.CHANGED, "user", user.user_id, "remove_user")
    _answer(call, {"user_id": user.user_id, "name": user.name}, f"{user.name} is removed.")


def _change(
    ctx: typer.Context, name: str, told: str, shown: tuple[str, str] | None = None, **columns: Any
) -> None:
    from fer_core.storage import open_store
    from fer_core.storage.accounts import ChangeUser

    call = Call.of(ctx)
    with open_store(call.home) as store:
        user = store.accounts.get(name)
        store.run(ChangeUser(user_id=user.user_id, **columns))
        call.write_down(Deed.CHANGED, "user", user.user_id, "change_user")
        after = store.accounts.get(user.user_id)
    value = {
        "user_id": after.user_id,
        "name": after.name,
        "role": after.role,
        "disabled": after.disabled is not None,
    }
    _answer(call, value, told, shown)


def _answer(
    call: Call, value: Mapping[str, object], told: str, shown: tuple[str, str] | None = None
) -> None:
    if shown is not None:
        value, told = {**value, "password": shown[0]}, f"{told} Password: {shown[0]}"
    call.answer(value, told)


def _role(text: str) -> Role:
    if text not in list(Role):
        raise SettingsError(f"There is no role {text!r}.", f"Use {', '.join(Role)}.")
    return Role(text)


def _password(name: str, from_stdin: bool, generate: bool) -> tuple[str, str]:
    """A password and its hash."""
    from fer_core.access.passwords import hash_password

    if generate:
        text = secrets.token_urlsafe(12)
    elif from_stdin:
        text = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        text = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        raise SettingsError(
            "There is no terminal to ask for a password.", "Add --password-stdin or --generate."
        )
    return text, hash_password(text, name)
