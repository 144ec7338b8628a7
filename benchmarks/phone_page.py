"""The table of docs/benchmarks/phone.md: each command of ``benchmarks/phone*`` renews its rows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fer_core.machine import commit, cpu

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "benchmarks" / "phone.md"


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, what it should be, what was seen."""

    what: str
    aim: str
    seen: str


def write(rows: list[Row], command: str) -> None:
    """Print the rows, and put them into the page in place of those of the same name."""
    when = f"{datetime.now(UTC):%Y-%m-%d}, {commit()}, {cpu()}, load {os.getloadavg()[0]:.0f}"
    lines = PAGE.read_text("utf-8").splitlines()
    for row in rows:
        print(f"{row.what}: {row.seen} (aim: {row.aim})", flush=True)
        line = f"| {row.what} | {row.aim} | {row.seen} | `{command}` | {when} |"
        table = [k for k, one in enumerate(lines) if one.startswith("| ")]
        same = [k for k in table if lines[k].startswith(f"| {row.what} |")]
        if same:
            lines[same[0]] = line
        else:
            lines.insert(table[-1] + 1, line)
    PAGE.write_text("\n".join(lines) + "\n", "utf-8")
