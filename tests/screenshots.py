"""The list of what was seen on each picture of ``make shots``, in ``docs/screenshots.md``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fer_core.machine import commit

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "screenshots.md"
UNSEEN: Final = "not looked at yet"
_ROW: Final = "| {} | {} | {} |"
_HEAD: Final = """# What each page looks like

`make shots` takes these pictures into `test-results/shots`, each light and dark at 1440 and 390
pixels and light at 960 (a window of 1440 zoomed to 150 %). Whoever takes them opens each and writes
here the worst thing seen and what was done about it, or *none*. The command writes this head and a
row for each new picture; the judgements are written by hand, and a test asks for one of every
picture and for a picture of every page.

Taken on {day} from commit {commit}.

| picture | the worst thing seen | what was done |
| --- | --- | --- |
"""


def judgements() -> dict[str, tuple[str, str]]:
    """The worst thing seen and what was done, by the picture's name."""
    found = {}
    for line in PAGE.read_text("utf-8").splitlines() if PAGE.exists() else ():
        if line.startswith("| `"):
            name, seen, done = (part.strip() for part in line.strip("|").split("|"))
            found[name.strip("`")] = (seen, done)
    return found


def refresh(names: Sequence[str]) -> None:
    """Write the page anew for these pictures; what was written by hand stays."""
    known = judgements()
    head = _HEAD.format(day=datetime.now(UTC).date(), commit=commit() or "unknown")
    rows = [_ROW.format(f"`{name}`", *known.get(name, (UNSEEN, ""))) for name in names]
    PAGE.write_text(head + "\n".join(rows) + "\n", "utf-8")
