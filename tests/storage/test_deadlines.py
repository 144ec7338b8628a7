"""What takes too long is interrupted, and nothing else."""

from __future__ import annotations

import threading
import time

from fer_core.storage.deadlines import Deadlines
from tests.waiting import until


def test_what_ends_in_time_is_left_alone_and_what_does_not_is_told_once() -> None:
    deadlines, told = Deadlines(), []
    with deadlines.within(60, lambda: told.append("long")):
        with deadlines.within(0.01, lambda: told.append("short")):
            until(lambda: told)
        with deadlines.within(60, lambda: told.append("ended")):
            pass
    assert told == ["short"]


def test_one_thread_serves_all_queries() -> None:
    before = threading.active_count()
    deadlines, told = Deadlines(), []
    blocks = [deadlines.within(30 - number, lambda: told.append(1)) for number in range(20)]
    for block in blocks:
        block.__enter__()
    assert threading.active_count() == before + 1
    for block in blocks:
        block.__exit__(None, None, None)
    assert not told


def test_the_thread_ends_when_it_is_idle_and_starts_again(monkeypatch) -> None:
    monkeypatch.setattr(Deadlines, "_LINGER_S", 0.01)
    deadlines, told = Deadlines(), []
    for number in range(2):
        with deadlines.within(0.005, lambda: told.append(time.monotonic())):
            until(lambda number=number: len(told) > number)
        until(lambda: not deadlines._wakes)
