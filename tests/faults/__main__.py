"""``python -m tests.faults [KILLS] [FULL_DISKS] [SEED]``: the long form, and its page in the docs.

A block of rounds that is done is noted in ``--keep``; the same command with the same seed goes on
after the last one. The page is written when all are done.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from fer_core.machine import stamp
from tests.faults.series import BLOCK, FULL_BLOCK, KINDS, Told, blocks

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "faults.md"
VICTIMS: Final = {
    "server": "the server that owns the store, while a client changes it and a recorder writes",
    "job": "the worker of an analysis",
    "ingest": "the server while it takes in shards",
    "deletion": "a process that deletes sessions",
    "backup": "a process that makes backups and forgets sessions for good",
}


def run(keep: Path, what: str, rounds: int, seed: int) -> Told:
    """All blocks of one kind; a line for each, and the sum."""
    found: Counter[str] = Counter()
    for number, told in enumerate(blocks(keep, what, rounds, seed)):
        sys.stdout.write(f"{what} block {number}: {told}\n")
        sys.stdout.flush()
        found.update(told)
    return dict(found)


def page(command: str, seed: int, killed: Told, full: Told) -> str:
    """What docs/benchmarks/faults.md says."""
    rows = [f"| {VICTIMS[kind]} | {killed.get(kind, 0)} |" for kind in KINDS]
    acknowledged = ", ".join(
        f"{number:,} {what.removeprefix('acknowledged: ')}"
        for what, number in sorted(killed.items())
        if what.startswith("acknowledged: ")
    )
    disks = (
        f"Full disks: {full['full disks']}, filled up to a level of chance (0 to 400 kB left) "
        "while a server, a client, a recorder, deletions and backups worked; "
        f"{full['acknowledged']:,} changes were acknowledged, "
        f"{full['refused in words']:,} refused in words."
        if full
        else "Full disks: none; this user may not mount a small disk."
    )
    return f"""# Killed and starved at moments of chance

{stamp(command)}.

Blocks of {BLOCK} kills and of {FULL_BLOCK} full disks, each block on a home of its own; the block's
number and the seed {seed} choose the moments. After every single round the store was opened again
and compared with a list, outside the home, of all that had been acknowledged: nothing was lost,
nothing was there twice, nothing that was deleted was back, no byte of a deleted name was left, and
the store's own checks passed. A round in which one of these fails ends the command.

| killed with signal 9 | times |
| --- | ---: |
{chr(10).join(rows)}
| **in all** | **{sum(killed.get(kind, 0) for kind in KINDS)}** |

Acknowledged meanwhile: {acknowledged}. {killed.get("backups whole", 0)} backups that were left were
whole, the newest of each block restored; {killed.get("analyses whole", 0)} analyses ended with the
rows of one that nobody disturbed.

{disks}

The rounds took {(killed.get("seconds", 0) + full.get("seconds", 0)) / 60:.0f} minutes in all.
"""


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("kills", type=int, nargs="?", default=300)
    ask.add_argument("full", type=int, nargs="?", default=20)
    ask.add_argument("seed", type=int, nargs="?", default=random.randrange(100_000))
    ask.add_argument("--keep", type=Path, help="where finished blocks are noted")
    ask.add_argument("--out", type=Path, default=PAGE)
    given = ask.parse_args()
    keep = given.keep or Path(tempfile.gettempdir()) / f"rapt-faults-{given.seed}"
    keep.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(f"seed {given.seed}, blocks in {keep}\n")
    full = run(keep, "fills", given.full, given.seed)
    killed = run(keep, "kills", given.kills, given.seed)
    command = f"python -m tests.faults {given.kills} {given.full} {given.seed}"
    given.out.write_text(page(command, given.seed, killed, full), encoding="utf-8")


if __name__ == "__main__":
    main()
