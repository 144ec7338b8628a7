"""One world for all tests of access."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dashboard.access.world import World, made


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with made(tmp_path_factory.mktemp("world")) as found:
        yield found
