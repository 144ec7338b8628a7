"""``python -m tests.attacks [FILES] [SEED]``: the long form, and its page in the docs.

Ends with 1 where memory passed 1 GB, or one file took longer than 20 seconds.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from fer_core.machine import stamp
from tests.attacks import Told, attack

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "bad_input.md"
MOST_MB: Final = 1000
MOST_S: Final = 20.0


def peak_mb() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def page(command: str, told: dict[str, Told], taken_s: float, before_mb: float) -> str:
    """What docs/benchmarks/bad_input.md says."""
    rows = [
        f"| {name} | {one.read + one.refused} | {one.read} | {one.refused} "
        f"| {one.slowest_s:.2f} s |"
        for name, one in told.items()
    ]
    files = sum(one.read + one.refused for one in told.values())
    return f"""# Damaged files of every kind that is read

{stamp(command)}.

{files:,} files of {len(told)} kinds: bytes flipped, cut out, doubled, or overwritten with zeros and
with odd values. The whole file of each kind was read first. Each was read as the program reads it,
in one process; films and pictures were decoded to their end. What could not be read was refused
with a sentence each time; anything else, a traceback or a standing thread that has ended, ends the
command. A damaged order, job's state or model card is set aside, and counts as read here. It took
{taken_s:.0f} s. Memory: {peak_mb():.0f} MB at most, of which {before_mb:.0f} MB
before the first file (at most {MOST_MB} MB are asked for; a file may take {MOST_S:.0f} s).

| kind | files | read all the same | refused in words | slowest |
| --- | ---: | ---: | ---: | ---: |
{chr(10).join(rows)}
"""


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("files", type=int, nargs="?", default=2000)
    ask.add_argument("seed", type=int, nargs="?", default=random.randrange(1 << 32))
    ask.add_argument("--out", type=Path, default=PAGE)
    given = ask.parse_args()
    sys.stdout.write(f"seed {given.seed}\n")
    sys.stdout.flush()
    before_mb, begun = peak_mb(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        told = attack(Path(folder), given.files, given.seed)
    command = f"python -m tests.attacks {given.files} {given.seed}"
    text = page(command, told, time.monotonic() - begun, before_mb)
    given.out.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    slowest = max(one.slowest_s for one in told.values())
    return int(peak_mb() > MOST_MB or slowest > MOST_S)


if __name__ == "__main__":
    sys.exit(main())
