"""`rapt doctor`: is everything here that an analysis needs, and is the store sound?"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

import typer

from fer_core.cli.call import Call

app = typer.Typer(add_completion=False)

_MARK = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "fail": "[red]✗[/]"}


@app.command()
def doctor(ctx: typer.Context) -> None:
    """Check this installation and its store.

    Looks at Python, the packages, FFmpeg's codecs, the models and their checksums, the
    store, and the disk. Exit code 1 when something is broken; a warning is not.
    """
    from fer_core.cli.checks import run_checks

    call = Call.of(ctx)
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
