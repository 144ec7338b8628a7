"""Many damaged files of every kind that is read: nothing but a sentence may come of one.

``make attack`` runs this for minutes (``python -m tests.attacks 2000``); the suite runs the same
with a few. A seed makes the same files again.
"""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.threads import standing_threads
from tests.attacks.kinds import Place, kinds

WORDS = (
    "null", "-1", "1e999", "[]", "{}", '"\\ud800"', '"=cmd"', "9" * 400, '"²"', "true", '"../.."',
)  # fmt: skip


@dataclass(slots=True)
class Told:
    """What came of one kind: how many were read all the same, how many refused in words."""

    read: int = 0
    refused: int = 0
    slowest_s: float = 0.0


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with a few bytes flipped, cut, doubled or overwritten by odd values."""
    found = bytearray(content)
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(found) or 1)
        how = chance.randrange(5)
        if how == 0 and found:
            found[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            del found[at : at + chance.randint(1, 200)]
        elif how == 2:
            found[at:at] = found[at : at + chance.randint(1, 200)]
        elif how == 3:
            found[at : at + chance.randint(1, 20)] = bytes(chance.randint(1, 64))
        else:
            found[at : at + chance.randint(1, 12)] = chance.choice(WORDS).encode()
    return bytes(found)


def attack(folder: Path, times: int, seed: int) -> dict[str, Told]:
    """Damage ``times`` files, of each kind in turn. Raises on what is no RaptError.

    The store is looked after by its threads meanwhile; that one of them ends is an AssertionError.
    """
    chance, home = random.Random(seed), Home(folder / "home")
    with open_store(home) as store:
        every = kinds(Place(folder, home, store))
        for kind in every.values():
            kind.read(kind.whole)  # what is not damaged is read
        told = {name: Told() for name in every}
        for number in range(times):
            name = list(every)[number % len(every)]
            content = mutated(every[name].whole, chance)
            begun = time.monotonic()
            try:
                every[name].read(content)
                told[name].read += 1
            except RaptError:
                told[name].refused += 1
            except BaseException as error:
                kept = folder.parent / f"rapt-attack-{os.getpid()}"
                kept.write_bytes(content)
                error.add_note(f"{name}, number {number} of seed {seed}, kept as {kept}")
                raise
            told[name].slowest_s = max(told[name].slowest_s, time.monotonic() - begun)
        assert store.studies.list() is not None
        ended = [thread for thread in standing_threads() if thread.ended or not thread.alive]
        assert not ended, ended
    return told
