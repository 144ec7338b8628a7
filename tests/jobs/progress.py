"""A job's progress that remembers what it was told."""

from __future__ import annotations


class Progress:
    """Remembers what was said; asks to stop after so many calls."""

    def __init__(self, stop_after: int = 10**9) -> None:
        self.said: list[tuple[int, int | None, str]] = []
        self.stop_after = stop_after

    def __call__(self, done: int, total: int | None = None, message: str = "") -> None:
        self.said.append((done, total, message))

    def should_stop(self) -> bool:
        return len(self.said) >= self.stop_after
