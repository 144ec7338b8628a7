"""Fixtures of the live tests: a home whose cache has the face networks, and its engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.home import Home
from fer_core.live import Engines


@pytest.fixture(scope="session")
def live_home(face_cache: Path) -> Home:
    """A home whose cache has the face networks, for processes of their own."""
    return Home(face_cache.parent)


@pytest.fixture(scope="session")
def engines(live_home: Home) -> Engines:
    return Engines.open(live_home)
