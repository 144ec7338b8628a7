"""Bodies on their way in from strangers: each has seconds to arrive, each address a few at once.

Whoever begins hundreds of requests and never ends them would otherwise hold every connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from dashboard.camera.respondents.refusals import TOO_SLOW

T = TypeVar("T")

ARRIVES_WITHIN_S: Final = 10.0
MOST_FROM_ONE: Final = 20
#: … of numbers: a hall full of devices has one address, and each sends every few seconds.
MOST_NUMBERS_FROM_ONE: Final = 300


class Bodies:
    """Reads bodies. Where one address has too many under way, its oldest is given up."""

    def __init__(self, within_s: float = ARRIVES_WITHIN_S, most: int = MOST_FROM_ONE) -> None:
        self._within_s, self._most = within_s, most
        self._coming: dict[str, list[asyncio.Task[Any]]] = {}

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
