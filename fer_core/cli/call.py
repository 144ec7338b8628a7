"""A command's call: the home folder, and whether a person or a program reads the answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fer_core.home import Home

if TYPE_CHECKING:
    import typer
    from rich.console import Console

    from fer_core.access.audit import Deed

HOME: Final = "rapt.home"
JSON: Final = "rapt.json"
DEBUG: Final = "rapt.debug"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command. Answers go to standard output, all else to standard error."""

    home: Home
    json: bool
    debug: bool

    @classmethod
    def of(cls, ctx: typer.Context) -> Call:
        """What the options before the command's name said."""
        meta = ctx.meta
        return cls(Home.find(meta.get(HOME)), bool(meta.get(JSON)), bool(meta.get(DEBUG)))

    def answer(self, value: Any, text: str = "") -> None:
        """The command's result: the value for a machine, the text for a person."""
        if self.json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
        elif text:
            sys.stdout.write(text.rstrip("\n") + "\n")

    def table(self, rows: Sequence[Mapping[str, object]], columns: Mapping[str, str]) -> None:
        """Rows as a table for a person: columns are key → heading."""
        from rich.table import Table

        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in columns.values():
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*("" if row.get(key) is None else str(row[key]) for key in columns))
        self.console(stderr=False).print(table)

    def note(self, text: str) -> None:
        """A line for a person, beside the answer."""
        sys.stderr.write(text.rstrip("\n") + "\n")

    def write_down(self, deed: Deed, kind: str, subject: str, detail: str = "") -> None:
        """A line in the audit log, as of the command line."""
        from fer_core.access.audit import AuditLog
        from fer_core.access.permissions import TERMINAL

        AuditLog(self.home).note(TERMINAL, deed, kind, subject, detail)

    def console(self, *, stderr: bool = True) -> Console:
        """A rich console for a person, on standard error unless asked otherwise."""
        from rich.console import Console

        return Console(stderr=stderr, highlight=False)
