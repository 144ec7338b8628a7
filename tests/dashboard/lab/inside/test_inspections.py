"""Inspections of a network that do not block the page."""

from __future__ import annotations

import threading

import pytest

from dashboard.lab.inside.inspections import InspectionService
from fer_core.errors import DataError


def test_a_look_is_made_once_and_a_failed_one_again() -> None:
    looks, made, gate = InspectionService(), [], threading.Event()

    def work(_process: object) -> int:
        made.append(1)
        gate.wait(20)
        return len(made)

    first = looks.ask("face", work)
    assert looks.ask("face", work) is first
    assert not looks.soon(first)  # the page is drawn meanwhile
    gate.set()
    assert first.result(20) == 1

    def fail(_process: object) -> int:
        raise DataError("The data set is gone.", "Put it back.")

    failed = looks.ask("other", fail)
    assert looks.soon(failed)
    with pytest.raises(DataError, match="gone"):
        failed.result()
    assert looks.ask("other", lambda _process: 7).result(20) == 7
    looks.close()
