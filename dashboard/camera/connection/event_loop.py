"""The event loop that WebRTC connections live on, in a thread of its own.

Streamlit's loop draws pages; a picture that waits for a page is late, and a page that waits
for pictures is slow. So the connections, and the second listener, have a loop to themselves.
Requests that come in on another loop hand their work over and wait without blocking it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

T = TypeVar("T")

MOST_THREADS: Final = 32


class MediaLoop:
    """Runs from its making to ``close``."""

    def __init__(self, name: str = "media") -> None:
        self._loop = asyncio.new_event_loop()
        # most of what blocks waits for the store: Python's own few threads a core are too few
        self._loop.set_default_executor(ThreadPoolExecutor(MOST_THREADS, thread_name_prefix=name))
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start work on the loop, from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do work on the loop and wait for it on the caller's."""
        return await asyncio.wrap_future(self.submit(work))

    def close(self) -> None:
        self.submit(self._cancel_all()).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)

    async def _cancel_all(self) -> None:
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
