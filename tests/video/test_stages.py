"""Steps over a sequence by a few threads: order, bounds, errors, ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from fer_core.video.stages import Stages, Step
from tests.waiting import until

THREADS = pytest.mark.parametrize("threads", [1, 2, 4])


def run(source: Iterator[int], *steps: Step, threads: int, depth: int = 4) -> Stages:
    return Stages(source, steps, threads=threads, depth=depth)


@THREADS
def test_results_come_in_order_and_what_a_step_drops_does_not_come(threads: int) -> None:
    running = threading.Semaphore()
    seen: list[int] = []

    def odd(item: int) -> int | None:
        assert running.acquire(blocking=False)  # one item at a time
        seen.append(item)
        running.release()
        return item if item % 2 else None

    stages = run(iter(range(500)), Step(odd, 3), Step(lambda n: n * 10, 1), threads=threads)
    assert list(stages) == [10 * n for n in range(1, 500, 2)]
    assert seen == list(range(500))
    assert stages.close()


@THREADS
def test_nothing_gives_nothing(threads: int) -> None:
    assert list(run(iter([]), Step(str, 2), threads=threads)) == []


@THREADS
def test_steps_stay_only_a_few_items_ahead_of_the_reader(threads: int) -> None:
    made: list[int] = []

    def source() -> Iterator[int]:
        for number in range(300):
            made.append(number)
            yield number

    stages = run(source(), Step(lambda n: n + 1, 2), threads=threads)
    ahead = [len(made) - read for read, _ in enumerate(stages, start=1)]
    assert len(ahead) == 300
    assert max(ahead) <= 7  # four to be read, two before the step, one being made


@THREADS
def test_an_error_comes_after_the_results_before_it(threads: int) -> None:
    def broken(item: int) -> int:
        if item == 5:
            raise ValueError("broken")
        return item

    reader = iter(run(iter(range(100)), Step(broken, 4), Step(lambda n: n, 4), threads=threads))
    assert [next(reader) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="broken"):
        next(reader)


@THREADS
def test_of_two_errors_that_of_the_earlier_item_is_raised(threads: int) -> None:
    def source() -> Iterator[int]:
        yield from range(3)
        raise OSError("the source, after item 2")

    def broken(item: int) -> int:
        if item == 2:
            raise ValueError("item 2")
        return item

    reader = iter(run(source(), Step(broken, 8), threads=threads))
    assert [next(reader), next(reader)] == [0, 1]
    with pytest.raises(ValueError, match="item 2"):
        next(reader)


def test_a_step_that_waits_for_the_other_threads_work_is_not_alone() -> None:
    started, reader = threading.Event(), threading.get_ident()

    def first(item: int) -> int:
        if threading.get_ident() != reader:
            started.set()
        return item

    def second(item: int) -> int:
        if threading.get_ident() == reader:  # the reader is in here: the other one goes on
            assert started.wait(10)
        return item

    stages = run(iter(range(50)), Step(first, 4), Step(second, 4), threads=2)
    assert list(stages) == list(range(50))
    assert stages.close()


def test_closing_in_the_middle_ends_the_threads() -> None:
    before = set(threading.enumerate())
    stages = run(iter(range(1000)), Step(lambda n: n, 4), threads=4)
    assert next(iter(stages)) == 0
    assert stages.close()
    until(lambda: not set(threading.enumerate()) - before)
