"""Many rounds in blocks, each on a home of its own, which a later call can go on with."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fer_core.keeping.backup import keep_newest
from tests.faults.checks import check_backups, check_jobs
from tests.faults.rounds import Arena, full_round, kill_round

KINDS: Final = ("server", "job", "ingest", "deletion", "backup")
BLOCK: Final = 25  # rounds that work on one home
FULL_BLOCK: Final = 5
DISK_MB: Final = 48

Told = dict[str, int]


def kills(folder: Path, rounds: int, seed: int, kinds: tuple[str, ...] = KINDS) -> Told:
    """So many kills, of each kind in turn, on one home; what was acknowledged and checked."""
    chance = random.Random(seed)
    arena = Arena(folder)
    done: Counter[str] = Counter()
    for number in range(rounds):
        kind = kinds[number % len(kinds)]
        kill_round(arena, kind, seed * 100 + number, chance)
        done[kind] += 1
        keep_newest(arena.home.backups, 4)
    told = [one[1] for one in arena.ledger.read() if one[0] == "ack"]
    done.update(f"acknowledged: {what}" for what in told)
    done["backups whole"] = check_backups(arena.home, arena.ledger)
    done["analyses whole"] = check_jobs(arena.home, arena.ledger)
    return dict(done)


def fills(folder: Path, rounds: int, seed: int) -> Told | None:
    """So many times a full disk; None where no disk can be mounted."""
    chance = random.Random(seed)
    with disk(folder) as place:
        if place is None:
            return None
        arena = Arena(folder)
        for number in range(rounds):
            full_round(arena, seed * 100 + number, chance)
            keep_newest(arena.home.backups, 2)
        lines = arena.ledger.read()
    return {
        "full disks": rounds,
        "acknowledged": sum(kind == "ack" for kind, *_ in lines),
        "refused in words": sum(kind == "said" for kind, *_ in lines),
    }


@contextmanager
def disk(folder: Path) -> Iterator[Path | None]:
    """A small disk of its own below a folder; None where this user cannot mount one."""
    place = folder / "disk"
    place.mkdir(parents=True)
    options = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "rapt-faults", str(place)]
    done = subprocess.run(options, capture_output=True, check=False)
    if done.returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def blocks(keep: Path, what: str, rounds: int, seed: int) -> Iterator[Told]:
    """Every block of ``kills`` or ``fills``: as an earlier call noted it in ``keep``, or anew.

    A block that fails raises, and what its home was stays in ``keep``.
    """
    size = {"kills": BLOCK, "fills": FULL_BLOCK}[what]
    for number, first in enumerate(range(0, rounds, size)):
        noted = keep / f"{what}-{seed}-{number}.json"
        if noted.exists():
            yield json.loads(noted.read_text())
            continue
        folder = keep / f"{what}-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        begun = time.monotonic()
        run = {"kills": kills, "fills": fills}[what]
        told = run(folder, min(size, rounds - first), seed * 1000 + number)
        if told is None:
            return
        told["seconds"] = round(time.monotonic() - begun)
        noted.write_text(json.dumps(told))
        shutil.rmtree(folder)
        yield told
