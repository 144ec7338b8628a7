"""Fixtures of the live tests: a home whose cache has the face networks, and its engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.home import Home
from fer_core.live import Engines
from tests.networks import with_networks


@pytest.fixture(scope="session")
def live_home(tmp_path_factory: pytest.TempPathFactory, face_networks: Path) -> Home:
    """A home whose cache has the face networks, for processes of their own."""
    return with_networks(Home(tmp_path_factory.mktemp("live")), face_networks)


@pytest.fixture(scope="session")
def engines(live_home: Home) -> Engines:
    return Engines.open(live_home)
