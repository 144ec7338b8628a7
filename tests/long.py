"""Tests that run in ``make attack`` alone: what they watch changes seldom, and they take long."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

#: For a whole module: ``pytestmark = [*ONLY_LONG]``.
ONLY_LONG = (
    pytest.mark.long,
    pytest.mark.skipif(not os.environ.get("RAPT_LONG"), reason="long: `make attack` runs it"),
)


def only_long(test: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a test as one of those."""
    for mark in ONLY_LONG:
        test = mark(test)
    return test
