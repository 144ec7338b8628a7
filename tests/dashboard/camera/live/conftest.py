"""A state whose face networks are there already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.state import AppState
from fer_core.home import Home
from tests.networks import with_networks


@pytest.fixture
def state(home: Home, face_networks: Path) -> Iterator[AppState]:
    home.root.mkdir(parents=True)
    with_networks(home, face_networks)
    opened = AppState(home)
    yield opened
    opened.close()
