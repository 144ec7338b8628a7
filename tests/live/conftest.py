"""Fixtures of the live tests: a home whose cache has the face networks, and its engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.home import Home
from fer_core.live import Engines


@pytest.fixture(scope="session")
def live_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The face networks, exported once a run."""
    return tmp_path_factory.mktemp("live") / "cache"


@pytest.fixture(scope="session")
def engines(live_cache: Path) -> Engines:
    return Engines.open(Home(live_cache.parent))
