"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from fer_core.home import Home

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The public data sets and clips beside the project; a user's machine has none."""
    folder = PROJECT.parent / "shared"
    if not (folder / "data" / "fer2013" / "fer2013.py").exists():
        pytest.skip("the public data beside the project (../shared) is not on this machine")
    return folder


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A fresh, empty home."""
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def face_networks(request: pytest.FixtureRequest) -> Path:
    """A cache with the exported face networks. TensorFlow makes them once for all processes."""
    from fer_core.faces.networks import load_networks

    cache = request.config.cache
    assert cache is not None
    folder = Path(cache.mkdir("face-networks"))
    load_networks(folder)
    return folder


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demo study, made once a run: copy it, never open it."""
    from fer_core.storage import open_store
    from fer_core.studies.demo import plant_demo

    home = Home(tmp_path_factory.mktemp("demo") / "home")
    with open_store(home, look_after=False) as store:
        plant_demo(store)
    return home.root
