"""Who asked first has the lock first; its holder has it again at once."""

from __future__ import annotations

import threading

from fer_core.storage.turns import Turns


def until_waiting(turns: Turns, n: int) -> None:
    """Return once so many threads wait."""
    while len(turns._waiting) < n:
        threading.Event().wait(0.001)


def test_those_who_wait_have_it_in_the_order_in_which_they_asked() -> None:
    turns, had = Turns(), list[int]()

    def have(name: int) -> None:
        with turns:
            had.append(name)

    threads = [threading.Thread(target=have, args=(k,)) for k in range(5)]
    with turns:
        for n, thread in enumerate(threads, 1):
            thread.start()
            until_waiting(turns, n)
    with turns:  # asked after all of them
        had.append(99)
    for thread in threads:
        thread.join(timeout=30)
    assert had == [0, 1, 2, 3, 4, 99]


def test_its_holder_may_take_it_again_and_keeps_it_until_the_last_end() -> None:
    turns, had = Turns(), threading.Event()

    def have() -> None:
        with turns:
            had.set()

    other = threading.Thread(target=have)
    with turns:
        with turns:
            other.start()
            until_waiting(turns, 1)
        assert not had.is_set(), "the outer hold is not over"
    assert had.wait(30)
    other.join(timeout=30)
