"""`rapt doctor`: is everything here that an analysis needs, and is the store sound?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from fer_core.cli.call import Call

if TYPE_CHECKING:
    from fer_core.keeping.repair import Finding

app = typer.Typer(add_completion=False)

_MARK = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "fail": "[red]✗[/]"}


@app.command()
def doctor(
    ctx: typer.Context,
    repair: bool = typer.Option(
        False, "--repair", help="Repair what can be repaired without losing anything."
    ),
    recover: bool = typer.Option(
        False, "--recover", help="Set a store that does not open aside and rebuild it."
    ),
) -> None:
    """Check this installation and its store.

    Looks at Python, the packages, FFmpeg's codecs, the models and their checksums, the
    store, and the disk. Exit code 1 when something is broken; a warning is not.
    """
    call = Call.of(ctx)
    if recover:
        _recover(call)
    elif repair:
        _repair(call)
    else:
        _check(call)


def _check(call: Call) -> None:
    from fer_core.cli.upkeep.checks import run_checks

    checks = []
    console = call.console(stderr=False)
    for check in run_checks(call.home):
        checks.append(check)
        if not call.json:
            console.print(f"{_MARK[check.status]} [bold]{check.name:9}[/] ", end="")
            console.print(check.message, markup=False, soft_wrap=True)
            if check.advice:
                console.print(f"  → {check.advice}", markup=False, style="dim", soft_wrap=True)
    count = Counter(check.status for check in checks)
    call.answer(
        {
            "ok": not count["fail"],
            "home": str(call.home.root),
            "checks": [asdict(c) for c in checks],
        },
        f"\n{count['ok']} fine, {count['warn']} to look at, {count['fail']} broken",
    )
    if count["fail"]:
        raise typer.Exit(1)


def _repair(call: Call) -> None:
    from fer_core.keeping.repair import repair

    findings = repair(call.home)
    call.answer(
        {"home": str(call.home.root), "findings": [asdict(one) for one in findings]},
        "\n".join(_told(findings)) or "Nothing needed repair.",
    )


def _recover(call: Call) -> None:
    from fer_core.keeping.recover import recover
    from fer_core.text import count

    found = recover(call.home)
    lines = []
    if found.needed:
        lines.append(
            f"Rebuilt from {found.source}: {count(found.sessions, 'session')}. "
            f"The damaged store lies in {found.set_aside}."
        )
    else:
        lines.append("The store opens: nothing was set aside.")
    lines += [f"{rows:,} rows of {table} could not be read" for table, rows in found.lost.items()]
    if found.lacking:
        lines.append(f"Without rows, analyse again: {', '.join(found.lacking[:10])}")
    lines += _told(found.findings)
    call.answer(asdict(found), "\n".join(lines))


def _told(findings: Sequence[Finding]) -> list[str]:
    return [f"{one.found:,} {one.name}: {one.done}" for one in findings if one.found]
