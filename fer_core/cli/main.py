"""The console script: which commands there are, and how each of them fails.

A command's module is imported only when that command is called, so that ``rapt --help``
answers at once. The module NAME in a folder beside this holds a Typer ``app`` with the command
(or the group of commands) NAME; a hyphen of the command is an underscore of the module.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from fer_core import __version__
from fer_core.cli.call import DEBUG, HOME, JSON
from fer_core.errors import Cancelled, RaptError, disk_full
from fer_core.home import PRIVATE

#: Every command in the order of the help, with its line there. A command whose module is
#: not installed is left out.
COMMANDS: Final = {
    "analyze": "Analyse videos and pictures; write an emotion timeline for each.",
    "live": "Analyse a camera, live.",
    "sessions": "List, show, rename, archive or delete sessions.",
    "compare": "Compare two audiences, second by second.",
    "export": "Write a session or a study to files.",
    "report": "Write a study's report.",
    "share": "Share a study's report by a link, on the respondents' port.",
    "clip": "Make a short film of the moments that matter.",
    "data": "Prepare labelled faces for training.",
    "train": "Train an emotion model.",
    "evaluate": "Measure a model on labelled faces.",
    "models": "List, inspect, choose and export models.",
    "recommend": "Recommend titles for a look, or a creative for an audience.",
    "batch": "Analyse many recordings, several at a time.",
    "bench": "Measure speed and accuracy on this machine.",
    "demo": "Build the sample clip and analyse it; or a study of simulated viewers.",
    "serve": "Serve the dashboard.",
    "web": "Fetch and make what reads faces on a respondent's own device.",
    "export-web": "Write a page that reads faces without a server.",
    "open": "Open the dashboard that serves this home.",
    "law": "Say what a study is for, and write the papers that the law asks for.",
    "users": "Say who may log in to the dashboard, and as what.",
    "tokens": "Say which programs may use the HTTP interface, and for what.",
    "webhooks": "Say which addresses are told when something is done here.",
    "audit": "Show who saw, exported and deleted what.",
    "backup": "Back the store up, or list the backups.",
    "restore": "Put a backup into a home.",
    "forget": "Remove a session, viewer, respondent or study for good, from backups too.",
    "respondents": "List respondents, or write everything about one of them to a file.",
    "doctor": "Check this installation and its store.",
}


def _remember(key: str) -> Callable[[typer.Context, Any], None]:
    """A callback that keeps an option for the whole call, wherever on the line it stood."""

    def keep(ctx: typer.Context, value: Any) -> None:
        if value or key not in ctx.meta:
            ctx.meta[key] = value

    return keep


def _shared(default: Any, flag: str, key: str, text: str, **more: Any) -> Any:
    """An option that every command takes, kept for the call under a key."""
    return typer.Option(
        default, flag, help=text, callback=_remember(key), expose_value=False, **more
    )


def _shared_options(
    home: str | None = _shared(
        None, "--home", HOME, "Folder of the store (else RAPT_HOME, else ./data).", metavar="DIR"
    ),
    as_json: bool = _shared(False, "--json", JSON, "Print one JSON document and nothing else."),
    debug: bool = _shared(False, "--debug", DEBUG, "Show a traceback when something fails."),
) -> None:
    """The options that every command takes, before its name or after it."""


def _flowing(text: str) -> str:
    """Help without the line breaks of its source: a terminal breaks lines by its own width."""
    return "\n\n".join(_one_line(part) for part in inspect.cleandoc(text).split("\n\n"))


def _with_shared_options(command: Any) -> Any:
    command.help = _flowing(command.help or "")
    template = typer.Typer(add_completion=False)
    template.command()(_shared_options)
    command.params.extend(get_command(template).params)
    for child in getattr(command, "commands", {}).values():
        _with_shared_options(child)
    return command


@cache
def _stub(name: str) -> TyperCommand:
    """What the listing needs of a command: its name and line, without its module."""
    return TyperCommand(name, help=COMMANDS[name])


@cache
def _present() -> dict[str, str]:
    """The commands that are installed, in the order of the help, each with its module."""
    here = Path(__file__).parent
    found = {path.stem: path.relative_to(here).with_suffix("") for path in here.rglob("*.py")}
    return {
        name: ".".join(("fer_core", "cli", *found[module].parts))
        for name in COMMANDS
        if (module := name.replace("-", "_")) in found
    }


class LazyGroup(TyperGroup):
    """A group whose commands are files, imported when they are called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_present())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return _stub(cmd_name) if cmd_name in _present() else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if args and args[0] in _present():
            return args[0], load(args[0]), args[1:]
        # the parent suggests names from this mapping when one is misspelt
        self.commands = {name: _stub(name) for name in _present()}
        return super().resolve_command(ctx, args)


@cache
def load(name: str) -> Any:
    """The click command of a command's module, with the shared options."""
    module = importlib.import_module(_present()[name])
    command = get_command(module.app)
    command.name = name
    return _with_shared_options(command)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"rapt {__version__}")
        raise typer.Exit


app = typer.Typer(cls=LazyGroup, add_completion=False, no_args_is_help=True)


@app.callback(epilog="Every command takes --help, --home, --json and --debug.")
def rapt(
    version: bool = typer.Option(
        False, "--version", help="Show the version.", callback=_version, is_eager=True
    ),
) -> None:
    """Measure how an audience responds, second by second, from its faces."""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _fail(args: Sequence[str], message: str, hint: str = "") -> int:
    """One line for a person; with --json a document as well, so that a reader gets one."""
    sys.stderr.write(f"rapt: {_one_line(f'{message} {hint}')}\n")
    if "--json" in args:
        document = {"error": _one_line(message), "hint": _one_line(hint)}
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    return 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; 0 or 1, never a traceback unless --debug asks for it."""
    os.umask(PRIVATE)
    args = list(sys.argv[1:] if argv is None else argv)
    command = _with_shared_options(get_command(app))
    try:
        code = command.main(args, prog_name="rapt", standalone_mode=False)
    except (Cancelled, typer.Abort) as stop:
        return _fail(args, str(stop) or "Stopped.")
    except RaptError as error:
        if "--debug" in args:
            traceback.print_exc()
        return _fail(args, error.message, error.hint)
    except typer.TyperException as error:
        text = error.format_message()
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(text.rstrip() + "\n")
            return 1
        where = getattr(getattr(error, "ctx", None), "command_path", "rapt")
        return _fail(args, text, f"See {where} --help.")
    except BrokenPipeError:
        # the reader has gone (rapt … | head): nothing is wrong and nobody is left to tell
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if "--debug" in args:
            traceback.print_exc()
        if disk_full(error):
            return _fail(args, "The disk is full.", "Make room, then run it again.")
        where = f" ({error.filename})" if error.filename else ""
        return _fail(
            args, f"{error.strerror or error}{where}.", "Check the path and who may use it."
        )
    except Exception as error:  # noqa: BLE001 - the edge of the program: one line, exit 1
        if "--debug" in args:
            traceback.print_exc()
        return _fail(
            args,
            f"Unexpected {type(error).__name__}: {error}",
            "" if "--debug" in args else "Run it again with --debug for the traceback.",
        )
    if code == 130:  # Typer's answer to Ctrl-C
        return _fail(args, "Stopped.")
    return int(code) if isinstance(code, int) else 0


def run() -> NoReturn:
    """Entry point of the console script."""
    sys.exit(main())


if __name__ == "__main__":
    run()
