"""Wrong links by the address that asks for them: nobody can try many."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

#: An address that has named so many links that do not exist, in this time, is not heard.
MOST_MISSES: Final = 20
MISSES_S: Final = 600.0


class Misses:
    """Counts wrong tokens by address, so that nobody can try many."""

    def __init__(self, most: int = MOST_MISSES, over_s: float = MISSES_S) -> None:
        self._most, self._over_s = most, over_s
        self._seen: dict[str, deque[float]] = {}

    def full(self, address: str) -> bool:
        return len(self._fresh(address)) >= self._most

    def add(self, address: str) -> None:
        if len(self._seen) > 10_000:  # many addresses at once: forget those that are quiet
            self._seen = {one: at for one in list(self._seen) if (at := self._fresh(one))}
        self._seen.setdefault(address, deque()).append(time.monotonic())

    def _fresh(self, address: str) -> deque[float]:
        found = self._seen.get(address) or deque()
        while found and time.monotonic() - found[0] > self._over_s:
            found.popleft()
        return found
