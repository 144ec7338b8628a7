"""Bodies on their way in from strangers: each has seconds to arrive, each address a few at once.

Whoever begins hundreds of requests and never ends them would otherwise hold every connection, and
their bytes the memory: those that are held, from their arrival to the answer, have a bound too.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from dashboard.camera.respondents.refusals import TOO_MUCH, TOO_SLOW

T = TypeVar("T")

ARRIVES_WITHIN_S: Final = 10.0
MOST_FROM_ONE: Final = 20
#: … of numbers: a hall full of devices has one address, and each sends every few seconds.
MOST_NUMBERS_FROM_ONE: Final = 300
#: Bytes that are held at once, from all addresses and from one. A batch of five seconds has 30 kB:
#: the batches of all who may come from one address fit, and of four such addresses.
MOST_BYTES: Final = 40_000_000
MOST_BYTES_FROM_ONE: Final = 10_000_000


class Bodies:
    """Reads bodies. Where one address has too many under way, its oldest is given up; where too
    many bytes are held, the one whose bytes come is refused, to be sent again."""

    def __init__(self, within_s: float = ARRIVES_WITHIN_S, most: int = MOST_FROM_ONE) -> None:
        self._within_s, self._most = within_s, most
        self._coming: dict[str, list[asyncio.Task[Any]]] = {}
        self._held: Counter[str] = Counter()  # bytes, by address

    @contextmanager
    def held(self, address: str) -> Iterator[Callable[[int], None]]:
        """Until the end the bytes count that are told to what this gives: RespondentRefused where
        that would be too many."""
        mine = 0

        def arrived(n: int) -> None:
            nonlocal mine
            from_one, all_of_them = self._held[address] + n, self._held.total() + n
            if from_one > MOST_BYTES_FROM_ONE or all_of_them > MOST_BYTES:
                raise TOO_MUCH
            self._held[address] += n
            mine += n

        try:
            yield arrived
        finally:
            self._held[address] -= mine
            if not self._held[address]:
                del self._held[address]

    async def read(self, address: str, reading: Coroutine[Any, Any, T]) -> T:
        """What ``reading`` returns; RespondentRefused where it takes too long."""
        task = asyncio.ensure_future(reading)
        coming = self._coming.setdefault(address, [])
        coming.append(task)
        if len(coming) > self._most:
            coming[0].cancel()
        try:
            done, _ = await asyncio.wait({task}, timeout=self._within_s)
            if not done or task.cancelled():
                raise TOO_SLOW
            return task.result()
        finally:
            task.cancel()
            coming.remove(task)
            if not coming:
                self._coming.pop(address, None)
